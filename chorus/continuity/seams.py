"""Seams between neighbouring scenes: where one ends and the next begins, nothing is said twice."""

from chorus.continuity.subject import Fault, Subject
from chorus.domain.canon import FaultKind, FindingCategory, Severity
from chorus.domain.prose import sentences
from chorus.domain.words import count_words

ENDING_CHARACTERS = 500
LEAST_ENDING = 160
"""Of a short scene only its last third is told: a small model writes again what it reads as a whole."""
OPENING_CHARACTERS = 500
FEWEST_WORDS_OF_AN_ECHO = 5
FEWEST_WORDS_LEFT = 20


def ending_of(text: str) -> str:
    """The last sentences of a scene, as the next one is told them."""
    most = min(ENDING_CHARACTERS, max(LEAST_ENDING, len(text) // 3))
    starts = [start for start, _ in sentences(text) if len(text) - start <= most]
    return text[starts[0] :] if starts else text[-ENDING_CHARACTERS:]


def echoes(before: str, text: str) -> list[str]:
    """The sentences with which a scene begins that are also among those with which the one before it ends."""
    opening, last = text[:OPENING_CHARACTERS], _last(before)
    return [s for s in _sentences(opening) if count_words(s) >= FEWEST_WORDS_OF_AN_ECHO and _plain(s) in last]


def without_echo(before: str, text: str) -> str:
    """A text without the sentences at its very beginning with which the scene before ends already."""
    last, start = _last(before), 0
    for begin, end in sentences(text):
        start = begin
        if _plain(text[begin:end]) not in last:
            break
    rest = text[start:]
    return rest if start and count_words(rest) >= FEWEST_WORDS_LEFT else text


def seams(subject: Subject, number: int) -> list[Fault]:
    """Find what scene ``number`` says again at its beginning, and what the next one says again of its end."""
    begun, ended = echoes(subject.before, subject.text), echoes(subject.text, subject.after)
    found = [_fault(echo, "The scene begins with what the one before ends with.", number - 1) for echo in begun[:1]]
    return found + [
        _fault(echo, "The next scene begins with what this one ends with.", number + 1) for echo in ended[:1]
    ]


def _fault(echo: str, description: str, other: int) -> Fault:
    return Fault(FaultKind.REPETITION, FindingCategory.STYLE, Severity.MINOR, description, echo, echo, other)


def _last(before: str) -> set[str]:
    return {_plain(sentence) for sentence in _sentences(ending_of(before))}


def _sentences(text: str) -> list[str]:
    return [text[start:end].strip() for start, end in sentences(text)]


def _plain(sentence: str) -> str:
    return " ".join(sentence.casefold().split())
