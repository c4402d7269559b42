"""The plans that searches rest on: no scan of all memories, inside a story or across."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg.rows import tuple_row

from benchmarks.synthetic import DIMENSIONS, MODEL, World, add_story, register, story_id
from chorus.domain.search import Grouping, MemoryFilter
from chorus.memory import Recall
from chorus.memory.legs import NEAREST
from chorus.store import Database
from chorus.store.direct import view_of
from tests.integration.memory.conftest import Hashed

STORIES, EACH = 6, 400


class Synthetic(Hashed):
    """Gives queries vectors from the world that the memories are from."""

    async def embed(self, texts: Any) -> list[list[float]]:
        return [[1.0, *[0.0] * (DIMENSIONS - 1)] for _ in texts]


@pytest.fixture
def filled(database_url: str) -> str:
    with psycopg.connect(database_url) as connection:
        register(connection)
        world = World.of()
        for number in range(STORIES):
            add_story(connection, world, number, EACH)
    return database_url


async def plans_of(
    store: Database, search: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, *, as_if_large: bool = True
) -> list[str]:
    """The plans of all statements of a search that read memories or their words."""
    seen: list[tuple[Any, Any]] = []
    execute = psycopg.AsyncCursor.execute

    async def noted(cursor: Any, query: Any, params: Any = None, **rest: Any) -> Any:
        if any(name in str(query) for name in ("memory", "posting", "word_page")):
            seen.append((query, params))
        return await execute(cursor, query, params, **rest)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", noted)
    await search()
    monkeypatch.undo()
    plans = []
    async with store.transaction() as tx:
        await tx.search.prepare(NEAREST)
        for way in ("seqscan", "sort") if as_if_large else ():
            await tx.connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        cursor = view_of(tx.connection).driver.cursor(row_factory=tuple_row)
        for query, params in seen:
            told = query if isinstance(query, bytes) else str(query).encode()
            await cursor.execute(b"EXPLAIN (FORMAT JSON) " + told, params)
            ((plan,),) = await cursor.fetchall()
            plans.append(json.dumps(plan))
    return plans


@pytest.mark.parametrize("everywhere", [False, True])
async def test_searches_go_through_indexes(filled: str, everywhere: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Database(filled.replace("postgresql:", "postgresql+psycopg:"))
    recall = Recall(store, Synthetic(MODEL))
    async with store.transaction() as tx:
        await tx.memories.ensure_index(MODEL, DIMENSIONS)
        assert await tx.shards.gather(least=1)
        await tx.connection.exec_driver_sql("ANALYZE memory, word_page, posting")
    within = MemoryFilter() if everywhere else MemoryFilter(story_id=story_id(0))
    words = " ".join(World.of().words[[5, 500]])

    async def search() -> None:
        await recall.search(words, k=10, within=within, group=Grouping.SCENE)

    plans = await plans_of(store, search, monkeypatch)
    await store.close()
    assert not any(scans(plan, table) for plan in plans for table in ("memory", "word_page", "posting"))
    assert any("pk_posting" in plan for plan in plans) is everywhere
    assert any(("ix_word_page_shard" if everywhere else "pk_word_page") in plan for plan in plans)
    assert any("ix_memory_embedding_synthetic_" in plan for plan in plans) is everywhere
    assert any("ix_memory_story_id_scene_number" in plan for plan in plans)


def scans(plan: str, table: str) -> bool:
    """Whether a table is read from end to end."""
    return any(
        node.get("Node Type") == "Seq Scan" and node.get("Relation Name") == table
        for node in _nodes(json.loads(plan)[0]["Plan"])
    )


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)
