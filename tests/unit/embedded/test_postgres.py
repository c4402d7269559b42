"""What the embedded server takes of the machine."""

from chorus.embedded.postgres import buffers_mb

GB = 2**30


def test_buffers_grow_with_the_machine_within_bounds() -> None:
    assert [buffers_mb(size * GB) for size in (1, 8, 24)] == [128, 512, 1024]
