"""The ledger of facts: what a newer fact ends, and what holds again when that is taken back."""

from collections.abc import AsyncIterator

import pytest

from chorus.domain.canon import Fact, FactStatus, Memory, MemoryKind
from chorus.domain.run import Run
from chorus.domain.story import Chapter, Outline, Revision, RevisionCause, Scene, SceneBrief, Story
from chorus.store import Database

STORY = Story(title="T", premise="P")
CHAPTER = Chapter(story_id=STORY.id, number=1, title="C")
SCENES = tuple(
    Scene(story_id=STORY.id, chapter_id=CHAPTER.id, number=n, title="S", brief=SceneBrief(purpose="p"))
    for n in (1, 2, 3)
)


def told(
    scene: Scene, statement: str, subject: str = "the key", aspect: str = "place"
) -> tuple[Revision, Fact, Memory]:
    revision = Revision(
        story_id=STORY.id, scene_id=scene.id, number=1, cause=RevisionCause.DRAFT, text=statement, words=5
    )
    about = {"story_id": STORY.id, "scene_id": scene.id, "revision_id": revision.id, "number": 1}
    fact = Fact.model_validate(
        {**about, "subject": subject, "aspect": aspect, "statement": statement, "valid_from": scene.number}
    )
    memory = Memory.model_validate(
        {**about, "scene_number": scene.number, "kind": MemoryKind.FACT, "text": statement, "valid_from": scene.number}
    )
    return revision, fact, memory


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    async with database.transaction() as tx:
        await tx.stories.add(STORY)
        await tx.stories.add_outline(Outline(chapters=(CHAPTER,), scenes=SCENES))
    yield database
    async with database.transaction() as tx:
        await tx.stories.remove(STORY.id)
    await database.close()


async def approve(store: Database, revision: Revision, fact: Fact, memory: Memory) -> None:
    async with store.transaction() as tx:
        await tx.stories.add_revision(revision)
        await tx.canon.add_facts([fact])
        await tx.canon.establish(fact.scene_id or revision.scene_id, revision.id)
        await tx.memories.add([memory])
        await tx.canon.follow_on(STORY.id, revision.scene_id)


async def holds(store: Database, as_of: int) -> list[str]:
    async with store.reading() as tx:
        return [fact.statement for fact in await tx.canon.list_facts(STORY.id, as_of)]


async def test_a_newer_fact_about_the_same_ends_the_older_one(store: Database) -> None:
    await approve(store, *told(SCENES[0], "The key lies in the well."))
    await approve(store, *told(SCENES[1], "The key is heavy.", aspect=""))
    await approve(store, *told(SCENES[2], "The key hangs on a nail.", subject="The key"))
    assert await holds(store, 2) == ["The key lies in the well.", "The key is heavy."]
    assert await holds(store, 3) == ["The key is heavy.", "The key hangs on a nail."]
    async with store.reading() as tx:
        remembered = {memory.text: memory.valid_to for memory in await tx.memories.list_of(STORY.id)}
    assert remembered == {"The key lies in the well.": 2, "The key is heavy.": None, "The key hangs on a nail.": None}


async def test_what_was_ended_by_a_scene_that_is_taken_back_holds_again(store: Database) -> None:
    await approve(store, *told(SCENES[0], "The key lies in the well."))
    await approve(store, *told(SCENES[2], "The key hangs on a nail."))
    async with store.transaction() as tx:
        await tx.canon.forget_after(STORY.id, 2)
        await tx.memories.forget_after(STORY.id, 2)
    assert await holds(store, 3) == ["The key lies in the well."]
    async with store.reading() as tx:
        assert [memory.valid_to for memory in await tx.memories.list_of(STORY.id)] == [None]


async def test_what_a_rejected_text_said_never_becomes_canon(store: Database) -> None:
    run = Run(story_id=STORY.id)
    first, fact, _ = told(SCENES[0], "The key lies in the well.")
    second, other, memory = told(SCENES[0], "The key is lost.")
    async with store.transaction() as tx:
        await tx.runs.add(run)
        await tx.stories.add_revision(first.model_copy(update={"run_id": run.id}))
        await tx.canon.add_facts([fact])
    assert await holds(store, 1) == []
    await approve(store, second.model_copy(update={"number": 2, "run_id": run.id}), other, memory)
    assert await holds(store, 1) == ["The key is lost."]
    async with store.reading() as tx:
        (rejected,) = await tx.canon.list_facts_of(first.id)
        (kept,) = await tx.canon.list_facts_of(second.id)
    assert (rejected.status, kept.status, kept.valid_to) == (FactStatus.RETRACTED, FactStatus.ESTABLISHED, None)
