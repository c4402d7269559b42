"""Facts hold until something else about the same is told, and memory says so, whatever people do to the canon."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
import pytest_asyncio

from chorus.domain.canon import FactStatus, MemoryKind
from chorus.domain.edit import Verdict
from chorus.domain.story import Character, CharacterRole, CharacterState, SceneBrief
from chorus.errors import InvalidInput, NotFound
from chorus.memory import Recall, remember_scene
from chorus.studio import Studio
from tests.integration.editing.tales import ends_of, fact_saying, tell
from tests.integration.memory.conftest import Hashed
from tests.integration.pipeline.conftest import Open

SILVER, IRON, GOLD = "The key was silver.", "The key was iron.", "The key was gold."
LAMP = "The lamp was old."


@pytest_asyncio.fixture
async def studio(studio_at: Open) -> AsyncIterator[Studio]:
    async with studio_at("http://127.0.0.1:9/v1") as opened:
        opened._recall = Recall(opened.store, Hashed())
        yield opened


async def test_an_end_outlives_edits_beside_it(studio: Studio) -> None:
    story_id = await tell(studio, f"{SILVER} {LAMP}", "The mill was cold.", IRON)
    held = (1, SILVER)
    assert (await ends_of(studio, story_id))[held] == 2
    lamp = await fact_saying(studio, story_id, LAMP)
    await studio.edit_fact(story_id, lamp.id, "The lamp was green.")
    assert (await ends_of(studio, story_id))[held] == 2
    await studio.edit_scene(story_id, 1, f"{SILVER} {LAMP} It rained.")
    assert (await ends_of(studio, story_id))[held] == 2
    await studio.restore(story_id, 1, 1)
    assert (await ends_of(studio, story_id))[held] == 2
    found = await studio.search_memory("the silver key", story_id, as_of=3, kinds=[MemoryKind.FACT])
    assert SILVER not in {hit.text for hit in found}


async def test_what_a_fact_has_ended_holds_again_without_it(studio: Studio) -> None:
    story_id = await tell(studio, SILVER, IRON, GOLD)
    iron = await fact_saying(studio, story_id, IRON)
    assert await ends_of(studio, story_id) == {(1, SILVER): 1, (2, IRON): 2, (3, GOLD): None}
    await studio.retract_fact(story_id, iron.id)
    assert await ends_of(studio, story_id) == {(1, SILVER): 2, (3, GOLD): None}
    effects = await studio.edit_fact(story_id, iron.id, IRON)
    assert [change.verdict for change in effects.facts] == [Verdict.ADDED]
    assert await ends_of(studio, story_id) == {(1, SILVER): 1, (2, IRON): 2, (3, GOLD): None}


async def test_what_is_approved_ends_what_held_before(studio: Studio) -> None:
    story_id = await tell(studio, SILVER, LAMP, IRON, status=FactStatus.PROPOSED)
    assert await ends_of(studio, story_id) == {}
    await studio.approve_facts(story_id)
    assert await ends_of(studio, story_id) == {(1, SILVER): 2, (2, LAMP): None, (3, IRON): None}


async def test_what_was_refused_does_not_come_back_with_its_text(studio: Studio) -> None:
    story_id = await tell(studio, f"{SILVER} {LAMP}", status=FactStatus.PROPOSED)
    await studio.refuse_facts(story_id, [(await fact_saying(studio, story_id, SILVER)).id])
    await studio.edit_scene(story_id, 1, "All was well.")
    await studio.restore(story_id, 1, 1)
    assert [fact.statement for fact in await studio.list_proposals(story_id)] == [LAMP]
    assert await ends_of(studio, story_id) == {}


async def test_a_fork_knows_nothing_of_what_ends_later(studio: Studio) -> None:
    story_id = await tell(studio, f"{SILVER} {LAMP}", "The lamp was broken.", IRON)
    for after, ends in ((1, (None, None)), (2, (None, 1)), (3, (2, 1))):
        made = await studio.fork(story_id, after)
        told = await ends_of(studio, made.story.id)
        assert (told[1, SILVER], told[1, LAMP]) == ends


async def test_a_change_of_the_canon_is_undone(studio: Studio) -> None:
    story_id = await tell(studio, SILVER, LAMP)
    silver = await fact_saying(studio, story_id, SILVER)
    await studio.edit_fact(story_id, silver.id, IRON)
    await studio.retract_fact(story_id, silver.id)
    said, taken_back = await studio.list_changes(story_id)
    await studio.restore_canon(story_id, taken_back.id)
    assert await ends_of(studio, story_id) == {(1, IRON): None, (2, LAMP): None}
    await studio.edit_scene(story_id, 1, f"{SILVER} It rained.")  # the fact goes with the text, as another row
    effects = await studio.restore_canon(story_id, said.id)
    assert [change.verdict for change in effects.facts] == [Verdict.RESTATED]
    assert await ends_of(studio, story_id) == {(1, SILVER): None, (2, LAMP): None}
    assert [change.note for change in await studio.list_changes(story_id)][2:] == [
        "As before change 2.",
        "As before change 1.",
    ]
    other = await tell(studio, GOLD, title="Another")
    with pytest.raises(NotFound):
        await studio.restore_canon(other, said.id)


async def test_whoever_is_renamed_is_found_under_both_names(studio: Studio) -> None:
    story_id = await tell(studio, "The sea was cold.", LAMP)
    mara = Character(story_id=story_id, number=1, name="Mara", role=CharacterRole.ALLY)
    async with studio.store.transaction() as tx:
        await tx.stories.add_characters([mara])
        scene = await tx.stories.load_scene(story_id, 1)
        assert scene.revision_id
        there = scene.model_copy(update={"brief": SceneBrief(purpose="To go on.", cast=("Mara",))})
        stands = {"character_id": mara.id, "scene_number": 1, "revision_id": scene.revision_id, "place": "the mill"}
        await tx.canon.add_states([CharacterState.model_validate({"story_id": story_id, **stands})])
        await remember_scene(tx, there, await tx.stories.load_revision(scene.revision_id))
    before = await told_of(studio, story_id, "Mara")
    assert "Mara: the mill." in before
    await studio.edit_character(story_id, mara.id, {"name": "Nora"})
    after = {text.replace("Mara:", "Nora:") for text in before}
    assert await told_of(studio, story_id, "Nora") == await told_of(studio, story_id, "Mara") == after
    (change,) = await studio.list_changes(story_id)
    await studio.restore_canon(story_id, change.id)
    assert await told_of(studio, story_id, "Mara") == before


async def told_of(studio: Studio, story_id: UUID, name: str) -> set[str]:
    hits = await studio.search_memory("cold mill", story_id, k=50, character=name)
    return {hit.text for hit in hits if hit.kind is not MemoryKind.LORE}


async def test_a_fact_of_an_old_text_is_left_alone(studio: Studio) -> None:
    story_id = await tell(studio, SILVER, LAMP)
    silver = await fact_saying(studio, story_id, SILVER)
    await studio.edit_scene(story_id, 1, "All was well.")
    for statement in (SILVER, IRON):
        with pytest.raises(InvalidInput, match="does not hold any more"):
            await studio.edit_fact(story_id, silver.id, statement)
    with pytest.raises(InvalidInput, match="does not hold any more"):
        await studio.retract_fact(story_id, silver.id)
    assert await ends_of(studio, story_id) == {(2, LAMP): None}
