"""An outline changes under what is written: who is touched is listed with reasons, only what is chosen is redone."""

from uuid import UUID

import pytest

from chorus.domain.canon import Fact
from chorus.domain.edit import Verdict
from chorus.domain.outline_draft import OutlineDraft, SceneDraft, add_scene, edit_scene, lock_scenes, remove_scene
from chorus.domain.run import Run, RunStatus
from chorus.domain.story import Outline
from chorus.editing import OutlineChange
from chorus.errors import Conflict, InvalidInput
from chorus.studio import Studio
from tests.endpoint.server import EndpointServer
from tests.integration.editing.test_an_edit import fact_that_was_told, prompts_of, texts_of
from tests.integration.pipeline.conftest import Open
from tests.integration.pipeline.test_rollback import what_is_known

PREMISE = "A lighthouse keeper finds a key in a bottle."
IMPORTED = "# The Lamp\n\n## One\n\nIlan Stone lit the lamp. The sea was quiet.\n\n## Two\n\nMara came by boat.\n"


async def written(studio: Studio, scenes: int) -> UUID:
    settings = studio.default_settings(scenes=scenes, words=60)
    return (await studio.write_story(PREMISE, settings=settings)).story_id


async def draft_of(studio: Studio, story_id: UUID) -> OutlineDraft:
    return (await studio.load_outline(story_id)).draft


async def outline_of(studio: Studio, story_id: UUID) -> Outline:
    async with studio.store.reading() as tx:
        return await tx.stories.load_outline(story_id)


