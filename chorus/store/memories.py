"""Memories and their embeddings.

Every vector lies beside the name of its model, and every model has an index of its own. Search is ``search``'s.
"""

import re
import zlib
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from pgvector import HalfVector
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    delete,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from chorus.domain.canon import Memory, MemoryKind
from chorus.domain.value import new_id
from chorus.store import tables as t
from chorus.store.direct import Fixed
from chorus.store.rows import add_all, fetch_all


class Pending(NamedTuple):
    """A memory that waits for its vector; ``doc`` is its place among all memories."""

    doc: int
    id: UUID
    text: str


LINKS, TRIED = 24, 128
"""Links of a vector in its index, and how many are tried for them; pgvector's 16 and 64 are too few (decision 0023)."""
_EMBED = Fixed(
    text("""
    UPDATE memory SET embedding = given.vector::halfvec, embedding_model = :model
    FROM unnest(CAST(:ids AS uuid[]), CAST(:vectors AS text[])) AS given (id, vector)
    WHERE memory.id = given.id
""")
)
_PENDING_IN_STORY = Fixed(
    text("""
    SELECT m.doc, m.id, told(m) AS text FROM memory m
    WHERE m.story_id = :story_id AND m.doc > :after AND (m.embedding IS NULL OR m.embedding_model <> :model)
    ORDER BY m.doc LIMIT :most
""")
)


class Memories:
    """What is recalled by similarity."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, memories: Sequence[Memory]) -> None:
        """Keep memories, their embeddings to follow; those already kept stay as they are.

        One statement for all, since each statement writes pages of words.
        """
        await add_all(self._connection, t.memory, memories, unless_there=True)

    async def replace(self, scene_id: UUID, memories: Sequence[Memory]) -> None:
        """Make these the memories of a scene, as when its text is edited or restored.

        What stays as it was keeps its row and its vector; a new one with the text of an old one takes its vector over.
        """
        await self._replace(t.memory.c.scene_id == scene_id, memories)

    async def replace_lore(self, story_id: UUID, memories: Sequence[Memory]) -> None:
        """Make these what is known before the story begins, as ``replace`` does for a scene."""
        lore = (t.memory.c.story_id == story_id) & (t.memory.c.kind == MemoryKind.LORE)
        await self._replace(lore, memories)

    async def rename(self, story_id: UUID, old: str, new: str) -> None:
        """Let what is remembered of somebody be found under another name, and how they stood be told with it."""
        memory = t.memory.c
        named = or_(literal(old) == any_(memory.entities), literal(old) == any_(memory.known_by))
        await self._connection.execute(
            update(t.memory)
            .where(memory.story_id == story_id, named)
            .values({name: func.array_replace(memory[name], old, new) for name in ("entities", "known_by")})
        )
        states = and_(
            memory.story_id == story_id,
            memory.kind == MemoryKind.CHARACTER_STATE,
            memory.entities == cast([new], ARRAY(Text)),
        )
        before = await fetch_all(self._connection, _whole().where(states), Memory)
        await self._replace(states, [_renamed(state, old, new) for state in before])

    async def _replace(self, which: ColumnElement[bool], memories: Sequence[Memory]) -> None:
        old = await fetch_all(self._connection, _whole().where(which), Memory)
        same = {_told(memory) for memory in old}
        wanted = {_told(memory) for memory in memories}
        fresh = [memory for memory in memories if _told(memory) not in same]
        vectors = await self._vectors_of(which)
        gone = [memory.id for memory in old if _told(memory) not in wanted]  # first: a new one may take its place
        await self._connection.execute(delete(t.memory).where(t.memory.c.id.in_(gone)))
        await self.add(fresh)
        for memory in fresh:
            if memory.text in vectors:
                model, vector = vectors[memory.text]
                await self.embed(model, [(memory.id, vector)])

    async def _vectors_of(self, which: ColumnElement[bool]) -> dict[str, tuple[str, list[float]]]:
        """The vectors of memories by text, each with its model."""
        memory = t.memory.c
        query = select(told().label("text"), memory.embedding_model, memory.embedding)
        rows = await self._connection.execute(query.where(which, memory.embedding.is_not(None)))
        return {row.text: (row.embedding_model, list(row.embedding)) for row in rows}

    async def forget_after(self, story_id: UUID, scene_number: int) -> None:
        """Forget what is remembered of later scenes."""
        memory = t.memory.c
        later = (memory.story_id == story_id) & (memory.scene_number > scene_number)
        await self._connection.execute(delete(t.memory).where(later))
        ended_later = (memory.story_id == story_id) & (memory.valid_to >= scene_number)
        await self._connection.execute(update(t.memory).where(ended_later).values(valid_to=None))

    async def list_of(self, story_id: UUID) -> list[Memory]:
        """List the memories of a story in story order."""
        memory = t.memory.c
        query = _whole().where(memory.story_id == story_id)
        return await fetch_all(
            self._connection, query.order_by(memory.scene_number, memory.kind, memory.number), Memory
        )

    async def list_page(
        self,
        story_id: UUID,
        limit: int,
        offset: int = 0,
        *,
        kinds: Sequence[MemoryKind] = (),
        scene: int | None = None,
    ) -> list[Memory]:
        """List a part of what is remembered of a story in story order; only these kinds, only of this scene."""
        memory = t.memory.c
        query = _whole().where(memory.story_id == story_id)
        if kinds:
            query = query.where(memory.kind.in_(kinds))
        if scene is not None:
            query = query.where(memory.scene_number == scene)
        ordered = query.order_by(memory.scene_number, memory.kind, memory.number, memory.id)
        return await fetch_all(self._connection, ordered.limit(limit).offset(offset), Memory)

    async def load_many(self, memory_ids: Sequence[UUID]) -> list[Memory]:
        """Read memories by their ids, in no particular order."""
        if not memory_ids:
            return []
        return await fetch_all(self._connection, _by_ids(), Memory, ids=list(memory_ids))

    async def list_pending(
        self, model: str, story_id: UUID | None = None, *, after: int = 0, most: int = 1000
    ) -> list[Pending]:
        """List memories that have no vector of ``model``, as they were added; only those after place ``after``."""
        if story_id:
            given = {"model": model, "story_id": story_id, "after": after, "most": most}
            return [Pending(**row) for row in await _PENDING_IN_STORY.rows(self._connection, **given)]
        memory = t.memory.c
        query = select(memory.doc, memory.id, told()).where(memory.doc > after, _is_pending(model))
        return [Pending(*row) for row in await self._connection.execute(query.order_by(memory.doc).limit(most))]

    async def list_stories_left(self) -> list[UUID]:
        """List the stories with memories that never got a vector, and that no run and no import works on."""
        memory, run, unfinished = t.memory.c, t.run.c, t.unfinished_import.c
        at_work = select(run.id).where(run.story_id == memory.story_id, run.lease_until >= func.now())
        imported = select(unfinished.digest).where(
            unfinished.story_id == memory.story_id, unfinished.alive_until >= func.now()
        )
        left = ~or_(at_work.exists(), imported.exists())
        query = select(memory.story_id).where(memory.embedding_model.is_(None), left).distinct()
        return list((await self._connection.execute(query)).scalars())

    async def count_pending(self, model: str, story_id: UUID | None = None) -> int:
        """Count the memories that have no vector of ``model`` and are found by their words only."""
        query = select(func.count()).select_from(t.memory).where(_is_pending(model))
        if story_id:
            query = query.where(t.memory.c.story_id == story_id)
        return await self._connection.scalar(query) or 0

    async def embed(self, model: str, vectors: Sequence[tuple[UUID, Sequence[float]]]) -> None:
        """Write embeddings of ``model``: (memory id, L2-normalised vector)."""
        if vectors:
            ids = [memory_id for memory_id, _ in vectors]
            texts = [HalfVector(list(vector)).to_text() for _, vector in vectors]
            await _EMBED.run(self._connection, ids=ids, vectors=texts, model=model)

    async def copy_vectors(self, from_story: UUID, to_story: UUID) -> None:
        """Give the memories of a copied story the vectors that the same ones have in the story it comes from."""
        old, new = t.memory.alias("old"), t.memory
        same = and_(
            new.c.story_id == to_story,
            old.c.story_id == from_story,
            *(new.c[name] == old.c[name] for name in ("kind", "scene_number", "number")),
            *(new.c[name].is_not_distinct_from(old.c[name]) for name in ("text", "span_start", "span_end")),
        )
        values = {"embedding": old.c.embedding, "embedding_model": old.c.embedding_model}
        await self._connection.execute(update(new).where(same).values(values))

    async def has_index(self, model: str) -> bool:
        """Whether the model's vectors are indexed."""
        return bool(await self._connection.scalar(select(func.to_regclass(_index_of(model)).is_not(None))))

    async def ensure_index(self, model: str, dimensions: int) -> None:
        """Create the partial HNSW index of an embedding model unless it exists; two at once make one.

        Whoever writes memories waits while it is made: some seconds among 5,000 vectors of 384 numbers.
        """
        if await self.has_index(model):
            return
        await self._connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(_index_of(model), 0))))
        literal = model.replace("'", "''").replace("%", "%%")  # the driver looks for placeholders
        await self._connection.exec_driver_sql(
            f"CREATE INDEX IF NOT EXISTS {_index_of(model)} ON memory "
            f"USING hnsw ((embedding::halfvec({int(dimensions)})) halfvec_cosine_ops) "
            f"WITH (m = {LINKS}, ef_construction = {TRIED}) WHERE embedding_model = '{literal}'"
        )


