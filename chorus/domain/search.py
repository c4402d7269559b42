"""What can be asked of memory: how hits are grouped and filtered, and what each reason to find one weighs."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from chorus.domain.canon import MemoryHit, MemoryKind
from chorus.domain.value import Text, Value

HEAVIEST = 1_000.0
"""What a wish of the asker's weighs at most; all of it is measured in tenths otherwise."""


class Grouping(StrEnum):
    """What a hit is: every memory for itself, or each scene once, by its best memory."""

    PASSAGE = "passage"
    SCENE = "scene"


class MemoryFilter(Value):
    """Which memories are searched. ``as_of``: only what was true and told at the end of that scene."""

    story_id: UUID | None = None
    as_of: int | None = None
    kinds: tuple[MemoryKind, ...] = ()
    character: Text | None = None
    place: Text | None = None
    chapter: int | None = None


class Weights(Value):
    """What each part of a score weighs; all parts are in [0, 1]. The defaults were measured (decision 0017)."""

    vector: float = Field(default=0.35, ge=0)
    lexical: float = Field(default=0.55, ge=0)
    story: float = Field(default=0.45, ge=0)
    recency: float = Field(default=0.0, ge=0, le=HEAVIEST)
    importance: float = Field(default=0.0, ge=0, le=HEAVIEST)
    entities: float = Field(default=0.0, ge=0, le=HEAVIEST)


class Hits(list[MemoryHit]):
    """What was found, the best first.

    ``words_only`` says why no vector of the query could be had, and is empty where one could; ``pending`` counts the
    memories that were weighed by their words only, because their vectors are still to come.
    """

    def __init__(self, hits: Iterable[MemoryHit] = (), *, words_only: str = "", pending: int = 0) -> None:
        super().__init__(hits)
        self.words_only = words_only
        self.pending = pending


def rerank(hits: Sequence[MemoryHit], weights: Weights) -> list[MemoryHit]:
    """Order hits as these weights would have; nothing is asked again, so nothing new is found."""
    scored = [(sum(getattr(weights, name) * part for name, part in hit.parts.items()), hit) for hit in hits]
    scored.sort(key=lambda pair: (-pair[0], pair[1].rank))
    return [hit.model_copy(update={"score": score, "rank": rank}) for rank, (score, hit) in enumerate(scored, 1)]
