"""Repeated passages: within a scene, and of earlier scenes."""

from chorus.continuity.echoes import Echo, Echoes
from chorus.continuity.subject import Fault, Subject
from chorus.domain.canon import FaultKind, FindingCategory, Severity
from chorus.domain.words import count_words

MOST = 3
MAJOR_SHARE = 0.15
MAJOR_WORDS = 40
LONGEST_QUOTE = 400


def repetitions(subject: Subject, echoes: Echoes, number: int) -> list[Fault]:
    """Find what is told again; a reader notices a long passage, or many short ones."""
    found = echoes.find(subject.text, number)
    again = sum(echo.words for echo in found)
    notice = max(MAJOR_WORDS, MAJOR_SHARE * count_words(subject.text))
    severity = Severity.MAJOR if again >= notice else Severity.MINOR
    longest = sorted(found, key=lambda echo: (-echo.words, echo.span))[:MOST]
    return [_fault(subject, echoes, echo, severity) for echo in sorted(longest, key=lambda echo: echo.span)]


def _fault(subject: Subject, echoes: Echoes, echo: Echo, severity: Severity) -> Fault:
    source = subject.text if echo.scene is None else echoes.text(echo.scene)
    where = "earlier in this scene" if echo.scene is None else f"in scene {echo.scene}"
    return Fault(
        kind=FaultKind.REPETITION,
        category=FindingCategory.STYLE,
        severity=severity,
        description=f"A passage of {echo.words} words stands {where} already.",
        quote=_cut(subject.text[slice(*echo.span)]),
        other_quote=_cut(source[slice(*echo.other)]),
        other_scene=echo.scene,
    )


def _cut(quote: str) -> str:
    return quote if len(quote) <= LONGEST_QUOTE else quote[:LONGEST_QUOTE].rsplit(" ", 1)[0]
