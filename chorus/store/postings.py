"""Where words stand, as it lies in its tables and in columns; what it is worth is ``memory``'s to say.

A page tells of some memories of one story, a posting of one term in all memories of a shard (decision 0037). Terms are
known by the first four bytes of their hash: two words of a million have the same one time in four thousand.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

PAGE_BITS = 6
BLOCK_BITS = 10
ENTRY = np.dtype([("place", ">i2"), ("scene", ">i4"), ("times", "u1"), ("words", ">i2")])
"""One memory in a posting: place in its block, scene, how often the term stands there, words of the memory."""
HEAD = np.dtype([("story", "S16"), ("block", ">i4"), ("entries", ">i4")])
"""What the entries of one block begin with, kept apart: whose they are, and how many."""
PAGE = np.dtype([("story", "S16"), ("first", ">i8"), ("memories", ">i4"), ("terms", ">i4")])
"""A page's head: whose it is, its first memory, how many memories and terms it has."""
_DOC = np.dtype([("place", "u1"), ("scene", ">i4"), ("words", ">i2")])
_TERM = np.dtype([("hash", ">i4"), ("memories", "u1")])
_PLACE = np.dtype([("place", "u1"), ("times", "u1")])


def hash_of(term: str) -> int:
    """What a term is known by, as the database makes it."""
    return int.from_bytes(hashlib.sha256(term.encode()).digest()[:4], "big", signed=True)


@dataclass(frozen=True)
class PostingRow:
    """Where a term (by its hash) stands: the heads of its blocks, and their entries in the same order."""

    term: int
    heads: bytes
    entries: bytes

    @property
    def memories(self) -> int:
        """In how many memories it stands."""
        return len(self.entries) // ENTRY.itemsize


@dataclass(frozen=True)
class PageRows:
    """Pages, each column of all of them one after the other."""

    pages: bytes = b""
    docs: bytes = b""
    terms: bytes = b""
    entries: bytes = b""

    @property
    def memories(self) -> int:
        """How many memories they tell of."""
        return len(self.docs) // _DOC.itemsize


@dataclass(frozen=True)
class QueryTerm:
    """A stemmed word of a query, where it stands there, and whether English was what stemmed it."""

    term: str
    positions: tuple[int, ...] = ()
    english: bool = False


