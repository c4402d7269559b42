import math
from uuid import UUID

from chorus.domain.canon import Memory, MemoryKind
from chorus.store import Database
from tests.integration.store.conftest import add_story


def vector(angle: float) -> list[float]:
    return [math.cos(angle), math.sin(angle), *[0.0] * 6]


async def remember(store: Database, story_id: UUID, angles: list[float], model: str = "m") -> list[Memory]:
    memories = [
        Memory(story_id=story_id, scene_number=n, valid_from=n, kind=MemoryKind.PASSAGE, number=1, text=f"at {angle}")
        for n, angle in enumerate(angles, 1)
    ]
    async with store.transaction() as tx:
        await tx.memories.add(memories)
        await tx.memories.embed(model, [(m.id, vector(a)) for m, a in zip(memories, angles, strict=True)])
        await tx.memories.ensure_index(model, 8)
    return memories


async def test_the_nearest_come_first_with_their_cosine(store: Database) -> None:
    story, _, _ = await add_story(store)
    await remember(store, story.id, [0.5, 0.1, 1.5])
    async with store.reading() as tx:
        hits = await tx.memories.nearest("m", vector(0.0), k=2, story_id=story.id)
    assert [hit.text for hit in hits] == ["at 0.1", "at 0.5"]
    assert [hit.rank for hit in hits] == [1, 2]
    assert math.isclose(hits[0].score, math.cos(0.1), abs_tol=1e-3)


async def test_nothing_later_than_a_scene_is_recalled_as_of_it(store: Database) -> None:
    story, _, _ = await add_story(store)
    await remember(store, story.id, [0.5, 0.3, 0.1])
    async with store.reading() as tx:
        hits = await tx.memories.nearest("m", vector(0.0), k=10, story_id=story.id, as_of=2)
    assert {hit.scene_number for hit in hits} == {1, 2}


async def test_vectors_of_two_models_never_meet(store: Database) -> None:
    story, _, _ = await add_story(store)
    await remember(store, story.id, [0.5])
    other, _, _ = await add_story(store, "O")
    await remember(store, other.id, [0.0], model="it's another: 100%")
    async with store.transaction() as tx:
        assert [h.story_id for h in await tx.memories.nearest("m", vector(0.0), k=5)] == [story.id]
        assert [h.story_id for h in await tx.memories.nearest("it's another: 100%", vector(0.0), k=5)] == [other.id]


async def test_across_stories_the_index_answers(store: Database) -> None:
    for number in range(3):
        story, _, _ = await add_story(store, f"T{number}")
        await remember(store, story.id, [0.1 * number + 0.01 * n for n in range(40)])
    async with store.transaction() as tx:
        hits = await tx.memories.nearest("m", vector(0.0), k=5)
    assert [hit.story_title for hit in hits] == ["T0"] * 5
    assert [round(hit.score, 3) for hit in hits] == sorted((round(hit.score, 3) for hit in hits), reverse=True)


async def test_a_memory_without_its_vector_is_pending_and_kept_once(store: Database) -> None:
    story, _, _ = await add_story(store)
    memory = Memory(story_id=story.id, kind=MemoryKind.LORE, number=1, text="old")
    async with store.transaction() as tx:
        await tx.memories.add([memory])
        await tx.memories.add([memory.model_copy(update={"id": UUID(int=1)})])
        assert await tx.memories.count_pending(story_id=story.id) == 1
        assert [m.id for m in await tx.memories.list_pending(story.id)] == [memory.id]
        assert await tx.memories.nearest("m", vector(0.0), k=5, story_id=story.id) == []
