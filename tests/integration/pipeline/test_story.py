"""A whole story against an OpenAI-compatible endpoint over real HTTP and a real Postgres."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from chorus.domain.canon import FactStatus
from chorus.domain.prose import is_whole
from chorus.domain.run import ReviewKind, ReviewMode, RunStatus
from chorus.domain.story import CharacterRole, SceneStatus
from chorus.embedded import EmbeddedEmbedder
from chorus.errors import Conflict, InvalidInput
from chorus.settings import ChorusConfig, DatabaseConfig, LLMConfig
from chorus.studio import open_studio
from tests.endpoint.faults import Fault, Kind
from tests.endpoint.server import Call, EndpointServer
from tests.integration.pipeline.conftest import Notes, Open

PREMISE = "A lighthouse keeper finds a letter in a bottle."


async def test_a_premise_becomes_a_finished_story(studio_at: Open) -> None:
    notes = Notes()
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = studio.default_settings(scenes=5, words=120)
            summary = await studio.write_story(PREMISE, settings=settings, watcher=notes)
            manuscript = await studio.load_manuscript(summary.story_id)
            async with studio.store.reading() as tx:
                outline = await tx.stories.load_outline(summary.story_id)
                cast = await tx.stories.list_characters(summary.story_id)
                facts = await tx.canon.list_facts(summary.story_id)
                memories = await tx.memories.list_of(summary.story_id)
                pending = await tx.memories.count_pending(EmbeddedEmbedder.name, summary.story_id)
                calls = await tx.calls.list_of(summary.story_id)
    assert (summary.status, summary.scenes, summary.llm_calls) == (RunStatus.COMPLETE, 5, len(endpoint.calls))
    assert manuscript.title
    assert [s.number for c in manuscript.chapters for s in c.scenes] == [1, 2, 3, 4, 5]
    assert all(is_whole(s.text) for c in manuscript.chapters for s in c.scenes)
    assert manuscript.words == summary.words > 100
    assert all(scene.status is SceneStatus.APPROVED and scene.summary for scene in outline.scenes)
    assert all(chapter.summary for chapter in outline.chapters)
    assert [c.role for c in cast].count(CharacterRole.PROTAGONIST) == 1
    assert facts
    assert all(fact.status is FactStatus.ESTABLISHED and fact.evidence for fact in facts)
    assert {memory.scene_number for memory in memories} == {0, 1, 2, 3, 4, 5}
    assert pending == 0
    assert all(call.run_id == summary.run_id and call.outcome.is_answer for call in calls)
    drafts = [call for call in calls if call.node == "draft_scene"]
    assert all(call.manifest and call.manifest["items"] for call in drafts[1:])
    assert notes.kinds[0] == "run_started"
    assert notes.kinds[-1] == "run_complete"
    assert Counter(notes.kinds)["scene_committed"] == 5
    assert {number for number, _ in notes.pieces} == {1, 2, 3, 4, 5}


async def test_later_scenes_are_told_the_ending_and_what_was_recalled(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            summary = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=4, words=100))
            manuscript = await studio.load_manuscript(summary.story_id)
            async with studio.store.reading() as tx:
                calls = await tx.calls.list_of(summary.story_id)
    texts = [s.text for c in manuscript.chapters for s in c.scenes]
    prompts = {c.scene_number: c.request["messages"][-1]["content"] for c in calls if c.node == "draft_scene"}
    for number in (2, 3, 4):
        assert texts[number - 2][-60:] in prompts[number]
    manifest = next(c.manifest for c in calls if c.node == "draft_scene" and c.scene_number == 4)
    assert manifest
    recalled = [item for item in manifest["items"] if item["kind"] == "memory"]
    assert recalled
    assert all(item["source"] in ("scene 1", "scene 2", "before the story") for item in recalled)
    assert [item["rank"] for item in recalled] == sorted(item["rank"] for item in recalled)


@pytest.mark.parametrize("at", ["cast_named", "outline_ready", "scene_started", "revision", "scene_committed"])
async def test_a_run_that_was_stopped_goes_on_and_pays_for_nothing_twice(studio_at: Open, at: str) -> None:
    with EndpointServer() as undisturbed:
        async with studio_at(undisturbed.base_url) as studio:
            whole = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=3, words=100))
            expected = await studio.load_manuscript(whole.story_id)
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            run = await studio.start_run(PREMISE, settings=studio.default_settings(scenes=3, words=100))
            reached = asyncio.Event()
            notes = Notes(lambda event: reached.set() if event.kind == at else None)
            working = asyncio.create_task(studio.work_on(run.id, notes))
            await reached.wait()
            working.cancel()
            with pytest.raises(asyncio.CancelledError):
                await working
        async with studio_at(endpoint.base_url) as studio:
            summary = await studio.work_on(run.id)
            manuscript = await studio.load_manuscript(run.story_id)
    assert summary.status is RunStatus.COMPLETE
    texts = [[s.text for s in chapter.scenes] for chapter in manuscript.chapters]
    assert texts == [[s.text for s in chapter.scenes] for chapter in expected.chapters]
    answered = Counter(call.prompt_hash for call in endpoint.calls if call.outcome == "ok" and call.ended_s)
    assert max(answered.values()) <= 2  # what was in flight when it stopped may have been answered to nobody
    assert len(endpoint.calls) <= len(undisturbed.calls) + 2


async def test_a_finished_run_is_not_worked_on_again(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            summary = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=1, words=60))
            with pytest.raises(Conflict, match="complete"):
                await studio.work_on(summary.run_id)


async def test_two_who_work_on_one_run_do_not_both_write(studio_at: Open) -> None:
    with EndpointServer(latency_s=0.05) as endpoint:
        async with studio_at(endpoint.base_url) as one, studio_at(endpoint.base_url) as other:
            run = await one.start_run(PREMISE, settings=one.default_settings(scenes=2, words=60))
            results = await asyncio.gather(one.work_on(run.id), other.work_on(run.id), return_exceptions=True)
            async with one.store.reading() as tx:
                scenes = (await tx.stories.load_outline(run.story_id)).scenes
                revisions = [len(await tx.stories.list_revisions(scene.id)) for scene in scenes]
                summary = await tx.runs.summarise(run.id)
    assert summary.status is RunStatus.COMPLETE
    assert sum(not isinstance(result, Exception) for result in results) >= 1
    assert revisions == [1, 1]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_silly_answers_still_make_a_story(studio_at: Open, seed: int) -> None:
    """Empty lists, unknown names, one scene in place of three: the plan is settled in code."""
    silly = {
        "ConceptsAnswer": ['{"concepts": []}'],
        "NamesAnswer": ['{"characters": [], "places": []}'],
        "WorldAnswer": ['{"elements": []}'],
        "ProfilesAnswer": ['{"characters": [{"name": "Zog"}]}'],
        "OutlineAnswer": [f'{{"chapter_titles": null, "scenes": [{{"event": "Zog {seed}", "cast": ["Zog", 7]}}]}}'],
    }
    with EndpointServer(says=silly) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            summary = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=3, words=60))
            async with studio.store.reading() as tx:
                cast = {c.name for c in await tx.stories.list_characters(summary.story_id) if c.first_scene is None}
                outline = await tx.stories.load_outline(summary.story_id)
    assert summary.status in (RunStatus.COMPLETE, RunStatus.PAUSED)
    assert summary.scenes_planned == 3
    assert all(set(scene.brief.cast) <= cast for scene in outline.scenes)


async def test_a_gate_waits_for_a_person_and_asks_nothing_again(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = studio.default_settings(scenes=2, words=60, review=ReviewMode.OUTLINE)
            paused = await studio.write_story(PREMISE, settings=settings)
            async with studio.store.reading() as tx:
                (question,) = await tx.runs.list_questions(story_id=paused.story_id)
            asked = len(endpoint.calls)
            await studio.approve(paused.run_id)
            summary = await studio.work_on(paused.run_id)
    assert (paused.status, paused.scenes, question.kind) == (RunStatus.PAUSED, 0, ReviewKind.OUTLINE)
    assert summary.status is RunStatus.COMPLETE
    setup_calls = [call for call in endpoint.calls[asked:] if "OutlineAnswer" in str(call.schema_name)]
    assert setup_calls == []


async def test_an_endpoint_that_is_away_fails_the_run_and_resuming_mends_it(studio_at: Open) -> None:
    with EndpointServer(faults=[None, None, Fault(Kind.UNAUTHORIZED)]) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            failed = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=1, words=60))
            assert failed.status is RunStatus.FAILED
            assert "OPENAI_API_KEY" in (failed.error or "")
            assert "canary" not in (failed.error or "")
        async with studio_at(endpoint.base_url) as studio:
            assert (await studio.work_on(failed.run_id)).status is RunStatus.COMPLETE


@pytest.mark.parametrize("premise", ["", "   ", "\x00", "x" * 50_000])
async def test_a_premise_that_cannot_be_written_is_refused_and_leaves_nothing(studio_at: Open, premise: str) -> None:
    async with studio_at("http://127.0.0.1:9/v1") as studio:
        with pytest.raises(InvalidInput, match="premise"):
            await studio.start_run(premise)
        async with studio.store.reading() as tx:
            assert await tx.stories.list_cards() == []


async def test_a_revision_follows_a_contradiction_with_evidence(studio_at: Open) -> None:
    """The endpoint quotes sentences of its prompt, so that some findings are verified and lead to a revision."""
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            summary = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=8, words=80))
            async with studio.store.reading() as tx:
                findings = await tx.canon.list_findings(summary.story_id)
                outline = await tx.stories.load_outline(summary.story_id)
                texts = {r.id: r for s in outline.scenes for r in await tx.stories.list_revisions(s.id)}
    assert findings
    assert all(finding.quote in texts[finding.revision_id].text for finding in findings)
    assert all(len([r for r in texts.values() if r.scene_id == scene.id]) <= 3 for scene in outline.scenes)


async def test_nobody_there_is_said_with_the_variable_to_set(studio_at: Open) -> None:
    async with studio_at("http://127.0.0.1:9/v1") as studio:
        failed = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=1, words=60))
    assert failed.status is RunStatus.FAILED
    assert "OPENAI_API_BASE" in (failed.error or "")


async def test_a_model_that_reads_little_is_told_less_and_the_same_again_after_going_back(studio_at: Open) -> None:
    notes = Notes()
    with EndpointServer(says={"CheckAnswer": ['{"consistent": true, "findings": []}'] * 12}) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = studio.default_settings(scenes=4, words=120, fresh=True)
            await studio.write_story(PREMISE, settings=settings)
            longest = max(_asked(call) for call in endpoint.calls if call.schema_name is None)

            def reads_little(number: int) -> Kind | None:
                call = endpoint.calls[number]
                return Kind.TOO_LONG if call.schema_name is None and _asked(call) > longest - 200 else None

            endpoint.faults = reads_little
            summary = await studio.write_story(PREMISE, settings=settings, watcher=notes)
            asked = len(endpoint.calls)
            assert await studio.roll_back(summary.story_id, 0)
            again = await studio.work_on(summary.run_id)
            async with studio.store.reading() as tx:
                calls = await tx.calls.list_of(summary.story_id)
    assert (summary.status, again.status) == (RunStatus.COMPLETE, RunStatus.COMPLETE)
    halved = [event for event in notes.events if event.kind == "context_halved"]
    budgets = {c.scene_number: c.manifest["budget_tokens"] for c in calls if c.node == "draft_scene" and c.manifest}
    assert halved
    assert {event.scene_number: event.data["tokens"] for event in halved}.items() <= budgets.items()
    assert len(endpoint.calls) == asked, "what was found out is not found out again"


def _asked(call: Call) -> int:
    return sum(len(message["content"]) for message in call.messages)


async def test_scenes_between_are_told_what_the_plan_keeps_open(studio_at: Open) -> None:
    """Scene 1 plants a thread and scene 3 pays it off: scenes 2 and 3 are told of it, and are asked about it."""
    thread = "Who has written the letter in the bottle?"
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = studio.default_settings(scenes=4, words=60, review=ReviewMode.OUTLINE)
            run = await studio.write_story(PREMISE, settings=settings)
            async with studio.store.transaction() as tx:
                for scene in (await tx.stories.load_outline(run.story_id)).scenes:
                    links = {"plants": (thread,) * (scene.number == 1), "payoffs": (thread,) * (scene.number == 3)}
                    brief = scene.brief.model_copy(update=links)
                    await tx.stories.save_scene(scene.model_copy(update={"brief": brief}))
            await studio.approve(run.run_id)
            assert (await studio.work_on(run.run_id)).status is RunStatus.COMPLETE
            async with studio.store.reading() as tx:
                calls = await tx.calls.list_of(run.story_id)
    told = {
        node: {c.scene_number for c in calls if c.node == node and _tells(c.manifest, "plan of scene 1", thread)}
        for node in ("draft_scene", "digest_scene")
    }
    assert told == {"draft_scene": {2, 3}, "digest_scene": {2, 3}}


def _tells(manifest: dict[str, Any] | None, source: str, text: str) -> bool:
    items = (manifest or {}).get("items", [])
    return any((item["source"], item["text"], item["included"]) == (source, text, True) for item in items)


async def test_of_what_the_embedded_model_reads_a_scene_is_told_half_at_most(database_url: str) -> None:
    config = ChorusConfig(database=DatabaseConfig(url=database_url), llm=LLMConfig(context_tokens=16_000))
    async with open_studio(config) as studio:
        assert studio.default_settings().context_tokens == 4_096
    config = ChorusConfig(
        database=config.database, llm=LLMConfig(context_tokens=16_000, api_base="http://127.0.0.1:9/v1")
    )
    async with open_studio(config) as studio:
        assert studio.default_settings().context_tokens == 16_000
