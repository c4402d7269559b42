"""Whether people are called by their names, or by names that are nearly theirs."""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from chorus.metrics.tokens import words_of

LIKENESS = 0.75
SHORTEST = 4
_OWNED = re.compile(r"['’]s?$")


def name_consistency(texts: Iterable[str], cast: Sequence[str]) -> float | None:
    """The share of names that are spelt as the cast has them, among those that are the cast's or nearly so.

    ``cast``: every name and alias. None if nobody is named.
    """
    known = {part for name in cast for part in words_of(name) if len(part) >= SHORTEST and part[0].isupper()}
    right = wrong = 0
    for text in texts:
        plain = {word for word in words_of(text) if word[0].islower()}
        for word in map(_bare, words_of(text)):
            if word in known:
                right += 1
            elif _could_be_a_name(word, plain) and any(_nearly(word, name) for name in known):
                wrong += 1
    return right / (right + wrong) if right + wrong else None


def _bare(word: str) -> str:
    return _OWNED.sub("", word)


def _could_be_a_name(word: str, plain: set[str]) -> bool:
    """A word that also stands without its capital was only the first of its sentence."""
    return len(word) >= SHORTEST and word[0].isupper() and word.lower() not in plain


def _nearly(word: str, name: str) -> bool:
    if word.casefold() == name.casefold() or word[0] != name[0] or abs(len(word) - len(name)) > 2:
        return False
    return SequenceMatcher(None, word, name, autojunk=False).ratio() >= LIKENESS
