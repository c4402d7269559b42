"""Whatever was edited, restored, rolled back and forked: rows agree with revisions, and nothing later is found."""

from dataclasses import dataclass, field
from random import Random
from uuid import UUID

import pytest

from chorus.domain.canon import Fact, FactStatus, MemoryKind
from chorus.domain.prose import sentences
from chorus.domain.story import Revision, Scene, SceneBrief, SceneDigest, SceneStatus
from chorus.editing.scene_text import put_in_place
from chorus.errors import Conflict, InvalidInput
from chorus.memory import Recall
from chorus.studio import Studio
from tests.integration.memory.conftest import Hashed
from tests.integration.pipeline.conftest import Open

SCENES = 5
STEPS = 14
NOUNS = ("key", "lamp", "letter", "mill", "river", "ferry", "bell")
KINDS = ("silver", "iron", "broken", "old", "green", "heavy", "cold")
OPERATIONS = ("edit", "edit", "restore", "restore", "back", "fork", "lock")


def told(dice: Random) -> str:
    """A text of a few sentences, each of which is a fact."""
    return " ".join(f"The {dice.choice(NOUNS)} was {dice.choice(KINDS)}." for _ in range(dice.randint(2, 5)))


@dataclass
class Book:
    """What the stories ought to say: the text of each scene that has one, and every revision there was."""

    texts: dict[UUID, dict[int, str]] = field(default_factory=dict)
    revisions: dict[UUID, str] = field(default_factory=dict)


async def begin(studio: Studio, dice: Random, book: Book) -> None:
    manuscript = "# Chapter\n\n" + "\n\n".join(f"## Scene {n}\n\n{told(dice)}" for n in range(1, SCENES + 1))
    story_id = (await studio.import_manuscript(f"# Book\n\n{manuscript}", title=f"Book {dice.random()}")).story_id
    async with studio.store.transaction() as tx:
        for scene in (await tx.stories.load_outline(story_id)).scenes:
            assert scene.revision_id
            revision = await tx.stories.load_revision(scene.revision_id)
            read = revision.model_copy(update={"digest": SceneDigest(summary=f"Scene {scene.number} of the book.")})
            await tx.stories.save_digest(read)
            planned = scene.model_copy(update={"brief": SceneBrief(purpose="To go on.")})
            await put_in_place(tx, planned, read, facts_of(scene, read), [])
            book.texts.setdefault(story_id, {})[scene.number] = revision.text


def facts_of(scene: Scene, revision: Revision) -> list[Fact]:
    return [
        Fact(
            story_id=scene.story_id,
            scene_id=scene.id,
            revision_id=revision.id,
            subject="it",
            statement=revision.text[start:end],
            evidence=revision.text[start:end],
            span_start=start,
            span_end=end,
            valid_from=scene.number,
        )
        for start, end in sentences(revision.text)
    ]


async def step(studio: Studio, dice: Random, book: Book) -> None:
    """Do something to one of the stories, and note what should have come of it."""
    story_id = dice.choice(list(book.texts))
    texts, number = book.texts[story_id], dice.randint(1, SCENES)
    match dice.choice(OPERATIONS):
        case "edit":
            new = told(dice) if dice.random() < 0.3 else texts.get(number, "").replace(dice.choice(KINDS), "small")
            effects = await studio.edit_scene(story_id, number, new)
            texts[number] = effects.revision.text if effects.revision else texts[number]
        case "restore":
            revisions = await studio.list_revisions(story_id, number)
            if revisions:
                revision = dice.choice(revisions)
                await studio.restore(story_id, number, revision.number)
                texts[number] = revision.text
        case "back":
            await studio.roll_back(story_id, number - 1)
            book.texts[story_id] = {n: text for n, text in texts.items() if n < number}
        case "fork":
            made = await studio.fork(story_id, number)
            book.texts[made.story.id] = {n: text for n, text in texts.items() if n <= number}
        case _:
            await (studio.lock if dice.random() < 0.3 else studio.unlock)(story_id, number)


async def check(studio: Studio, book: Book) -> None:
    for story_id, texts in book.texts.items():
        async with studio.store.reading() as tx:
            scenes = (await tx.stories.load_outline(story_id)).scenes
            facts = await tx.canon.list_facts(story_id)
            memories = await tx.memories.list_of(story_id)
            for scene in scenes:
                for revision in await tx.stories.list_revisions(scene.id):
                    assert book.revisions.setdefault(revision.id, revision.text) == revision.text
        held = {scene.number: scene for scene in scenes if scene.revision_id}
        assert {n: book.revisions[s.revision_id] for n, s in held.items() if s.revision_id} == texts
        assert all((scene.status is SceneStatus.APPROVED) == (scene.number in held) for scene in scenes)
        for fact in facts:
            assert fact.revision_id == held[fact.valid_from].revision_id
            assert texts[fact.valid_from][fact.span_start : fact.span_end] == fact.evidence
            assert fact.status is FactStatus.ESTABLISHED
        for memory in memories:
            assert memory.revision_id == held[memory.scene_number].revision_id
            if memory.kind is MemoryKind.PASSAGE:
                assert texts[memory.scene_number][memory.span_start : memory.span_end] == memory.text
        statements = {(fact.valid_from, fact.statement) for fact in facts}
        assert {(m.scene_number, m.text) for m in memories if m.kind is MemoryKind.FACT} == statements


async def check_search(studio: Studio, story_id: UUID, texts: dict[int, str]) -> None:
    """What is found as of a scene stands in a text that holds, and in no later one."""
    for as_of in (0, 2, SCENES):
        hits = await studio.search_memory("the silver key was small", story_id, k=60, as_of=as_of)
        assert all(hit.scene_number <= as_of for hit in hits)
        assert all(hit.text in texts[hit.scene_number] for hit in hits if hit.kind is MemoryKind.PASSAGE)
        assert {hit.scene_number for hit in hits} <= set(texts)


@pytest.mark.parametrize(
    "seeds", [range(2), pytest.param(range(2, 120), marks=[pytest.mark.soak, pytest.mark.timeout(1800)])]
)
async def test_rows_agree_with_revisions(studio_at: Open, seeds: range) -> None:
    async with studio_at("http://127.0.0.1:9/v1") as studio:
        studio._recall = Recall(studio.store, Hashed())
        for seed in seeds:
            dice, book = Random(seed), Book()  # noqa: S311 - a history, not a secret
            await begin(studio, dice, book)
            done = 0
            for _ in range(STEPS):
                try:
                    await step(studio, dice, book)
                    done += 1
                except (InvalidInput, Conflict):  # not written, locked: nothing has happened then
                    pass
                await check(studio, book)
            assert done
            for story_id, texts in book.texts.items():
                await check_search(studio, story_id, texts)
            async with studio.store.transaction() as tx:
                for story_id in book.texts:
                    await tx.stories.remove(story_id)
