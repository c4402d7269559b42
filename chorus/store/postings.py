"""Postings as they lie in their table, read into columns; what they are worth is ``memory``'s to say."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

BLOCK_BITS = 10
ENTRY = np.dtype([("place", ">i2"), ("scene", ">i4"), ("times", ">i2"), ("words", ">i2")])
"""One memory in a posting: place in its block, scene, how often the term stands there, words of the memory."""
HEAD = np.dtype([("story", "S16"), ("block", ">i4"), ("bytes", ">i4")])
"""What the entries of one block begin with, kept apart: whose they are, and how many bytes."""


@dataclass(frozen=True)
class PostingRow:
    """Where a term stands: the heads of its blocks, and their entries in the same order."""

    term: str
    heads: bytes
    entries: bytes


@dataclass(frozen=True)
class QueryTerm:
    """A stemmed word of a query, where it stands there, and how many memories have it."""

    term: str
    positions: tuple[int, ...] = ()
    memories: int = 0


@dataclass(frozen=True)
class Postings:
    """Where the words of a query stand: one element of each column for a term in a memory."""

    terms: tuple[str, ...] = ()
    stories: tuple[UUID, ...] = ()
    term: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    story: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    doc: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    scene: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    times: Floats = field(default_factory=lambda: np.empty(0))
    words: Floats = field(default_factory=lambda: np.empty(0))

    @classmethod
    def of(cls, rows: Sequence[PostingRow], terms: Sequence[str]) -> "Postings":
        """Read rows; ``term`` and ``story`` count into ``terms`` and ``stories``."""
        places = {term: place for place, term in enumerate(terms)}
        heads = np.frombuffer(b"".join(row.heads for row in rows), HEAD)
        entries = np.frombuffer(b"".join(row.entries for row in rows), ENTRY)
        stories, story = np.unique(heads["story"], return_inverse=True)
        term = np.array([places[row.term] for row in rows], np.int64)
        sizes = heads["bytes"] // ENTRY.itemsize
        block = np.repeat(heads["block"].astype(np.int64), sizes)
        return cls(
            terms=tuple(terms),
            stories=tuple(UUID(bytes=told.ljust(16, b"\0")) for told in stories.tolist()),
            term=np.repeat(term, [len(row.entries) // ENTRY.itemsize for row in rows]),
            story=np.repeat(story.astype(np.int64), sizes),
            doc=(block << BLOCK_BITS) + entries["place"].astype(np.int64),
            scene=entries["scene"].astype(np.int64),
            times=entries["times"].astype(np.float64),
            words=entries["words"].astype(np.float64),
        )

    def only(self, kept: npt.NDArray[np.bool_]) -> "Postings":
        """Keep some elements."""
        columns = {name: getattr(self, name)[kept] for name in _COLUMNS}
        return Postings(self.terms, self.stories, **columns)

    def joined(self, other: "Postings") -> "Postings":
        """Add the postings of other terms; stories that are new come last."""
        places = {story_id: place for place, story_id in enumerate(dict.fromkeys([*self.stories, *other.stories]))}
        place = np.array([places[story_id] for story_id in other.stories], np.int64)
        columns = {name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in _COLUMNS}
        columns["story"] = np.concatenate([self.story, place[other.story] if len(place) else other.story])
        return Postings(self.terms, tuple(places), **columns)


_COLUMNS = ("term", "story", "doc", "scene", "times", "words")
