"""Seams: an ending is not told again at the beginning of the next scene."""

from chorus.continuity import Echoes, Subject, look_over
from chorus.continuity.seams import echoes, without_echo
from chorus.domain.canon import FaultKind, Severity

BEFORE = "It rained all day. The lamp went out, and nobody moved."
TEXT = (
    "Then a door opened somewhere below, and slow steps came up the stairs. Mara held her breath until they had "
    "passed. “It is only the wind,” she said."
)


def test_an_opening_that_says_the_ending_before_again_is_an_echo() -> None:
    assert echoes(BEFORE, f"The lamp went out, and nobody moved. {TEXT}")
    assert not echoes(BEFORE, f"Nobody moved. {TEXT}")
    assert not echoes("", f"The lamp went out, and nobody moved. {TEXT}")


def test_a_text_begins_after_what_was_told_last() -> None:
    assert without_echo(BEFORE, f"The lamp went out, and nobody  moved.\n\n{TEXT}") == TEXT
    assert without_echo(BEFORE, TEXT) == TEXT
    assert without_echo(f"{BEFORE} {TEXT}", TEXT) == TEXT, "a scene told again as a whole is not emptied"


def test_both_neighbours_are_looked_at() -> None:
    begun = Subject(text=f"Rain. The lamp went out, and nobody moved. {TEXT}", before=BEFORE)
    ended = Subject(text=f"{TEXT} {BEFORE}", after=f"The lamp went out, and nobody moved. {TEXT}")
    for subject, other in ((begun, 1), (ended, 3)):
        (fault,) = look_over(subject, Echoes(), 2)
        assert (fault.kind, fault.severity, fault.other_scene) == (FaultKind.REPETITION, Severity.MINOR, other)
        assert fault.quote in subject.text
