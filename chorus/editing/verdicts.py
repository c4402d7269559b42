"""What becomes of a scene's facts when its text is edited: decided by the words alone, no model is asked.

A fact stands on its evidence. Where that still stands in the text, word for word, the fact is kept. Where it was
reworded, the fact is kept if none of its own words went, restated if the exchanged words stand in it, else retracted.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from uuid import UUID

from chorus.domain.canon import Fact
from chorus.domain.diff import Piece, diff_prose, follow, substitutions
from chorus.domain.edit import FactChange, FactDecision, Verdict
from chorus.domain.prose import sentences

_WORD = re.compile(r"\w+(?:['’]\w+)?")
_ARTICLE = re.compile(r"^(?:an?|the)\s+", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_NUMBERS = frozenset(
    {"two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen"}
    | {"fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty", "thirty", "forty", "fifty"}
    | {"sixty", "seventy", "eighty", "ninety", "hundred", "thousand", "million", "half", "twice", "dozen"}
)
_DENIALS = frozenset({"not", "no", "never", "nobody", "nothing", "none", "neither", "nor", "without", "cannot"})
_NO_NAMES = frozenset({"I", "I'm", "I’m", "I'd", "I’d", "I'll", "I’ll", "I've", "I’ve"})
MOST_DETAILS = 12
MOST_EXCHANGED = 4
"""Words at one place."""


def judge_facts(
    facts: Sequence[Fact], before: str, after: str, decisions: Mapping[UUID, FactDecision] | None = None
) -> tuple[FactChange, ...]:
    """Say what becomes of each fact of a text when it is edited; a person's ``decisions`` count first."""
    pieces = diff_prose(before, after)
    decided = decisions or {}
    return tuple(_overruled(fact, _judged(fact, pieces, after), decided.get(fact.id), after) for fact in facts)


def changed_details(before: str, after: str, names: Iterable[str]) -> tuple[str, ...]:
    """The names and numbers that came or went between two texts, in words."""
    known = set(names)
    old, new = _details(before, known), _details(after, known)
    gone = [f"“{word}” is gone" for word in sorted((old - new).keys())]
    come = [f"“{word}” is new" for word in sorted((new - old).keys())]
    return tuple([*gone, *come][:MOST_DETAILS])


def telling_words(text: str) -> set[str]:
    """The words of a text that say something: numbers, denials, and those of four letters and more."""
    words = {word.casefold() for word in _WORD.findall(text)}
    return {word for word in words if len(word) > 3 or word in _NUMBERS | _DENIALS or any(c.isdigit() for c in word)}


def _judged(fact: Fact, pieces: Sequence[Piece], after: str) -> FactChange:
    if not fact.evidence or fact.span_start is None or fact.span_end is None:
        return _change(fact, Verdict.KEPT, "it stands on no passage of the text", fact)
    start, end = follow(pieces, fact.span_start, fact.span_end)
    if (at := _nearest(fact.evidence, after, start)) is not None:
        return _change(
            fact, Verdict.KEPT, "its passage stands as it was", _anchored(fact, after, at, at + len(fact.evidence))
        )
    if not after[start:end].strip():
        return _change(fact, Verdict.RETRACTED, f"the passage it stood on is gone: “{fact.evidence}”")
    start, end = _whole_sentences(after, start, end)
    return _reworded(_anchored(fact, after, start, end), fact)


def _reworded(moved: Fact, fact: Fact) -> FactChange:
    """Judge a fact whose passage now has other words."""
    lost = telling_words(fact.evidence) - telling_words(moved.evidence)
    gained = telling_words(moved.evidence) - telling_words(fact.evidence)
    reads = f"its passage now reads “{moved.evidence}”"
    weighty = _weighty(fact.evidence) ^ _weighty(moved.evidence)
    if not lost & telling_words(fact.statement) and not weighty:
        return _change(fact, Verdict.KEPT, f"{reads}, which says it still", moved)
    restated = exchange_words(fact.statement, fact.evidence, moved.evidence)
    same_otherwise = 2 * len(lost) <= len(telling_words(fact.evidence))  # else another thing is told there
    if same_otherwise and restated != fact.statement and not lost & telling_words(restated) and not gained & _DENIALS:
        return _change(fact, Verdict.RESTATED, reads, moved.model_copy(update={"statement": restated}))
    return _change(fact, Verdict.RETRACTED, reads)


