"""Near-repetition: sentences that say with almost the same words what an earlier scene says; one alone is a refrain."""

from chorus.continuity.echoes import Echoes
from chorus.continuity.subject import Fault, Subject
from chorus.domain.canon import FaultKind, FindingCategory, Severity
from chorus.domain.words import count_words

FEWEST = 3
LEAST_SHARE = 0.34
"""Of a scene's words, in sentences told before: less is how people speak."""
MOST = 3


def refrains(subject: Subject, echoes: Echoes, number: int) -> list[Fault]:
    """Find the sentences of a scene that are told again, if they are a third of it and more."""
    again = [
        (span, twin)
        for span in subject.sentences
        if not subject.is_quoted(span[0]) and (twin := echoes.twin_of(subject.text[slice(*span)], number))
    ]
    words = sum(count_words(subject.text[slice(*span)]) for span, _ in again)
    if len(again) < FEWEST or words < LEAST_SHARE * count_words(subject.text):
        return []
    return [
        Fault(
            kind=FaultKind.REPETITION,
            category=FindingCategory.STYLE,
            severity=Severity.MAJOR,
            description=f"Scene {scene} says this already; let something new happen, in other words.",
            quote=subject.text[slice(*span)],
            other_quote=sentence,
            other_scene=scene,
        )
        for span, (scene, sentence) in again[:MOST]
    ]
