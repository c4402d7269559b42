"""How a text is made: how rich its words are, how often it repeats itself, how much is spoken, how its sentences run.

Every measure is None where there is too little text for it to mean anything.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean, pstdev

from chorus.metrics.tokens import folded_words, sentences_of, words_of

WINDOW = 100
NGRAM = 4
_QUOTED = re.compile(
    r"“[^“”]*”|\"[^\"\n]*\"|«[^«»]*»|„[^„“”]*[“”]|「[^「」]*」|『[^『』]*』|(?<!\w)‘(?:[^‘’]|’(?=\w))*’(?!\w)"
)
_DASHED = re.compile(r"^[ \t]*[—–―][^\n]*", re.M)


def mattr(words: Sequence[str], window: int = WINDOW) -> float | None:
    """The share of different words in a moving window, on average; it does not depend on the text's length.

    ``words``: folded. Source: Covington and McFall (2010), the moving-average type-token ratio.
    """
    if len(words) < window:
        return None
    seen = Counter(words[:window])
    kinds = [len(seen)]
    for gone, come in zip(words, words[window:], strict=False):
        seen[gone] -= 1
        if not seen[gone]:
            del seen[gone]
        seen[come] += 1
        kinds.append(len(seen))
    return fmean(kinds) / window


def repetition_within(words: Sequence[str], n: int = NGRAM) -> float | None:
    """The share of a scene's runs of ``n`` words that were there before in the same scene."""
    grams = ngrams(words, n)
    return 1 - len(set(grams)) / len(grams) if grams else None


def repetition_across(scenes: Sequence[Sequence[str]], n: int = NGRAM) -> float | None:
    """The share of all runs of ``n`` words, from the second scene on, that an earlier scene has already used."""
    known: set[tuple[str, ...]] = set()
    again = total = 0
    for number, words in enumerate(scenes):
        grams = ngrams(words, n)
        if number:
            again += sum(gram in known for gram in grams)
            total += len(grams)
        known.update(grams)
    return again / total if total else None


def ngrams(words: Sequence[str], n: int) -> list[tuple[str, ...]]:
    """Every run of ``n`` words, in order."""
    return [tuple(words[at : at + n]) for at in range(len(words) - n + 1)]


def dialogue_share(text: str) -> float | None:
    """The share of words that somebody says: in quotation marks of any kind, or in a line that a dash begins."""
    total = len(words_of(text))
    if not total:
        return None
    if _QUOTED.search(text):
        return sum(len(words_of(found)) for found in _QUOTED.findall(text)) / total
    return sum(len(words_of(found)) for found in _DASHED.findall(text)) / total


def sentence_length(text: str) -> float | None:
    """Words of a sentence, on average."""
    lengths = _sentence_lengths(text)
    return fmean(lengths) if lengths else None


def sentence_rhythm(text: str) -> float | None:
    """How much neighbouring sentences differ in length, as a share of the average; 0 is a metronome."""
    lengths = _sentence_lengths(text)
    if len(lengths) < 5:
        return None
    return fmean(abs(after - before) for before, after in pairwise(lengths)) / fmean(lengths)


def sentence_variety(text: str) -> float | None:
    """How widely the lengths of sentences are spread, as a share of the average."""
    lengths = _sentence_lengths(text)
    return pstdev(lengths) / fmean(lengths) if len(lengths) >= 5 else None


def _sentence_lengths(text: str) -> list[int]:
    return [len(folded_words(sentence)) for sentence in sentences_of(text)]
