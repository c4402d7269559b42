"""Drift of script and language: sentences in letters or in words that the story's language does not use."""

import re
import unicodedata
from collections import Counter
from functools import lru_cache

from chorus.continuity.stop_words import STOP_WORDS
from chorus.continuity.subject import Fault, Subject
from chorus.domain.canon import FaultKind, FindingCategory, Severity

MOST = 3
FEWEST_WORDS = 5
FEWEST_STRAYS = 4
"""Letters of another script in a sentence; fewer are a sign or a name."""
MANY_STRAYS = 12
MAJOR_SHARE = 0.1
_SCRIPTS = {
    tag: frozenset(scripts.split())
    for tags, scripts in {
        "ru uk be bg sr mk kk mn": "CYRILLIC",
        "ar fa ur": "ARABIC",
        "he yi": "HEBREW",
        "hi mr ne": "DEVANAGARI",
        "ja": "CJK HIRAGANA KATAKANA",
        "zh": "CJK",
        "ko": "HANGUL CJK",
        "el": "GREEK",
        "th": "THAI",
        "ka": "GEORGIAN",
        "hy": "ARMENIAN",
        "bn": "BENGALI",
        "ta": "TAMIL",
        "te": "TELUGU",
    }.items()
    for tag in tags.split()
}
_WORD = re.compile(r"[^\W\d_]+")


def foreign(subject: Subject) -> list[Fault]:
    """Find sentences in another script or language; what is said aloud may be, as long as it is little."""
    own = _SCRIPTS.get(subject.tag) or (frozenset({"LATIN"}) if subject.tag in STOP_WORDS else _commonest(subject.text))
    strays: list[tuple[int, int, str]] = []
    for start, end in subject.sentences:
        if strange := _script_of(subject.text[start:end], own) or _tongue_of(subject, start, end):
            strays.append((start, end, strange))
    told = [stray for stray in strays if not _is_aside(subject, *stray[:2])]
    if len(strays) > max(2, len(subject.sentences) * 0.2):
        told = strays
    share = sum(end - start for start, end, _ in told) / max(1, len(subject.text))
    severity = Severity.MAJOR if len(told) > 1 or share >= MAJOR_SHARE else Severity.MINOR
    return [_fault(subject, stray, severity) for stray in told[:MOST]]


def _fault(subject: Subject, stray: tuple[int, int, str], severity: Severity) -> Fault:
    start, end, strange = stray
    return Fault(
        kind=FaultKind.LANGUAGE,
        category=FindingCategory.STYLE,
        severity=severity,
        description=f"The story is in {subject.language}; this sentence is {strange}.",
        quote=subject.text[start:end],
        other_quote=subject.language,
    )


def _is_aside(subject: Subject, start: int, end: int) -> bool:
    """Whether most of a sentence is said aloud."""
    inside = sum(max(0, min(end, last) - max(start, first)) for first, last in subject.quoted)
    return inside > (end - start) / 2


def _script_of(sentence: str, own: frozenset[str]) -> str | None:
    counted = Counter(_script(letter) for letter in sentence if letter.isalpha())
    strays = Counter({script: count for script, count in counted.items() if script not in own})
    if strays.total() < min(MANY_STRAYS, max(FEWEST_STRAYS, 0.3 * counted.total())):
        return None
    return f"in {strays.most_common(1)[0][0].capitalize()} letters"


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    return unicodedata.name(letter, "UNKNOWN").split(" ", 1)[0].split("-", 1)[0]


def _commonest(text: str) -> frozenset[str]:
    counted = Counter(_script(letter) for letter in text if letter.isalpha())
    return frozenset({counted.most_common(1)[0][0]} if counted else ())


def _tongue_of(subject: Subject, start: int, end: int) -> str | None:
    """Which other language the small words of a sentence are of; names, which have a capital, say nothing."""
    if subject.tag not in STOP_WORDS:
        return None
    sentence = subject.text[start:end]
    words = [word for at, word in enumerate(_WORD.findall(sentence)) if at == 0 or word.islower()]
    plain = [word.casefold() for word in words]
    if len(plain) < FEWEST_WORDS:
        return None
    shares = {tag: sum(word in known for word in plain) for tag, (_, known) in STOP_WORDS.items()}
    best = max(shares, key=lambda tag: shares[tag])
    own = shares[subject.tag]
    if shares[best] >= max(3, 0.3 * len(plain)) and shares[best] >= 2 * own + 1:
        return f"in {STOP_WORDS[best][0]}"
    return None
