"""The length of a scene: what is asked for, what counts as met, and whether asking again pays."""

from collections.abc import Sequence
from typing import NamedTuple

from chorus.continuity.subject import Fault, Subject
from chorus.domain.canon import FaultKind, FindingCategory, Severity
from chorus.domain.words import count_words

TOLERANCE = 0.15
STEER = 0.10
"""How far a scene may leave its brief's words, to make up for what earlier scenes have too many or too few."""
CATCH_UP = 3
"""Over how many scenes that is made up."""
MOST_OFF = 1.25
"""How many times too long, or too short, a model is taken to write at most."""


class Told(NamedTuple):
    """An approved scene: the words its brief wanted, and the words it has."""

    target: int
    words: int


def is_met(words: int, target: int) -> bool:
    """Whether a scene has about the words its brief wants; no target is always met."""
    return target <= 0 or abs(words - target) <= TOLERANCE * target


def how_far(words: int, target: int) -> float:
    """How far a length is from what is wanted, as a share of it; 0 where that is met."""
    return 0.0 if is_met(words, target) else abs(words - target) / target


def steer(target: int, told: Sequence[Told], left: int, window: int = 1) -> int:
    """The words to ask for, so that the book comes out at its length: ``left`` scenes are to come, with this one.

    What earlier scenes lack or have too much is made up for; and a model that always writes more than it is asked for
    is asked for less. What was asked for is not kept: it follows from ``told``, as each scene saw it through its
    ``window``.
    """
    asked: list[int] = []
    for at, scene in enumerate(told):
        still = left + len(told) + window - 1 - at
        asked.append(_words_to_ask(scene.target, told[: max(0, at + 1 - window)], asked, still))
    return _words_to_ask(target, told, asked, left)


def _words_to_ask(target: int, told: Sequence[Told], asked: Sequence[int], left: int) -> int:
    share = sum(scene.target - scene.words for scene in told) / max(1, min(left, CATCH_UP))
    most = STEER * target
    due = target + max(-most, min(share, most))
    written = sum(scene.words for scene in told)
    ratio = (written + target) / max(1, sum(asked[: len(told)]) + target)  # one scene as asked: the first tells little
    return round(due / max(1 / MOST_OFF, min(ratio, MOST_OFF)))


def length(subject: Subject) -> list[Fault]:
    """Find a text that is too short or too long; its quote is where it ends."""
    words = count_words(subject.text)
    if is_met(words, subject.target_words) or not subject.sentences:
        return []
    wrong = "short" if words < subject.target_words else "long"
    return [
        Fault(
            kind=FaultKind.LENGTH,
            category=FindingCategory.STYLE,
            severity=Severity.MINOR,
            description=f"The scene is too {wrong}: {words} words, and about {subject.target_words} are wanted.",
            quote=subject.text[slice(*subject.sentences[-1])],
            other_quote=f"about {subject.target_words} words",
        )
    ]
