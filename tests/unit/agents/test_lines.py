import pytest

from chorus.agents.lines import one_sentence, without_labels


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("25, tall, a biologist, flaw: she is curious, voice: calm.", "25, tall, a biologist"),
        ("to find who lit the lantern; a voice: calm and", "to find who lit the lantern"),
        ("gentle, tie to the protagonist: a", "gentle"),
        ("Her one flaw is that she wants: everything", "Her one flaw is that she"),
        ("A baker who wants to leave. Her voice is low.", "A baker who wants to leave. Her voice is low."),
        ("voice: calm", "voice: calm"),
        ("", ""),
    ],
)
def test_a_part_of_a_profile_does_not_tell_the_others_again(given: str, kept: str) -> None:
    assert without_labels(given) == kept


def test_what_is_left_is_a_sentence() -> None:
    assert one_sentence(without_labels("18, a librarian, flaw: quiet, voice: gentle.")) == "18, a librarian."
