"""Vectors from an endpoint, as long as can be indexed; and another embedder, while people go on searching."""

import asyncio
from collections.abc import Sequence

import pytest

from chorus.domain.canon import Memory, MemoryKind
from chorus.domain.search import MemoryFilter
from chorus.domain.story import Story
from chorus.errors import EndpointRefused
from chorus.llm import open_embedder
from chorus.memory import Recall
from chorus.memory.recall import BATCH
from chorus.settings import EmbeddingConfig
from chorus.store import Database
from tests.endpoint import EndpointServer
from tests.integration.memory.conftest import Hashed
from tests.integration.memory.test_search import TALE, tell, texts


async def test_vectors_of_4000_numbers_are_indexed(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chorus.memory.recall.INDEXED_FROM", 1)
    with EndpointServer(dimensions=4000) as server:
        embedder = open_embedder(EmbeddingConfig(api_base=server.base_url, model="long"))
        recall = Recall(store, embedder)
        story_id = await tell(store, recall, TALE)
        for within in (MemoryFilter(story_id=story_id), MemoryFilter()):
            hits = await recall.search("sealed with blue wax", k=2, within=within)
            assert (texts(hits)[0], hits[0].vector_rank) == (TALE[1], 1)
        async with store.reading() as tx:
            assert await tx.memories.has_index("long")
        await embedder.aclose()


async def test_an_index_comes_when_there_are_many(
    store: Database, recall: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chorus.memory.recall.INDEXED_FROM", len(TALE) + 1)
    found = []
    for title, is_indexed in (("few", False), ("many", True)):
        await tell(store, recall, TALE, title)
        async with store.reading() as tx:
            assert await tx.memories.has_index(recall.model) is is_indexed
        found.append(texts(await recall.search("sealed with blue wax", k=1, within=MemoryFilter())))
    assert found == [[TALE[1]], [TALE[1]]]


async def test_longer_ones_are_refused_in_words(store: Database) -> None:
    with EndpointServer(dimensions=4096) as server:
        embedder = open_embedder(EmbeddingConfig(api_base=server.base_url, model="too long"))
        with pytest.raises(EndpointRefused, match="4,096"):
            await tell(store, Recall(store, embedder), TALE)
        await embedder.aclose()


async def test_a_text_that_has_no_vector_keeps_none_from_the_others(store: Database) -> None:
    with EndpointServer(indigestible="wolves") as server:
        embedder = open_embedder(EmbeddingConfig(api_base=server.base_url, model="e"))
        recall = Recall(store, embedder)
        story_id = await tell(store, recall, TALE)
        async with store.reading() as tx:
            assert [pending.text for pending in await tx.memories.list_pending("e", story_id)] == [TALE[3]]
        hits = await recall.search("letter", k=4, within=MemoryFilter(story_id=story_id))
        assert (texts(hits)[0], hits.pending) == (TALE[1], 1)
        with pytest.raises(EndpointRefused, match="this query"):
            await recall.search("wolves", k=4, within=MemoryFilter(story_id=story_id))
        hits = await recall.search("wolves", k=1, within=MemoryFilter(story_id=story_id), words_will_do=True)
        assert (texts(hits), bool(hits.words_only)) == ([TALE[3]], True)
        await embedder.aclose()


class Halfway(Hashed):
    """Is stopped after its first batch."""

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        if len(self.asked) > BATCH:
            raise asyncio.CancelledError
        return await super().embed(texts)


async def test_search_works_while_all_is_embedded_anew(store: Database, recall: Recall) -> None:
    story = Story(title="T")
    memories = [Memory(story_id=story.id, kind=MemoryKind.LORE, number=n, text=f"Lamp {n}") for n in range(BATCH + 40)]
    async with store.transaction() as tx:
        await tx.stories.add(story)
        await tx.memories.add(memories)
    await recall.embed_pending()
    anew, within = Halfway("another"), MemoryFilter(story_id=story.id)
    await anew.embed(["so that the second batch is one too many"])
    with pytest.raises(asyncio.CancelledError):
        await Recall(store, anew).embed_pending()
    other = Recall(store, Hashed("another"))
    hits = await other.search("lamp", k=200, within=within)
    assert (len(hits), hits.pending) == (200, 40)
    assert await other.embed_pending() == 40
    hits = await other.search("lamp", k=200, within=within)
    assert (hits.pending, sum(hit.vector_rank is None for hit in hits)) == (0, 0)