def told() -> ColumnElement[str]:
    """The words of a memory, which may stand in its revision only (migration 0017)."""
    return func.coalesce(t.memory.c.text, func.told(t.memory.table_valued()))


@cache
def _by_ids() -> Fixed:
    return Fixed(_whole().where(t.memory.c.id == any_(bindparam("ids", type_=ARRAY(Uuid())))))


def _whole() -> Select[Any]:
    """Memories with their words."""
    return select(*(column for column in t.memory.c if column.name != "text"), told().label("text"))


def _is_pending(model: str) -> ColumnElement[bool]:
    """Told as ranges of the model's name, which its index knows: most memories have the vectors of one model."""
    named = t.memory.c.embedding_model
    return or_(named.is_(None), named < model, named > model)


def _index_of(model: str) -> str:
    """The index's name: the model's as far as it fits, and what tells it from one that reads alike."""
    return f"ix_memory_embedding_{re.sub(r'[^a-z0-9]', '_', model.lower())[:24]}_{zlib.crc32(model.encode()):08x}"


def _renamed(state: Memory, old: str, new: str) -> Memory:
    """How somebody stood, told with another name."""
    if not state.text.startswith(old):
        return state
    return state.model_copy(update={"id": new_id(), "text": new + state.text.removeprefix(old)})


def _told(memory: Memory) -> tuple[object, ...]:
    """What makes a memory the same after an edit: everything but its id and when it was made."""
    return tuple(getattr(memory, name) for name in Memory.model_fields if name not in {"id", "created_at"})
