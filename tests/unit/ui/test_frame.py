import gc

from chorus.ui import frame


def test_what_is_loaded_before_the_first_visitor_is_out_of_the_collectors_sight() -> None:
    frame.announce()
    try:
        assert gc.get_freeze_count() > 10 * len(gc.get_objects())
    finally:
        gc.unfreeze()