def exchange_words(text: str, before: str, after: str) -> str:
    """A text with the few words exchanged in it that were exchanged between two others."""
    for removed, added in substitutions(diff_prose(before, after)):
        old, new = _bare(removed), _bare(added)
        if max(len(old.split()), len(new.split())) > MOST_EXCHANGED:
            continue
        if old and new and (exchanged := _exchanged(text, old, new)) != text:
            text = exchanged
        elif old and new:
            text = _exchanged(text, _ARTICLE.sub("", old), _ARTICLE.sub("", new))
    return text


def _exchanged(text: str, old: str, new: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", partial(_said, new), text, flags=re.IGNORECASE) if old else text


def _said(words: str, _match: re.Match[str]) -> str:
    return words


def _overruled(fact: Fact, judged: FactChange, decision: FactDecision | None, after: str) -> FactChange:
    if decision is None:
        return judged
    said = "so a person has decided"
    if decision.verdict is Verdict.RETRACTED:
        return _change(fact, Verdict.RETRACTED, said)
    anchored = judged.after or _anchored(fact, after, None, None)
    statement = decision.statement.strip()
    if decision.verdict is Verdict.RESTATED and statement and statement != fact.statement:
        return _change(fact, Verdict.RESTATED, said, anchored.model_copy(update={"statement": statement}))
    return _change(fact, Verdict.KEPT, said, anchored.model_copy(update={"statement": fact.statement}))


def _change(fact: Fact, verdict: Verdict, reason: str, after: Fact | None = None) -> FactChange:
    return FactChange(verdict=verdict, reason=reason, before=fact, after=after)


def _anchored(fact: Fact, text: str, start: int | None, end: int | None) -> Fact:
    evidence = text[start:end] if start is not None else ""
    return fact.model_copy(update={"evidence": evidence, "span_start": start, "span_end": end})


def _nearest(evidence: str, text: str, place: int) -> int | None:
    """Where the evidence stands nearest to a place."""
    found: list[int] = []
    at = text.find(evidence)
    while at >= 0:
        found.append(at)
        at = text.find(evidence, at + 1)
    return min(found, key=lambda start: abs(start - place), default=None)


def _whole_sentences(text: str, start: int, end: int) -> tuple[int, int]:
    touched = [(a, b) for a, b in sentences(text) if a < end and b > start]
    return (touched[0][0], touched[-1][1]) if touched else (start, end)


def _weighty(text: str) -> set[str]:
    """The words of a text that change what it says however well the rest is kept: numbers and denials."""
    words = {word.casefold() for word in _WORD.findall(text)}
    denied = {word for word in words if word in _DENIALS or word.endswith(("n't", "n’t"))}
    return denied | (words & _NUMBERS) | set(_NUMBER.findall(text))


def _details(text: str, known: set[str]) -> Counter[str]:
    """The names and numbers of a text, counted; a capital at the beginning of a sentence makes no name of a word."""
    found = Counter(_NUMBER.findall(text))
    found.update(word.casefold() for word in _WORD.findall(text) if word.casefold() in _NUMBERS)
    for start, end in sentences(text):
        words = list(_WORD.finditer(text, start, end))
        found.update(
            w.group() for place, w in enumerate(words) if _is_name(w.group(), known, begins=_begins(text, w, place))
        )
    return found


def _begins(text: str, word: re.Match[str], place: int) -> bool:
    """Whether a word begins a sentence, or what somebody says."""
    return place == 0 or text[: word.start()].endswith(('"', "“", "‘", "«", "„", "(", "—", ": "))


def _is_name(word: str, known: set[str], *, begins: bool) -> bool:
    stem = re.sub(r"['’]s$", "", word)
    return stem in known or (word not in _NO_NAMES and not begins and word[:1].isupper())


def _bare(text: str) -> str:
    return re.sub(r"^\W+|\W+$", "", text)