async def test_the_plan_of_one_scene_of_twelve_changes_and_only_chosen_scenes_are_redone(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            story_id = await written(studio, 12)
            before, known = await texts_of(studio, story_id), await what_is_known(studio, story_id)
            planned = await outline_of(studio, story_id)
            prompts = await prompts_of(studio, story_id)
            fact = await fact_that_was_told(studio, story_id, 3, prompts)
            await studio.lock(story_id, 7)
            draft = await draft_of(studio, story_id)
            wanted = edit_scene(draft, 3, purpose="A boat comes by night.", exit="Nobody is on the boat.")
            asked = len(endpoint.calls)
            foreseen = await studio.preview_outline(story_id, wanted)
            assert await what_is_known(studio, story_id) == known
            change = (await studio.edit_outline(story_id, wanted)).change
            assert (change.touched, change.displaced) == ((3,), ())
            assert (change.facts, change.uses) == (foreseen.facts, foreseen.uses)
            assert len(endpoint.calls) == asked  # an edit asks nobody, and changes no text
            assert await texts_of(studio, story_id) == before

            check_listed(change, fact, prompts)
            chosen = [3, 4]
            redone = before | await redo(studio, story_id, chosen)
            assert await texts_of(studio, story_id) == redone
            assert all(redone[number] != before[number] for number in chosen)
            again = await prompts_of(studio, story_id)
            assert "a boat comes by night" in again[3].casefold()
            assert "Nobody is on the boat." in again[4]

            back = await studio.restore_outline(story_id, 1)
            assert back.change.edited == (3,)
            assert (await outline_of(studio, story_id)).scenes[3].brief == planned.scenes[3].brief
            assert await texts_of(studio, story_id) == redone
            for number in chosen:
                await studio.restore(story_id, number, 1)
            assert await texts_of(studio, story_id) == before
            assert await what_is_known(studio, story_id) == known
            assert (await studio.load_outline(story_id)).draft == draft  # and chapters are called as they were


def check_listed(change: OutlineChange, fact: Fact, prompts: dict[int, str]) -> None:
    """Listed are the scene itself, the one after it, and whoever was told a fact at stake; each with its reasons."""
    assert fact.statement in {each.before.statement for each in change.facts if each.before}
    assert {each.verdict for each in change.facts} == {Verdict.AT_STAKE}
    listed = {use.scene_number: use.reasons for use in change.uses}
    assert listed[3][0].startswith("Its own plan is another: what happens")
    assert "Nobody is on the boat." in listed[4][0]
    told = {number for number, prompt in prompts.items() if number > 3 and fact.statement in prompt}
    assert told
    assert told <= set(listed)
    assert 2 <= len(listed) < 12, "who was told nothing of it is not listed"
    assert all(listed.values())
    assert {use.scene_number for use in change.uses if use.locked} <= {7}


async def redo(studio: Studio, story_id: UUID, scenes: list[int]) -> dict[int, str]:
    """Write scenes again, and return their texts."""
    run = await studio.redo_scenes(story_id, scenes)
    assert (await studio.work_on(run.id)).status is RunStatus.COMPLETE
    return {number: text for number, text in (await texts_of(studio, story_id)).items() if number in scenes}


async def test_a_locked_scene_is_neither_planned_otherwise_nor_written_again(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            story_id = await written(studio, 4)
            before = await outline_of(studio, story_id)
            await studio.lock(story_id, 3)
            draft = await draft_of(studio, story_id)
            for wanted in (edit_scene(draft, 3, purpose="Else."), remove_scene(draft, 3)):
                with pytest.raises(Conflict, match="Scene 3 is locked"):
                    await studio.edit_outline(story_id, wanted, rewrite=True)
            edited = edit_scene(draft, 2, exit="All is lost.")
            with pytest.raises(Conflict, match="Scene 3 would go and is locked"):
                await studio.edit_outline(story_id, edited, rewrite=True)
            done = await studio.edit_outline(story_id, edited)
            after = await outline_of(studio, story_id)
            assert after.scenes[2].brief == before.scenes[2].brief
            assert [use.scene_number for use in done.change.uses if use.locked] == [3]
            with pytest.raises(Conflict, match="Scene 3 is locked"):
                await studio.redo_scenes(story_id, [3])


async def paused_at(studio: Studio, scenes: int, written_scenes: int) -> Run:
    """A story whose run rests with some of its scenes written."""
    story_id = await written(studio, scenes)
    run = await studio.roll_back(story_id, written_scenes)
    assert run
    return run


async def test_after_a_redo_it_is_the_writing_run_that_follows_the_outline(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            run = await paused_at(studio, 4, 2)
            redo = await studio.redo_scenes(run.story_id, [1])
            await studio.work_on(redo.id)
            shorter = remove_scene(await draft_of(studio, run.story_id), 3)
            edited = await studio.edit_outline(run.story_id, shorter)
            assert edited.run_id == run.id
            summary = await studio.work_on(run.id)
            async with studio.store.reading() as tx:
                settings = (await tx.runs.load(redo.id)).settings
    assert (summary.status, summary.scenes, summary.scenes_planned) == (RunStatus.COMPLETE, 3, 3)
    assert settings.redo
    assert settings.redo.scenes == (1,)


async def test_a_scene_that_waits_to_be_redone_is_found_where_it_now_stands(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            story_id = await written(studio, 3)
            redo = await studio.redo_scenes(story_id, [2, 3])
            draft = await draft_of(studio, story_id)
            await studio.edit_outline(story_id, remove_scene(draft, 2), rewrite=True)
            async with studio.store.reading() as tx:
                settings = (await tx.runs.load(redo.id)).settings
    assert settings.redo
    assert settings.redo.scenes == (2,)


@pytest.mark.parametrize("read", [False, True])
async def test_scenes_added_to_an_import_are_written_by_a_run_of_their_own(studio_at: Open, *, read: bool) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            story_id = (await studio.import_manuscript(IMPORTED)).story_id
            if read:
                await studio.work_on((await studio.read_canon(story_id)).id)
            before = await texts_of(studio, story_id)
            new = SceneDraft(title="The stairs", purpose="Ilan carries Mara up the stairs.", target_words=60)
            edited = await studio.edit_outline(story_id, add_scene(await draft_of(studio, story_id), new, 2))
            assert edited.run_id
            assert endpoint.calls == [] or read
            summary = await studio.work_on(edited.run_id)
            after = await texts_of(studio, story_id)
    assert (summary.status, summary.scenes) == (RunStatus.COMPLETE, 3)
    assert {number: after[number] for number in before} == before
    assert after[3]


async def test_scenes_added_to_a_whole_fork_or_after_a_cancelled_run_are_written(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            story_id = await written(studio, 2)
            fork = await studio.fork(story_id, 2)
            assert fork.run is None
            new = SceneDraft(title="The stairs", purpose="Somebody carries a lamp up the stairs.")
            cancelled = None
            for _ in range(2):
                draft = await draft_of(studio, fork.story.id)
                edited = await studio.edit_outline(fork.story.id, add_scene(draft, new, len(draft.scenes)))
                assert edited.run_id not in (None, cancelled)
                cancelled = edited.run_id
                await studio.cancel(cancelled)
            edited = await studio.edit_outline(fork.story.id, lock_scenes(await draft_of(studio, fork.story.id), [1]))
            assert edited.run_id not in (None, cancelled)
            summary = await studio.work_on(edited.run_id)
    assert (summary.status, summary.scenes) == (RunStatus.COMPLETE, 4)


async def test_imported_scenes_that_nobody_planned_are_not_taken_back(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            story_id = (await studio.import_manuscript(IMPORTED)).story_id
            before = await texts_of(studio, story_id)
            draft = await draft_of(studio, story_id)
            wanted = edit_scene(draft, 1, purpose="Ilan lights the lamp.")
            with pytest.raises(InvalidInput, match="Scene 2 is imported"):
                await studio.edit_outline(story_id, wanted, rewrite=True)
            assert await texts_of(studio, story_id) == before
            await studio.edit_outline(story_id, wanted)
            await redo(studio, story_id, [1])
            after = await texts_of(studio, story_id)
            scenes = (await outline_of(studio, story_id)).scenes
    assert after[1] != before[1]
    assert after[2] == before[2]
    assert [scene.brief.target_words for scene in scenes] == [50, 0]
