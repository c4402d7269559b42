"""Whatever was edited, said, restored, rolled back and forked: rows agree with revisions, nothing later is found."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

import pytest

from chorus.domain.canon import FactStatus, MemoryKind
from chorus.domain.search import Grouping
from chorus.domain.story import SceneStatus
from chorus.errors import Conflict, InvalidInput, NotFound
from chorus.memory import Recall
from chorus.studio import Studio
from tests.integration.editing.tales import expected_ends, tell
from tests.integration.memory.conftest import Hashed
from tests.integration.pipeline.conftest import Open

SCENES = 5
STEPS = 18
NOUNS = ("key", "lamp", "letter", "mill", "river", "ferry", "bell")
KINDS = ("silver", "iron", "broken", "old", "green", "heavy", "cold")
OPERATIONS = ("edit", "edit", "restore", "restore", "back", "fork", "lock", "canon", "canon", "canon")


def told(dice: Random) -> str:
    """A text of a few sentences, each of which is a fact."""
    return " ".join(f"The {dice.choice(NOUNS)} was {dice.choice(KINDS)}." for _ in range(dice.randint(2, 5)))


@dataclass
class Book:
    """What the stories ought to say: the text of each scene that has one, and every revision there was."""

    texts: dict[UUID, dict[int, str]] = field(default_factory=dict)
    revisions: dict[UUID, str] = field(default_factory=dict)


async def begin(studio: Studio, dice: Random, book: Book) -> None:
    texts = [told(dice) for _ in range(SCENES)]
    story_id = await tell(studio, *texts, title=f"Book {dice.random()}")
    book.texts[story_id] = dict(enumerate(texts, 1))


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
        case "canon":
            await step_in_canon(studio, dice, story_id)
        case _:
            await (studio.lock if dice.random() < 0.3 else studio.unlock)(story_id, number)


async def step_in_canon(studio: Studio, dice: Random, story_id: UUID) -> None:
    """Change what is true, and leave the texts alone."""
    async with studio.store.reading() as tx:
        facts = await tx.history.list_all_facts(story_id)
    changes = await studio.list_changes(story_id)
    if changes and dice.random() < 0.3:
        await studio.restore_canon(story_id, dice.choice(changes).id)
    elif facts:
        fact = dice.choice(facts)
        said = dice.choice([None, fact.statement, f"The {fact.subject} was {dice.choice(KINDS)}."])
        await (studio.edit_fact(story_id, fact.id, said) if said else studio.retract_fact(story_id, fact.id))


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
        assert [fact.valid_to for fact in facts] == expected_ends(facts)
        statements = {(fact.valid_from, fact.statement, fact.valid_to) for fact in facts}
        told_of = [m for m in memories if m.kind is MemoryKind.FACT]
        assert {(m.scene_number, m.text, m.valid_to) for m in told_of} == statements
        assert len(told_of) == len(facts)


async def check_search(studio: Studio, book: Book) -> None:
    """What is found as of a scene stands in a text that holds or is true then, and is of no later scene."""
    query = "the silver key was small"
    for as_of in (0, 2, SCENES):
        true = {}
        for story_id in book.texts:
            async with studio.store.reading() as tx:
                facts = await tx.canon.list_facts(story_id, as_of)
            true[story_id] = {(fact.valid_from, fact.statement) for fact in facts}
        for within, group in itertools.product([*book.texts, None], Grouping):
            hits = await studio.search_memory(query, within, k=200, as_of=as_of, group=group)
            for hit in hits:
                texts = book.texts[hit.story_id]
                assert within in (None, hit.story_id)
                assert hit.scene_number <= as_of
                assert hit.scene_number in texts
                if hit.kind is MemoryKind.PASSAGE:
                    assert hit.text in texts[hit.scene_number]
                if hit.kind is MemoryKind.FACT:
                    assert (hit.scene_number, hit.text) in true[hit.story_id]
            if within and group is Grouping.PASSAGE:
                assert {(h.scene_number, h.text) for h in hits if h.kind is MemoryKind.FACT} == true[within]


@pytest.mark.parametrize(
    "seeds", [(0, 1, 2, 119), pytest.param(range(3, 120), marks=[pytest.mark.soak, pytest.mark.timeout(1800)])]
)
async def test_rows_agree_with_revisions(studio_at: Open, seeds: Sequence[int]) -> None:
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
                except (InvalidInput, NotFound, Conflict):  # not written, gone, locked: nothing has happened then
                    pass
                await check(studio, book)
            assert done
            await check_search(studio, book)
            async with studio.store.transaction() as tx:
                for story_id in book.texts:
                    await tx.stories.remove(story_id)
