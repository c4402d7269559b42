from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import Table, func, select, update

from chorus.domain.canon import Memory, MemoryKind
from chorus.domain.story import Revision, RevisionCause
from chorus.store import Database, Postings, hash_of, tables
from tests.integration.store.conftest import add_story

VECTOR = [1.0, *[0.0] * 7]


def remembered(story_id: UUID, told: str, scene: int = 1, number: int = 1, **fields: object) -> Memory:
    given = {"story_id": story_id, "scene_number": scene, "valid_from": scene, "number": number, "text": told}
    return Memory.model_validate({"kind": MemoryKind.PASSAGE, **given, **fields})


async def words_of(store: Database, story_id: UUID) -> dict[str, int]:
    """How many memories of the story's pages have each word."""
    words = ["wolv", "wolf", "keeper", "lighthous", "ship"]
    async with store.reading() as tx:
        postings = Postings.of_pages(await tx.search.list_pages(story_id), [hash_of(word) for word in words])
    counts = np.bincount(postings.term, minlength=len(words)).tolist()
    return {word: count for word, count in zip(words, counts, strict=True) if count}


async def count(store: Database, table: Table) -> int:
    async with store.reading() as tx:
        return int(await tx.connection.scalar(select(func.count()).select_from(table)) or 0)


async def test_a_memory_without_its_vector_is_pending_and_kept_once(store: Database) -> None:
    story, _, _ = await add_story(store)
    memory = Memory(story_id=story.id, kind=MemoryKind.LORE, number=1, text="old")
    async with store.transaction() as tx:
        await tx.memories.add([memory])
        await tx.memories.add([memory.model_copy(update={"id": UUID(int=1)})])
        assert await tx.memories.count_pending("m", story.id) == 1
        assert [p.id for p in await tx.memories.list_pending("m", story.id)] == [memory.id]
        await tx.memories.embed("m", [(memory.id, VECTOR)])
        assert await tx.memories.count_pending("m", story.id) == 0
        assert await tx.memories.count_pending("another", story.id) == 1


async def test_every_field_comes_back(store: Database) -> None:
    story, outline, _ = await add_story(store)
    fields = {
        "scene_id": outline.scenes[0].id,
        "span_start": 3,
        "span_end": 9,
        "entities": ("Ada", 'O"Neill, \\'),
        "known_by": ("Ada", "Ünal"),
        "valid_to": 4,
    }
    memory = remembered(story.id, "“Ünïcode”, a tab\tand {braces}").model_copy(update=fields)
    async with store.transaction() as tx:
        await tx.memories.add([memory])
        assert await tx.memories.list_of(story.id) == [memory]


@pytest.mark.parametrize(("words", "leans"), [(2_000, True), (20_000, False)])
async def test_a_passage_leans_on_its_revision_unless_that_is_long(store: Database, words: int, leans: bool) -> None:
    story, outline, _ = await add_story(store)
    scene = outline.scenes[0]
    text = "word " * words + "The wolf came."
    span = {"span_start": len(text) - 14, "span_end": len(text)}
    revision = Revision(
        story_id=story.id, scene_id=scene.id, number=9, cause=RevisionCause.EDIT, text=text, words=words
    )
    passage = remembered(story.id, "The wolf came.", scene_id=scene.id, revision_id=revision.id, **span)
    async with store.transaction() as tx:
        await tx.stories.add_revision(revision)
        await tx.memories.add([passage])
        own = await tx.connection.scalar(select(tables.memory.c.text).where(tables.memory.c.id == passage.id))
        assert (own is None) is leans
        assert (await tx.memories.list_of(story.id))[-1].text == "The wolf came."
    assert (await words_of(store, story.id))["wolf"] == 1


async def test_words_follow_every_change(store: Database) -> None:
    story, outline, _ = await add_story(store)
    scene = outline.scenes[0].id
    async with store.transaction() as tx:
        await tx.memories.add([remembered(story.id, "The wolf at the lighthouse", scene_id=scene)])
        await tx.memories.add([remembered(story.id, "Wolves, wolves", 2)])
    assert await words_of(store, story.id) == {"lighthous": 1, "wolf": 1, "wolv": 1}
    async with store.transaction() as tx:
        await tx.connection.execute(update(tables.memory).where(tables.memory.c.scene_number == 2).values(text="Wolf"))
    assert await words_of(store, story.id) == {"lighthous": 1, "wolf": 2, "wolv": 1}  # a page keeps what is gone
    async with store.reading() as tx:
        pages, living = await tx.search.list_pages(story.id), {m.text for m in await tx.memories.list_of(story.id)}
    assert living == {"The wolf at the lighthouse", "Wolf"}
    assert pages.memories == 3
    async with store.transaction() as tx:
        await tx.memories.replace(scene, [remembered(story.id, "A keeper of ships", scene_id=scene, number=2)])
    assert (await words_of(store, story.id))["keeper"] == 1
    async with store.transaction() as tx:
        await tx.stories.remove(story.id)
    assert await count(store, tables.word_page) == 0


async def test_an_edit_keeps_the_vectors_of_what_stays(store: Database) -> None:
    story, outline, _ = await add_story(store)
    scene = outline.scenes[0].id
    old = [remembered(story.id, told, number=n, scene_id=scene) for n, told in enumerate(["stays", "goes"], 1)]
    new = [remembered(story.id, told, number=n, scene_id=scene) for n, told in enumerate(["comes", "stays"], 3)]
    async with store.transaction() as tx:
        await tx.memories.add(old)
        await tx.memories.embed("m", [(memory.id, VECTOR) for memory in old])
        await tx.memories.replace(scene, new)
        assert [memory.text for memory in await tx.memories.list_of(story.id)] == ["comes", "stays"]
        assert [p.text for p in await tx.memories.list_pending("m", story.id)] == ["comes"]
        await tx.memories.replace(scene, new)
        assert [memory.id for memory in await tx.memories.list_of(story.id)] == [memory.id for memory in new]


async def test_two_models_have_two_indexes(store: Database) -> None:
    async with store.transaction() as tx:
        for model in ("it's a model: 100%", "it's a model; 100%"):
            assert not await tx.memories.has_index(model)
            await tx.memories.ensure_index(model, 8)
            await tx.memories.ensure_index(model, 8)
            assert await tx.memories.has_index(model)
