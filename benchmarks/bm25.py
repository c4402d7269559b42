"""The keyword engine to beat: BM25 over whole scenes, stemmed by Postgres, with the figures of every textbook.

Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009).
"""

from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np

from chorus.store import Database, Floats

K1 = 1.2
B = 0.75
_WORDS = """
    SELECT s.story_id, s.number, word.lexeme, cardinality(word.positions) AS times
    FROM scene s JOIN revision r ON r.id = s.revision_id
    CROSS JOIN LATERAL unnest(words_of('english', r.text)) word
"""
_QUERY = "SELECT lexeme FROM unnest(words_of('english', %s))"

Scene = tuple[UUID, int]


@dataclass
class KeywordEngine:
    """An index of whole scenes."""

    store: Database
    scenes: list[Scene] = field(default_factory=list)
    _gains: dict[str, Floats] = field(default_factory=dict)

    async def build(self) -> None:
        """Read and index all scenes."""
        times: defaultdict[str, dict[int, int]] = defaultdict(dict)
        places: dict[Scene, int] = {}
        async with self.store.reading() as tx:
            for row in (await tx.connection.exec_driver_sql(_WORDS)).mappings():
                place = places.setdefault((row["story_id"], row["number"]), len(places))
                times[row["lexeme"]][place] = row["times"]
        self.scenes = list(places)
        lengths = np.zeros(len(places))
        for found in times.values():
            lengths[list(found)] += list(found.values())
        room = K1 * (1 - B + B * lengths / lengths.mean())
        for word, found in times.items():
            often, there = np.zeros(len(places)), np.array(list(found))
            often[there] = list(found.values())
            idf = np.log(1 + (len(places) - len(found) + 0.5) / (len(found) + 0.5))
            self._gains[word] = idf * often * (K1 + 1) / (often + room)

    async def search(self, query: str, k: int) -> list[Scene]:
        """Find the best scenes."""
        async with self.store.reading() as tx:
            words = [word for (word,) in await tx.connection.exec_driver_sql(_QUERY, (query,))]
        scores = np.sum([self._gains[word] for word in words if word in self._gains], axis=0)
        if not np.ndim(scores):
            return []
        best = np.argsort(-scores, kind="stable")[:k]
        return [self.scenes[place] for place in best.tolist() if scores[place] > 0]
