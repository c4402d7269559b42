"""What is gathered of pages says the same as the pages did, and forgets what is gone."""

import numpy as np

from chorus.store import Database, Postings, hash_of
from tests.integration.store.conftest import add_story
from tests.integration.store.test_memories import remembered

WORDS = [hash_of(word) for word in ("wolf", "wolv", "ship")]
TOLD = ["The wolf at sea", "Wolves, wolves", "A ship", "of", "A wolf on a ship"]


async def columns(store: Database) -> list[tuple[float, ...]]:
    """Every posting of the words, from shards and fresh pages."""
    async with store.reading() as tx:
        rows, pages = await tx.search.list_postings(WORDS), await tx.search.list_pages()
    found = Postings.of(rows, WORDS).joined(Postings.of_pages(pages, WORDS))
    kept = [getattr(found, name) for name in ("term", "doc", "scene", "times", "words")]
    return sorted(zip(*(np.asarray(each).tolist() for each in kept), strict=True))


async def test_a_shard_says_what_its_pages_said(store: Database) -> None:
    (one, _, _), (two, _, _) = await add_story(store), await add_story(store)
    async with store.transaction() as tx:
        for story in (one, two):
            await tx.memories.add([remembered(story.id, told, 1 + n // 2, n) for n, told in enumerate(TOLD)])
    before = await columns(store)
    assert len(before) == 10
    async with store.transaction() as tx:
        assert not await tx.shards.gather()
        assert await tx.shards.gather(least=1)
    async with store.reading() as tx:
        assert (await tx.search.list_pages()).memories == 0
        assert (await tx.search.count_in_shards(WORDS)) == (10, dict(zip(WORDS, [4, 2, 4], strict=True)))
    assert await columns(store) == before


async def test_a_shard_of_which_most_is_gone_goes(store: Database) -> None:
    stories = [(await add_story(store))[0] for _ in range(3)]
    for story in stories:
        async with store.transaction() as tx:
            await tx.memories.add([remembered(story.id, told, number=n) for n, told in enumerate(TOLD)])
            assert await tx.shards.gather(least=1)
    async with store.transaction() as tx:
        for story in stories[:2]:
            await tx.stories.remove(story.id)
        await tx.memories.add([remembered(stories[2].id, "Wolf", number=9)])
        assert await tx.shards.gather(least=1)
    async with store.reading() as tx:
        memories, counts = await tx.search.count_in_shards(WORDS)
    assert (memories, counts[WORDS[0]]) == (6, 3)
