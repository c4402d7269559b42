"""What was said before: an index of the runs of words of earlier scenes, so that a repeated passage is found at once.

Looking a text up costs time by its own length, however long the story is.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator, KeysView
from typing import NamedTuple

from chorus.domain.prose import sentences

RUN = 6
"""Words that must be the same, one after another, before two passages are compared at all."""
SLACK = 4
"""Words that may differ between two such runs of one passage."""
FEWEST_WORDS = 14
"""A shorter passage is a phrase, not a passage."""
FEWEST_TELLING = 4
"""Words that tell something and are the same, and their share, in two sentences that say the same."""
ALIKE = 0.8
MOST_COMMON = 200
MOST_TRIED = 8
_TELLING = re.compile(r"[^\W\d_]{4,}")
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+(?:['’][^\W_]+)?")
_CAPITAL = re.compile(r"[^\W\d_]+")


class Echo(NamedTuple):
    """A passage that stands elsewhere too; spans are (start, end) in the two texts, ``scene`` None: the same text."""

    span: tuple[int, int]
    other: tuple[int, int]
    words: int
    scene: int | None


class _Words:
    """The words of a text and where they stand."""

    def __init__(self, text: str) -> None:
        self.spans = [match.span() for match in _WORD.finditer(text)]
        self.plain = [sys.intern(text[start:end].casefold()) for start, end in self.spans]

    def runs(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        for at in range(len(self.plain) - RUN + 1):
            yield at, tuple(self.plain[at : at + RUN])


def _telling(sentence: str) -> frozenset[str]:
    """What a sentence tells, in word stems; what begins with a capital is a name, and everybody does everything."""
    return frozenset(word[:5] for word in _TELLING.findall(sentence) if word.islower())


def runs_of(text: str) -> frozenset[tuple[str, ...]]:
    """The runs of words in a text: only what has one in common with another text can stand in both."""
    return frozenset(run for _, run in _Words(text).runs())


class Echoes:
    """The runs of words of the scenes a story has so far, and the words they use."""

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}
        self._spans: dict[int, list[tuple[int, int]]] = {}
        self._plain: dict[int, list[str]] = {}
        self._first: dict[int, list[tuple[int, int]]] = {}
        self._names: dict[str, int] = {}
        self._common: dict[str, int] = {}
        self._sentences: list[tuple[int, tuple[int, int], frozenset[str]]] = []
        self._with: dict[str, list[int]] = {}
        """The sentences that have a telling word, by their place in the list."""

    @property
    def scenes(self) -> KeysView[int]:
        """The numbers of the scenes it knows."""
        return self._texts.keys()

    def add(self, scene: int, text: str) -> None:
        """Take in an approved text."""
        words = _Words(text)
        self._texts[scene], self._spans[scene], self._plain[scene] = text, words.spans, words.plain
        for at, run in words.runs():
            self._first.setdefault(hash(run), []).append((scene, at))
        for span in sentences(text):
            telling = _telling(text[slice(*span)])
            if len(telling) >= FEWEST_TELLING:
                self._sentences.append((scene, span, telling))
                for word in telling:
                    self._with.setdefault(word, []).append(len(self._sentences) - 1)
        for match in _CAPITAL.finditer(text):
            word = match.group()
            known = self._common if word.islower() else self._names
            known[word.casefold()] = min(scene, known.get(word.casefold(), scene))

    def text(self, scene: int) -> str:
        """The text of a scene it knows."""
        return self._texts[scene]

    def knows(self, word: str, before: int) -> bool:
        """Whether a word stood in a scene before ``before``, in capitals or not."""
        plain = word.casefold()
        return min(self._names.get(plain, before), self._common.get(plain, before)) < before

    def twin_of(self, sentence: str, before: int) -> tuple[int, str] | None:
        """The scene before ``before``, and the sentence of it, that says almost the same; None if there is none."""
        telling = _telling(sentence)
        if len(telling) < FEWEST_TELLING:
            return None
        rare = sorted((len(self._with.get(word, ())), word) for word in telling)
        shared = Counter(at for count, word in rare if count <= MOST_COMMON for at in self._with.get(word, ()))
        for at, _ in sorted(shared.items(), key=lambda entry: (-entry[1], entry[0]))[:MOST_TRIED]:
            scene, span, other = self._sentences[at]
            same = len(telling & other)
            if scene < before and same >= FEWEST_TELLING and same >= ALIKE * max(len(telling), len(other)):
                return scene, self._texts[scene][slice(*span)]
        return None

    def find(self, text: str, before: int, fewest: int = FEWEST_WORDS) -> list[Echo]:
        """Find the passages of ``fewest`` words or more that stand twice, or in a scene before ``before``."""
        words = _Words(text)
        seen: dict[tuple[str, ...], int] = {}
        links: list[tuple[int, int | None, int]] = []  # word, scene, word there
        for at, run in words.runs():
            earlier = self._earlier(run, before)
            if run in seen and at - seen[run] >= RUN:
                links.append((at, None, seen[run]))
            elif earlier:
                links.append((at, *earlier))
            seen.setdefault(run, at)
        return [echo for chain in _chains(links) if (echo := self._echo(words, chain, fewest))]

    def _earlier(self, run: tuple[str, ...], before: int) -> tuple[int, int] | None:
        for scene, at in self._first.get(hash(run), ()):
            if scene < before and tuple(self._plain[scene][at : at + RUN]) == run:
                return scene, at
        return None

    def _echo(self, words: _Words, chain: list[tuple[int, int | None, int]], fewest: int) -> Echo | None:
        (first, scene, there), (last, _, there_last) = chain[0], chain[-1]
        count = last + RUN - first
        if count < fewest:
            return None
        spans = words.spans if scene is None else self._spans[scene]
        return Echo(
            span=(words.spans[first][0], words.spans[last + RUN - 1][1]),
            other=(spans[there][0], spans[there_last + RUN - 1][1]),
            words=count,
            scene=scene,
        )


def _chains(links: list[tuple[int, int | None, int]]) -> Iterator[list[tuple[int, int | None, int]]]:
    """Runs that follow each other in both texts, with at most ``SLACK`` other words between them."""
    chain: list[tuple[int, int | None, int]] = []
    for link in links:
        if chain and not _follows(chain[-1], link):
            yield chain
            chain = []
        chain.append(link)
    if chain:
        yield chain


def _follows(before: tuple[int, int | None, int], link: tuple[int, int | None, int]) -> bool:
    step, step_there = link[0] - before[0], link[2] - before[2]
    return link[1] == before[1] and 0 < step <= RUN + SLACK and 0 < step_there <= RUN + SLACK
