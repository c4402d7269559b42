"""What was told and what a scene says of the same things: pairs of sentences worth comparing, the likeliest first."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from chorus.continuity.stop_words import STOP_WORDS
from chorus.domain.prose import sentences

MOST = 5
LIKELY = 0.2
"""How much two sentences share that speak of the same; what shares less often only has a word in common."""
STEM = 5
"""Letters of a word that count: what follows is mostly its ending."""
_WEAK = frozenset(
    {"nobody", "nothing", "everybody", "everything", "somebody", "something", "anybody", "any", "some", "each", "every"}
    | {
        "since",
        "until",
        "still",
        "never",
        "always",
        "ever",
        "also",
        "very",
        "too",
        "only",
        "just",
        "more",
        "most",
        "other",
    }
)
"""English words that stand in too many sentences to say that two of them speak of the same."""
_WORD = re.compile(r"[^\W\d_]{2,}|\d+")


class Pair(NamedTuple):
    """Two sentences: what was told ``before``, what a scene says ``now``, and how much they share."""

    before: str
    now: str
    shared: float = 0.0


def pairs_of(known: Iterable[str], text: str, names: Iterable[str] = (), language: str = "en") -> list[Pair]:
    """Pair each sentence of what is known with the sentence of a text that shares most with it, if one does.

    A rare word weighs more than a common one, a name counts only beside another word. The same words make the same
    pairs; both sentences of a pair stand in what was given as they are.
    """
    before = list(dict.fromkeys(sentence for told in known for sentence in _sentences(told)))
    now = _sentences(text)
    left_out = STOP_WORDS.get(language, STOP_WORDS["en"])[1] | _WEAK
    named = {word for name in names for word in _stems(name, frozenset())}
    told, said = [_stems(each, left_out) for each in before], [_stems(each, left_out) for each in now]
    common = Counter(word for words in (*told, *said) for word in words)
    found = [
        (-score, at, there)
        for at, words in enumerate(told)
        for score, there in [
            max(((_score(words, other, named, common), -i) for i, other in enumerate(said)), default=(0.0, 0))
        ]
        if score
    ]
    return [Pair(before[at], now[-there], -score) for score, at, there in sorted(found)[:MOST]]


def _score(words: frozenset[str], other: frozenset[str], named: set[str], common: Counter[str]) -> float:
    shared = words & other
    if shared <= named:
        return 0.0
    length = math.sqrt(len(words)) * math.sqrt(math.sqrt(len(other)))
    return sum(1 / common[word] for word in shared) / length


def _stems(text: str, left_out: frozenset[str]) -> frozenset[str]:
    words = (word.casefold() for word in _WORD.findall(text))
    return frozenset(word[:STEM] for word in words if word not in left_out)


def _sentences(text: str) -> Sequence[str]:
    return [text[start:end] for start, end in sentences(text)]
