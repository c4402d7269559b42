"""Named points at which a test may stop the process, to prove that nothing is lost there.

Production code reaches them openly and nothing happens: only a test arms one, from Python, never by a setting.
"""

from collections.abc import Callable
from enum import StrEnum


class Failpoint(StrEnum):
    """Where the way of an answer, from the question to the book, can be cut."""

    BEFORE_SEND = "before_send"
    IN_FLIGHT = "in_flight"
    ANSWER_BEFORE_LEDGER = "answer_before_ledger"
    LEDGER_BEFORE_COMMIT = "ledger_before_commit"
    AFTER_COMMIT = "after_commit"


_armed: dict[Failpoint, Callable[[], None]] = {}


def reach(point: Failpoint) -> None:
    """Pass a point; does what a test has armed there."""
    if _armed and (action := _armed.get(point)):
        action()


def arm(point: Failpoint, action: Callable[[], None]) -> None:
    """Do ``action`` whenever the point is reached."""
    _armed[point] = action


def disarm() -> None:
    """Let all points be harmless again."""
    _armed.clear()
