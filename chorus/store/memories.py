"""Memories with their embeddings, and the vector search over them.

Vectors of different embedding models never meet: every search names the model. Inside a story the scan is exact;
across stories the partial HNSW index of the model answers.
"""

import re
from collections.abc import Sequence
from uuid import UUID

from pgvector import HalfVector
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import Double, and_, bindparam, cast, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chorus.domain.canon import Memory, MemoryHit, MemoryKind
from chorus.store import tables as t
from chorus.store.rows import fetch_all, row_of


class Memories:
    """What is recalled by similarity."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, memories: Sequence[Memory]) -> None:
        """Keep memories, their embeddings to follow; those already kept stay as they are."""
        if memories:
            rows = [row_of(memory) for memory in memories]
            await self._connection.execute(insert(t.memory).on_conflict_do_nothing(), rows)

    async def forget_after(self, story_id: UUID, scene_number: int) -> None:
        """Forget what is remembered of later scenes."""
        memory = t.memory.c
        later = (memory.story_id == story_id) & (memory.scene_number > scene_number)
        await self._connection.execute(delete(t.memory).where(later))

    async def list_of(self, story_id: UUID) -> list[Memory]:
        """List the memories of a story in story order."""
        memory = t.memory.c
        query = select(t.memory).where(memory.story_id == story_id)
        return await fetch_all(
            self._connection, query.order_by(memory.scene_number, memory.kind, memory.number), Memory
        )

    async def load_many(self, memory_ids: Sequence[UUID]) -> list[Memory]:
        """Read memories by their ids, in no particular order."""
        if not memory_ids:
            return []
        return await fetch_all(self._connection, select(t.memory).where(t.memory.c.id.in_(memory_ids)), Memory)

    async def list_pending(self, story_id: UUID | None = None, limit: int = 1000) -> list[Memory]:
        """List memories that have no embedding yet, in story order."""
        memory = t.memory.c
        query = select(t.memory).where(memory.embedding.is_(None))
        if story_id:
            query = query.where(memory.story_id == story_id)
        order = (memory.story_id, memory.scene_number, memory.kind, memory.number)
        return await fetch_all(self._connection, query.order_by(*order).limit(limit), Memory)

    async def count_pending(self, model: str | None = None, story_id: UUID | None = None) -> int:
        """Count memories that have no vector yet, of ``model`` if one is given."""
        memory = t.memory.c
        missing = memory.embedding.is_(None)
        query = select(func.count()).select_from(t.memory)
        query = query.where(or_(missing, memory.embedding_model != model) if model else missing)
        if story_id:
            query = query.where(t.memory.c.story_id == story_id)
        return await self._connection.scalar(query) or 0

    async def embed(self, model: str, vectors: Sequence[tuple[UUID, Sequence[float]]]) -> None:
        """Write embeddings of ``model``: (memory id, L2-normalised vector)."""
        if vectors:
            statement = (
                update(t.memory)
                .where(t.memory.c.id == bindparam("memory_id"))
                .values(embedding=bindparam("vector"), embedding_model=bindparam("model"))
            )
            rows = [
                {"memory_id": memory_id, "vector": HalfVector(list(vector)), "model": model}
                for memory_id, vector in vectors
            ]
            await self._connection.execute(statement, rows)

    async def nearest(
        self,
        model: str,
        vector: Sequence[float],
        *,
        k: int,
        story_id: UUID | None = None,
        as_of: int | None = None,
        kinds: Sequence[MemoryKind] = (),
    ) -> list[MemoryHit]:
        """Find the ``k`` memories most similar to ``vector`` (L2-normalised, of ``model``).

        With ``as_of``, only what was true and known at the end of that scene. Ties are broken by place in the story.
        """
        if story_id is None:
            await self._prepare_index_scan(k)
        memory = t.memory.c
        place = cast(memory.embedding, HALFVEC(len(vector))) if story_id is None else memory.embedding
        distance = place.cosine_distance(HalfVector(list(vector)))
        conditions = [memory.embedding_model == model, memory.embedding.is_not(None)]
        if story_id:
            conditions.append(memory.story_id == story_id)
        if as_of is not None:
            still = or_(memory.valid_to.is_(None), memory.valid_to >= as_of)
            conditions.append(and_(memory.scene_number <= as_of, memory.valid_from <= as_of, still))
        if kinds:
            conditions.append(memory.kind.in_(kinds))
        exact_order = (memory.scene_number, memory.kind, memory.number) if story_id else ()
        nearest = select(t.memory, distance.label("distance")).where(*conditions).order_by(distance, *exact_order)
        hits = nearest.limit(k).subquery("hits")
        query = select(
            hits.c.id.label("memory_id"),
            hits.c.story_id,
            t.story.c.title.label("story_title"),
            hits.c.scene_number,
            hits.c.kind,
            hits.c.text,
            hits.c.revision_id,
            hits.c.span_start,
            hits.c.span_end,
            hits.c.entities,
            hits.c.importance,
            (1 - cast(hits.c.distance, Double)).label("score"),
        ).join(t.story, t.story.c.id == hits.c.story_id)
        order = (hits.c.distance, hits.c.scene_number, hits.c.kind, hits.c.number, hits.c.id)
        rows = (await self._connection.execute(query.order_by(*order))).mappings()
        return [
            MemoryHit(**row, rank=rank, vector_score=row["score"], vector_rank=rank, parts={"vector": row["score"]})
            for rank, row in enumerate(rows, 1)
        ]

    async def _prepare_index_scan(self, k: int) -> None:
        settings = {
            "hnsw.iterative_scan": "relaxed_order",
            "hnsw.ef_search": str(max(40, min(4 * k, 1000))),
            "plan_cache_mode": "force_custom_plan",
        }
        for name, value in settings.items():
            await self._connection.execute(select(func.set_config(name, value, True)))

    async def ensure_index(self, model: str, dimensions: int) -> None:
        """Create the partial HNSW index of an embedding model unless it exists."""
        name = "ix_memory_embedding_" + re.sub(r"\W", "_", model.lower())[:40]
        literal = model.replace("'", "''").replace("%", "%%")  # the driver looks for placeholders
        await self._connection.exec_driver_sql(
            f"CREATE INDEX IF NOT EXISTS {name} ON memory "
            f"USING hnsw ((embedding::halfvec({int(dimensions)})) halfvec_cosine_ops) "
            f"WHERE embedding_model = '{literal}'"
        )
