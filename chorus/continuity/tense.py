"""A break in the tense: narration in the present where the past is asked for. English alone is known so well."""

import re
from collections.abc import Iterator

from chorus.continuity.subject import Fault, Subject
from chorus.continuity.word_list import words_of
from chorus.domain.canon import FaultKind, FindingCategory, Severity

FEWEST = 3
MOST_QUOTED = 1
_PRESENT = words_of(
    """
    is are am has does says stands sits sees looks takes feels knows hears turns walks runs comes goes gets
    makes finds holds watches waits begins keeps leaves tells asks answers thinks wants tries opens closes steps
    reaches falls rises shines smiles nods whispers speaks moves starts stops gazes stares sets pulls pushes
    picks puts lies lights listens remembers realizes notices drifts glows burns breathes follows returns enters
    appears seems becomes lets brings gives
    """
)
_PAST = words_of(
    """
    was were had did said stood sat saw looked took felt knew heard turned walked ran came went got made found
    held watched waited began kept left told asked answered thought wanted tried opened closed stepped reached
    fell rose shone smiled nodded whispered spoke moved started stopped gazed stared pulled pushed picked lay
    lit listened remembered realized noticed drifted glowed burned breathed followed returned entered appeared
    seemed became brought gave could would might
    """
)
_WORD = re.compile(r"[A-Za-z]+")


def tense(subject: Subject) -> list[Fault]:
    """Find narration that is mostly in the present tense, or has fallen into it for some sentences in a row."""
    if subject.tag != "en" or not subject.in_past:
        return []
    told = list(_tenses(subject))
    strays = [span for span, present in told if present]
    if len(strays) < FEWEST or 2 * len(strays) < len(told):
        return []
    return [_fault(subject, span) for span in strays[:MOST_QUOTED]]


def _tenses(subject: Subject) -> Iterator[tuple[tuple[int, int], bool]]:
    """The sentences of the narration whose tense is plain, each with whether that is the present."""
    for start, end in subject.sentences:
        words = [
            match.group().casefold()
            for match in _WORD.finditer(subject.text, start, end)
            if not subject.is_quoted(match.start())
        ]
        now, then = sum(word in _PRESENT for word in words), sum(word in _PAST for word in words)
        if now != then:
            yield (start, end), now > then


def _fault(subject: Subject, span: tuple[int, int]) -> Fault:
    quote = subject.text[slice(*span)]
    said = "The scene is told in the present tense; tell all of it in the past tense."
    return Fault(FaultKind.TENSE, FindingCategory.STYLE, Severity.MAJOR, said, quote, "the past tense")
