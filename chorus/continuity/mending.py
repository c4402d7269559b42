"""Whether it pays to have a text written again for what code found wrong in it."""

from collections.abc import Sequence

from chorus.continuity.subject import Fault
from chorus.domain.canon import FaultKind, Severity, Try

PATIENCE = 2
"""Texts in a row that kept the fault they were written again for; after so many a model is not asked again."""
BLIND = 2
ONE_IN = 4


def is_due(fault: Fault) -> bool:
    """Whether a fault is a reason to write a text again: a reader would notice, or the length is wrong."""
    return fault.severity is Severity.MAJOR or fault.kind is FaultKind.LENGTH


def pays(kind: FaultKind, tries: Sequence[Try], number: int, unseen: int = 0) -> bool:
    """Whether to try for scene ``number``, by the tries that may be known to it, in story order.

    A scene is written again once for its length, and for anything else until it does not help; a model that has shown
    itself deaf is not asked again. ``unseen`` scenes before this one are written side by side with it: until their
    tries are known, only few try, so that a deaf model is not found out by all at once.
    """
    of_kind = [each for each in tries if each.kind is kind]
    own = [each for each in of_kind if each.scene == number]
    if own and (kind is FaultKind.LENGTH or not own[-1].helped):
        return False
    before = [each for each in of_kind if each.scene < number]
    patience = 1 if unseen else PATIENCE
    if before:
        return len(before) < patience or any(each.helped for each in before[-patience:])
    return unseen < BLIND or number % ONE_IN == 1
