"""Names in a text: whom it names that nobody is, and whose name it has wrong."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from chorus.continuity.echoes import Echoes
from chorus.continuity.lexicon import BODY, CAPITALS, DEEDS, GESTURES, KIN, OPENERS, ROLES, SAID, TITLES, TO_SOMEBODY
from chorus.continuity.subject import Fault, Subject
from chorus.domain.canon import FaultKind, FindingCategory, Severity
from chorus.domain.story import Character

MOST = 4
_WORD = r"[^\W\d_]+(?:['’-][^\W\d_]+)*"
_TOKEN = re.compile(_WORD)
_CONTRACTED = re.compile(r"['’](?:ll|ve|re|d|m|t)$")
_POSSESSIVE = re.compile(r"['’]s?$")
_BEGINS = re.compile(r"(?:^|[“”\"'‘«»„(){}\[\]—–。！？:;…]|--|\n)\s*$")
_AFTER = re.compile(rf"^(?:\s+[a-z]+ly)?\s+(?P<verb>{_WORD})")
_OWNS = re.compile(rf"^['’]s?\s+(?P<part>{_WORD})(?:\s+(?P<next>{_WORD}))?")
_SPEAKER = re.compile(rf"[”\"’»]\s*(?P<verb>{_WORD})\s+$")
_OBJECT = re.compile(rf"\b(?P<verb>{_WORD})\s+$")
_CALLED = re.compile(
    r"(?:\b(?:called|named|nicknamed|known as|name (?:was|is)|names (?:were|are)|I am|I['’]m|this is|that is)\s+|"
    r"\b(?:a|an)\s+(?:[a-z]+\s+)*)[“\"‘']?$"
)
_NO_NAMES = CAPITALS | TITLES | OPENERS
_INTRODUCED = re.compile(r"^,\s+(?:an?|the|his|her|their|its|my|our|who|whose|one of|son|daughter|wife|husband)\b")


class Mention(NamedTuple):
    """A name as it stands in a text; ``begins`` if every word there would have a capital."""

    words: tuple[str, ...]
    start: int
    end: int
    begins: bool


@lru_cache(maxsize=16_384)
def fold(word: str) -> str:
    """A word without case, accents and possessive."""
    plain = unicodedata.normalize("NFKD", _POSSESSIVE.sub("", word))
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


def parts_of(character: Character) -> set[str]:
    """The words that may name a character."""
    words = [word for name in (character.name, *character.aliases) for word in _TOKEN.findall(name)]
    return {fold(part) for word in words for part in (word, *word.split("-")) if len(part) > 1}


def strangers(subject: Subject, echoes: Echoes, number: int) -> list[Fault]:
    """Find names that are nobody's, and those that are nearly somebody's."""
    named = {word: character.name for character in subject.cast for word in parts_of(character)}
    known = named.keys() | {fold(word) for word in _TOKEN.findall(subject.lore)}
    faults: dict[str, Fault] = {}
    for mention in mentions(subject):
        plain = [fold(part) for word in mention.words for part in (word, *word.split("-"))]
        if any(word in known or echoes.knows(word, number) for word in plain):
            continue
        near = _nearly(plain[0], named, subject.tag)
        if near and _is_somebody(subject, mention, near=True):
            fault = _renamed(subject, mention, near)
        elif _is_somebody(subject, mention) and not _is_introduced(subject, mention):
            fault = _stranger(subject, mention)
        else:
            known |= {plain[0]} if _is_introduced(subject, mention) else set()
            continue
        faults.setdefault(plain[0], fault)
    return list(faults.values())[:MOST]


def mentions(subject: Subject) -> Iterator[Mention]:
    """Every run of words with a capital that could be a name, without titles; one that starts a sentence is marked."""
    common = {word for word in _TOKEN.findall(subject.text) if word.islower()}
    starts = {start for start, _ in subject.sentences}
    run: list[re.Match[str]] = []
    for match in [*_TOKEN.finditer(subject.text), None]:
        capital = match is not None and match.group()[0].isupper()
        if run and not (capital and match and subject.text[run[-1].end() : match.start()] == " "):
            yield from _mention(subject, run, starts, common)
            run = []
        if capital and match:
            run.append(match)


def _mention(subject: Subject, run: list[re.Match[str]], starts: set[int], common: set[str]) -> Iterator[Mention]:
    begins = run[0].start() in starts or bool(_BEGINS.search(subject.text[max(0, run[0].start() - 4) : run[0].start()]))
    while run and (run[0].group().casefold() in TITLES or (begins and _is_plain(run[0].group(), common))):
        begins = begins and run[0].group().casefold() in TITLES
        run = run[1:]
    words = tuple(_POSSESSIVE.sub("", match.group()) for match in run)
    if words and not any(_is_no_name(word, common) for word in words):
        last = run[-1].group()
        yield Mention(words, run[0].start(), run[-1].end() - len(last) + len(words[-1]), begins)


def _is_plain(word: str, common: set[str]) -> bool:
    plain = _POSSESSIVE.sub("", word).casefold()
    return plain in OPENERS or plain in common or bool(_CONTRACTED.search(word))


def _is_no_name(word: str, common: set[str]) -> bool:
    plain = word.casefold()
    return plain in _NO_NAMES or plain in common or len(word) < 2 or word.isupper()


def _is_somebody(subject: Subject, mention: Mention, *, near: bool = False) -> bool:
    """Whether the text treats the name as a person's; a word at a sentence's beginning needs the surest signs."""
    before, after = (
        subject.text[max(0, mention.start - 40) : mention.start],
        subject.text[mention.end : mention.end + 40],
    )
    titled = (word := _last_word(before)) is not None and word.rstrip(".").casefold() in TITLES and word[0].isupper()
    spoke = (found := _SPEAKER.search(before)) is not None and found["verb"].casefold() in SAID
    met = (found := _OBJECT.search(before)) is not None and found["verb"].casefold() in TO_SOMEBODY
    owns = (found := _OWNS.search(after)) is not None and bool(set(found.groups()) & (BODY | KIN))
    if titled or spoke or met or (owns and (near or not mention.begins)):
        return True
    verb = found["verb"].casefold() if (found := _AFTER.search(after)) else ""
    if mention.begins and not near:
        again = not mention.words[0].endswith("s") and _is_told_again(subject, mention)
        return _may_be_named(mention.words[0]) and (verb in GESTURES | SAID or owns or (again and verb in DEEDS))
    if re.search(r"\b(?:the|in|at|of|from|to|near|into|on|over|through)\s+$", before, re.I):
        return False
    return verb in SAID | GESTURES | DEEDS or (_is_addressed(subject, mention) and not mention.begins)


def _is_told_again(subject: Subject, mention: Mention) -> bool:
    return len(re.findall(rf"\b{re.escape(mention.words[0])}\b", subject.text)) > 1


def _may_be_named(word: str) -> bool:
    return not word.endswith(("ly", "ing", "tion", "ness", "ments", "ers", "ings"))


def _is_addressed(subject: Subject, mention: Mention) -> bool:
    """Whether somebody is spoken to by this name: “Come here, Tam.” does."""
    before, after = subject.text[: mention.start], subject.text[mention.end : mention.end + 1]
    return subject.is_quoted(mention.start) and bool(re.search(r"[a-z],\s$", before[-4:])) and after in set(",.!?")


def _is_introduced(subject: Subject, mention: Mention) -> bool:
    """Whether the text says who this is where it names them first."""
    first = re.search(rf"\b{re.escape(mention.words[0])}\b", subject.text)
    start = first.start() if first else mention.start
    end = start + (mention.end - mention.start)
    before, after = subject.text[max(0, start - 60) : start], subject.text[end : end + 40]
    roles = [word.casefold() for word in _TOKEN.findall(before)[-2:] if word.islower()]
    tells_role = bool(set(roles[-1:]) & ROLES) and re.search(r"[a-z],?\s+$", before) is not None
    return tells_role or bool(_CALLED.search(before) or _INTRODUCED.search(after))


def _last_word(before: str) -> str | None:
    found = re.search(rf"({_WORD}\.?)\s+$", before)
    return found.group(1) if found else None


def _nearly(word: str, named: dict[str, str], tag: str) -> str | None:
    """Whose name a word nearly is; languages that bend names at their end may do so, and a short form is no mistake."""
    for known, name in named.items():
        shorter, longer = sorted((word, known), key=len)
        bent = tag != "en" and word[: len(known) - 1] == known[:-1]
        if len(shorter) < 4 or longer.startswith(shorter) or bent or word[0] != known[0]:
            continue
        if _distance(word, known) <= (1 if len(known) < 7 else 2):
            return name
    return None


def _distance(word: str, other: str) -> int:
    """Letters to change, add, drop or swap with a neighbour. Source: Damerau 1964, optimal string alignment."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(word, 1):
        before, last = row, before
        row = [i]
        for j, b in enumerate(other, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and word[i - 2] == b:
                best = min(best, last[j - 2] + 1)
            row.append(best)
    return row[-1]


def _renamed(subject: Subject, mention: Mention, name: str) -> Fault:
    return Fault(
        kind=FaultKind.RENAMED,
        category=FindingCategory.CHARACTER,
        severity=Severity.MAJOR,
        description=f"“{' '.join(mention.words)}” is nobody; it is nearly the name of {name}.",
        quote=_around(subject, mention),
        other_quote=name,
    )


def _stranger(subject: Subject, mention: Mention) -> Fault:
    return Fault(
        kind=FaultKind.STRANGER,
        category=FindingCategory.CHARACTER,
        severity=Severity.MINOR,
        description=f"“{' '.join(mention.words)}” is nobody who is known, and the scene does not say who it is.",
        quote=_around(subject, mention),
        other_quote=", ".join(character.name for character in subject.cast),
    )


def _around(subject: Subject, mention: Mention) -> str:
    start, end = subject.sentence_at(mention.start)
    return subject.text[start : max(end, mention.end)]
