"""Whether two sentences tell the same: by the words they share, names aside. Cheap enough for a whole book."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

FEWEST_WORDS = 3
MOSTLY = 0.8
LARGELY = 0.7
_WORD = re.compile(r"\w+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")  # kana, Han, Hangul, Thai


@dataclass(frozen=True)
class Gist:
    """A sentence as it is compared: its telling words, its numbers, and the whole of it."""

    words: frozenset[str]
    numbers: frozenset[str]
    whole: str


def gist_of(text: str, names: Iterable[str] = ()) -> Gist:
    """Take the telling words out of a sentence; names tell nothing, since everybody does everything in a story."""
    aside = {word for name in names for word in _WORD.findall(name.casefold())}
    found = [word for word in _WORD.findall(text.casefold()) if word not in aside]
    telling = {part for word in found if not word.isdigit() for part in _parts(word)}
    return Gist(frozenset(telling), frozenset(filter(str.isdigit, found)), " ".join(text.casefold().split()))


def alike(one: Gist, other: Gist) -> bool:
    """Whether two sentences tell the same event; different numbers make different events."""
    if one.whole == other.whole:
        return True
    fewest, most = sorted((len(one.words), len(other.words)))
    if fewest < FEWEST_WORDS or one.numbers != other.numbers:
        return False
    shared = len(one.words & other.words)
    return shared >= MOSTLY * fewest and shared >= LARGELY * most


def overlap(one: Gist, other: Gist) -> int:
    """How many telling words two sentences share."""
    return len(one.words & other.words)


def _parts(word: str) -> list[str]:
    """A word; where a script leaves no spaces, its pairs of characters."""
    if _UNSPACED.search(word):
        return [word[i : i + 2] for i in range(max(1, len(word) - 1))]
    return [word] if len(word) > 3 else []