@dataclass(frozen=True)
class Postings:
    """Where terms, by their hashes, stand: one element of each column for a term in a memory.

    ``stories`` are the bytes of ids: of a thousand of them few are looked at.
    """

    terms: tuple[int, ...] = ()
    stories: tuple[bytes, ...] = ()
    term: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    story: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    doc: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    scene: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    times: Floats = field(default_factory=lambda: np.empty(0))
    words: Floats = field(default_factory=lambda: np.empty(0))

    @classmethod
    def of(cls, rows: Sequence[PostingRow], terms: Sequence[int]) -> "Postings":
        """Read rows; ``term`` and ``story`` count into ``terms`` and ``stories``."""
        places = {term: place for place, term in enumerate(terms)}
        heads = np.frombuffer(b"".join(row.heads for row in rows), HEAD)
        entries = np.frombuffer(b"".join(row.entries for row in rows), ENTRY)
        stories, story = _stories(heads["story"])
        term = np.array([places[row.term] for row in rows], np.int64)
        block = np.repeat(heads["block"].astype(np.int64), heads["entries"])
        return cls(
            terms=tuple(terms),
            stories=stories,
            term=np.repeat(term, [row.memories for row in rows]),
            story=np.repeat(story, heads["entries"]),
            doc=(block << BLOCK_BITS) + entries["place"],
            scene=entries["scene"].astype(np.int64),
            times=entries["times"].astype(np.float64),
            words=entries["words"].astype(np.float64),
        )

    @classmethod
    def of_pages(cls, rows: PageRows, terms: Sequence[int] | None = None) -> "Postings":
        """Read what pages tell of some terms, or of all that are in them."""
        pages = np.frombuffer(rows.pages, PAGE)
        known = np.frombuffer(rows.terms, _TERM)
        wanted = np.unique(known["hash"]) if terms is None else np.sort(np.array(terms, np.int64))
        here = np.flatnonzero(np.isin(known["hash"], wanted))
        ends = np.cumsum(known["memories"], dtype=np.int64)
        sizes = known["memories"][here].astype(np.int64)
        first = ends[here] - sizes
        entries = np.frombuffer(rows.entries, _PLACE)[_ranges(first, sizes)]
        page = np.repeat(np.searchsorted(np.cumsum(pages["terms"]), here, "right"), sizes)
        doc = _begin(pages)[page] + entries["place"]
        scene, words = _of_docs(rows, pages, doc)
        stories, story = _stories(pages["story"])
        order = np.argsort(np.array(terms, np.int64)) if terms is not None else np.arange(len(wanted))
        return cls(
            terms=tuple(wanted.tolist()) if terms is None else tuple(terms),
            stories=stories,
            term=np.repeat(order[np.searchsorted(wanted, known["hash"][here])], sizes),
            story=story[page],
            doc=doc,
            scene=scene,
            times=entries["times"].astype(np.float64),
            words=words,
        )

    def packed(self) -> list[PostingRow]:
        """Write rows, one a term."""
        order = np.lexsort((self.doc, self.story, self.term))
        term, story, doc = self.term[order], self.story[order], self.doc[order]
        entries = np.empty(len(order), ENTRY)
        entries["place"] = doc & ((1 << BLOCK_BITS) - 1)
        for name in ("scene", "times", "words"):
            entries[name] = getattr(self, name)[order]
        block = doc >> BLOCK_BITS
        starts = _changes(term, story, block)
        heads = np.empty(len(starts), HEAD)
        heads["story"] = np.array(self.stories, "S16")[story[starts]]
        heads["block"] = block[starts]
        heads["entries"] = np.diff(starts, append=len(order))
        firsts = _changes(term)
        return [
            PostingRow(self.terms[term[a]], heads[c:d].tobytes(), entries[a:b].tobytes())
            for a, b, c, d in zip(
                firsts.tolist(),
                [*firsts[1:].tolist(), len(order)],
                np.searchsorted(starts, firsts).tolist(),
                [*np.searchsorted(starts, firsts[1:]).tolist(), len(starts)],
                strict=True,
            )
        ]

    def only(self, kept: npt.NDArray[np.bool_]) -> "Postings":
        """Keep some elements."""
        columns = {name: getattr(self, name)[kept] for name in _COLUMNS}
        return Postings(self.terms, self.stories, **columns)

    def of_stories(self, living: frozenset[bytes]) -> "Postings":
        """Keep what is of these stories."""
        there = np.array([story_id in living for story_id in self.stories], bool)
        return self if there.all() else self.only(there[self.story])

    def folded(self, terms: tuple[int, ...], term: Ints) -> "Postings":
        """Take some terms for one: ``term`` says for each of those before which of ``terms`` it is now."""
        told = replace(self, terms=terms, term=term[self.term])
        several = (np.bincount(term, minlength=len(terms)) > 1)[told.term]
        if not several.any():
            return told
        once, twice = told.only(~several), told.only(several)
        _, first, place = np.unique(twice.doc * len(terms) + twice.term, return_index=True, return_inverse=True)
        kept = replace(twice, **{name: getattr(twice, name)[first] for name in _COLUMNS})
        return once.joined(replace(kept, times=np.bincount(place, twice.times)))

    def joined(self, other: "Postings") -> "Postings":
        """Add others of the same terms; stories that are new come last."""
        places = {story_id: place for place, story_id in enumerate(dict.fromkeys([*self.stories, *other.stories]))}
        place = np.array([places[story_id] for story_id in other.stories], np.int64)
        columns = {name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in _COLUMNS}
        columns["story"] = np.concatenate([self.story, place[other.story] if len(place) else other.story])
        return Postings(self.terms, tuple(places), **columns)


_COLUMNS = ("term", "story", "doc", "scene", "times", "words")


def _stories(told: npt.NDArray[np.bytes_]) -> tuple[tuple[bytes, ...], Ints]:
    """The stories there are, and which of them each element is of."""
    stories, story = np.unique(told, return_inverse=True)
    return tuple(each.ljust(16, b"\0") for each in stories.tolist()), story.astype(np.int64)


def _begin(pages: npt.NDArray[np.void]) -> Ints:
    """Where the block of 64 places begins that a page is in."""
    begin: Ints = pages["first"].astype(np.int64) >> PAGE_BITS << PAGE_BITS
    return begin


def _of_docs(rows: PageRows, pages: npt.NDArray[np.void], doc: Ints) -> tuple[Ints, Floats]:
    """Scene and words of memories that stand in the pages."""
    docs = np.frombuffer(rows.docs, _DOC)
    known = np.repeat(_begin(pages), pages["memories"]) + docs["place"]
    order = np.argsort(known)
    found = docs[order[np.searchsorted(known, doc, sorter=order)]]
    return found["scene"].astype(np.int64), found["words"].astype(np.float64)


def _ranges(first: Ints, sizes: Ints) -> Ints:
    """Where the elements of ranges are, one range after the other."""
    before = np.cumsum(sizes) - sizes
    places: Ints = np.repeat(first - before, sizes) + np.arange(sizes.sum())
    return places


def _changes(*columns: Ints) -> Ints:
    """Where an element differs from the one before in any column; the first does."""
    if not len(columns[0]):
        return np.empty(0, np.int64)
    differs = np.any([column[1:] != column[:-1] for column in columns], axis=0)
    return np.concatenate([[0], np.flatnonzero(differs) + 1])
