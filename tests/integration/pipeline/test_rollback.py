"""Back to a scene that was committed, and on from there without paying again."""

from uuid import UUID

import pytest

from chorus.domain.canon import FactStatus
from chorus.domain.run import ReviewMode, RunStatus, Stage
from chorus.domain.story import SceneStatus
from chorus.domain.trace import REUSED, reuses_of
from chorus.errors import Conflict, InvalidInput, NotFound
from chorus.studio import Studio
from tests.endpoint.server import EndpointServer
from tests.figures import show
from tests.integration.pipeline.conftest import Open

PREMISE = "A lighthouse keeper finds a letter in a bottle."


async def what_is_known(studio: Studio, story_id: UUID) -> dict[str, object]:
    """Text, canon and memory of a story, without ids."""
    async with studio.store.reading() as tx:
        outline = await tx.stories.load_outline(story_id)
        facts = await tx.canon.list_facts(story_id)
        states = await tx.canon.list_states(story_id, 99)
        memories = await tx.memories.list_of(story_id)
        cast = await tx.stories.list_characters(story_id)
        ties = await tx.stories.list_relationships(story_id)
    manuscript = await studio.load_manuscript(story_id)
    return {
        "chapters": [(c.title, c.summary) for c in outline.chapters],
        "scenes": [(s.number, s.status, s.summary, s.words) for s in outline.scenes],
        "texts": [(s.number, s.text) for c in manuscript.chapters for s in c.scenes],
        "facts": [(f.valid_from, f.number, f.statement, f.evidence, f.status) for f in facts],
        "states": [(s.scene_number, s.place, s.condition, s.goal, s.alive) for s in states],
        "memories": [(m.scene_number, m.kind, m.number, m.text) for m in memories],
        "ties": sorted((tie.valid_from, tie.valid_to or 0, tie.kind) for tie in ties),
        "cast": [(c.number, c.name, c.first_scene) for c in cast],
    }


@pytest.mark.parametrize("to_scene", [0, 2, 5])
async def test_rolling_back_and_going_on_costs_nothing(studio_at: Open, to_scene: int) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            whole = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=5, words=80))
            before, asked = await what_is_known(studio, whole.story_id), len(endpoint.calls)
            run = await studio.roll_back(whole.story_id, to_scene)
            assert run
            assert (run.id, run.status, run.stage) == (whole.run_id, RunStatus.PAUSED, Stage.SCENES)
            async with studio.store.reading() as tx:
                scenes = (await tx.stories.load_outline(whole.story_id)).scenes
                facts = await tx.canon.list_facts(whole.story_id)
                memories = await tx.memories.list_of(whole.story_id)
            assert [s.number for s in scenes if s.status is SceneStatus.APPROVED] == list(range(1, to_scene + 1))
            assert all(fact.valid_from <= to_scene and fact.status is FactStatus.ESTABLISHED for fact in facts)
            assert all(memory.scene_number <= to_scene for memory in memories)
            summary = await studio.work_on(run.id)
            assert await what_is_known(studio, whole.story_id) == before
            async with studio.store.reading() as tx:
                said = await tx.runs.list_events_of_kind(run.id, REUSED)
                calls = {call.id: call for call in await tx.calls.list_of(whole.story_id)}
            reuses = reuses_of(said)
            assert {reuse.scene_number for reuse in reuses if reuse.scene_number} == set(range(to_scene + 1, 6))
            assert all(calls[reuse.call_id].node_path == reuse.path for reuse in reuses)
            assert all("nothing is paid" in event.message for event in said)
    assert summary.status is RunStatus.COMPLETE
    assert len(endpoint.calls) == asked


async def test_a_story_at_work_is_not_rolled_back(studio_at: Open) -> None:
    async with studio_at("http://127.0.0.1:9/v1") as studio:
        run = await studio.start_run(PREMISE)
        with pytest.raises(InvalidInput, match="0 scenes"):
            await studio.roll_back(run.story_id, 1)
        with pytest.raises(NotFound):
            await studio.roll_back(run.id, 1)


async def test_a_run_with_a_writer_keeps_it(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            whole = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=2, words=60))
            await studio.roll_back(whole.story_id, 2)
            before = await what_is_known(studio, whole.story_id)
            async with studio.store.transaction() as tx:
                assert await tx.runs.claim(whole.run_id, "somebody:1:1")
            with pytest.raises(Conflict, match="pause"):
                await studio.roll_back(whole.story_id, 1)
            assert await what_is_known(studio, whole.story_id) == before


async def test_answering_the_outline_gate_pays_for_nothing_again(studio_at: Open) -> None:
    """The same story with a person in between costs the same calls, each of them once."""
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = studio.default_settings(scenes=3, words=80, fresh=True)
            await studio.write_story(PREMISE, settings=settings)
            free = [call.prompt_hash for call in endpoint.calls]
            gated = settings.model_copy(update={"review": ReviewMode.OUTLINE})
            paused = await studio.write_story(PREMISE, settings=gated)
            at_the_gate = len(endpoint.calls) - len(free)
            still = await studio.work_on(paused.run_id)
            assert (still.status, len(endpoint.calls) - len(free)) == (RunStatus.PAUSED, at_the_gate)
            await studio.approve(paused.run_id)
            done = await studio.work_on(paused.run_id)
    assert (paused.status, done.status) == (RunStatus.PAUSED, RunStatus.COMPLETE)
    asked = [call.prompt_hash for call in endpoint.calls[len(free) :]]
    show("Answering the outline gate", [{"calls without": len(free), "with": len(asked), "bought twice": 0}])
    assert sorted(asked) == sorted(free)
    assert len(set(asked)) == len(asked)
