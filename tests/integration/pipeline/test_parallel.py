"""Parallel continuity: a window of scenes at once, committed in story order, the same book whatever the timing."""

import asyncio
import json
import re
from collections import Counter
from typing import Any
from uuid import UUID

import pytest

from chorus.domain.canon import FaultKind, Severity
from chorus.domain.run import Continuity, ReviewMode, RunEvent, RunSettings, RunStatus
from chorus.studio import Studio
from tests.endpoint.server import EndpointServer
from tests.integration.pipeline.conftest import Notes, Open

PREMISE = "A lighthouse keeper finds a letter in a bottle."
WINDOW = 3
CALM = '{"consistent": true, "findings": []}'


def parallel(studio: Studio, **chosen: Any) -> RunSettings:
    given = {"scenes": 4, "words": 60, "continuity": Continuity.PARALLEL, "concurrency": WINDOW, **chosen}
    return studio.default_settings(**given)


async def book_of(studio: Studio, story_id: UUID) -> dict[str, Any]:
    """Text, canon and memory of a story, without ids."""
    manuscript = await studio.load_manuscript(story_id)
    async with studio.store.reading() as tx:
        characters = await tx.stories.list_characters(story_id)
        names = {c.id: c.name for c in characters}
        states = await tx.canon.list_states(story_id, 100)
        memories = await tx.memories.list_of(story_id)
        return {
            "texts": [s.text for c in manuscript.chapters for s in c.scenes],
            "chapters": [c.title for c in manuscript.chapters],
            "cast": [(c.name, c.first_scene) for c in characters],
            "facts": [(f.statement, f.valid_from, f.valid_to) for f in await tx.canon.list_facts(story_id)],
            "states": [(names[s.character_id], s.scene_number, s.place, s.alive) for s in states],
            "memories": sorted((m.scene_number, m.kind, m.number, m.text) for m in memories),
            "ties": [
                (tie.valid_from, names[tie.character_id], names[tie.other_id], tie.kind, tie.valid_to)
                for tie in await tx.stories.list_relationships(story_id)
            ],
        }


async def test_the_same_answers_make_the_same_book_whatever_the_timing(studio_at: Open) -> None:
    books = []
    for seed in (None, 1, 2):
        with EndpointServer(latency_s=0.02 if seed else 0.0, jitter=seed, ties=True) as endpoint:
            async with studio_at(endpoint.base_url) as studio:
                summary = await studio.write_story(PREMISE, settings=parallel(studio, scenes=6))
                async with studio.store.reading() as tx:
                    calls = await tx.calls.list_of(summary.story_id)
                asked = sorted((call.node_path, call.prompt_hash) for call in calls if call.scene_number)
                books.append((await book_of(studio, summary.story_id), asked))
        assert summary.status is RunStatus.COMPLETE
    assert len(books[0][0]["ties"]) > WINDOW, "several at a time, so that their order tells"
    assert books[0] == books[1] == books[2]


async def test_a_scene_sees_the_canon_as_of_its_window_and_its_entry_contract(studio_at: Open) -> None:
    notes = Notes()
    with EndpointServer(latency_s=0.02) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            summary = await studio.write_story(PREMISE, settings=parallel(studio, scenes=6), watcher=notes)
            async with studio.store.reading() as tx:
                calls = await tx.calls.list_of(summary.story_id)
                scenes = (await tx.stories.load_outline(summary.story_id)).scenes
    assert endpoint.most_in_flight > 1
    drafts = {c.scene_number: c for c in calls if c.node == "draft_scene"}
    for number, draft in drafts.items():
        items = (draft.manifest or {})["items"]
        canon = [int(found[1]) for item in items if (found := re.fullmatch(r"scene (\d+)", item["source"]))]
        assert all(seen <= (number or 0) - WINDOW for seen in canon)
        entry = scenes[(number or 1) - 1].brief.entry
        assert not entry or entry in draft.request["messages"][-1]["content"]
    committed = [event.scene_number for event in notes.events if event.kind == "scene_committed"]
    assert committed == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("at", ["revision", pytest.param("scene_committed", marks=pytest.mark.soak)])
async def test_a_parallel_run_that_was_stopped_goes_on_and_pays_for_nothing_twice(studio_at: Open, at: str) -> None:
    with EndpointServer() as undisturbed:
        async with studio_at(undisturbed.base_url) as studio:
            whole = await studio.write_story(PREMISE, settings=parallel(studio))
            expected = await book_of(studio, whole.story_id)
    with EndpointServer(latency_s=0.02, jitter=3) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            run = await studio.start_run(PREMISE, settings=parallel(studio))
            reached = asyncio.Event()
            notes = Notes(lambda event: reached.set() if event.kind == at and event.scene_number == 2 else None)
            working = asyncio.create_task(studio.work_on(run.id, notes))
            await reached.wait()
            working.cancel()
            with pytest.raises(asyncio.CancelledError):
                await working
        async with studio_at(endpoint.base_url) as studio:
            summary = await studio.work_on(run.id)
            assert await book_of(studio, run.story_id) == expected
    assert summary.status is RunStatus.COMPLETE
    answered = Counter(call.prompt_hash for call in endpoint.calls if call.outcome == "ok" and call.answer)
    assert sum(count - 1 for count in answered.values()) <= 2 * WINDOW  # what was in flight when it stopped
    assert len(endpoint.calls) <= len(undisturbed.calls) + 2 * WINDOW


async def test_a_gate_for_every_scene_holds_the_window_and_loses_no_answer(studio_at: Open) -> None:
    with EndpointServer(latency_s=0.01) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = parallel(studio, scenes=3, review=ReviewMode.SCENES)
            summary = await studio.write_story(PREMISE, settings=settings)
            done = [summary.scenes]
            while summary.status is RunStatus.PAUSED:
                await studio.approve(summary.run_id)
                summary = await studio.work_on(summary.run_id)
                done.append(summary.scenes)
    assert summary.status is RunStatus.COMPLETE
    assert done == [1, 2, 3, 3]
    answered = Counter(call.prompt_hash for call in endpoint.calls if call.outcome == "ok")
    assert max(answered.values()) == 1


async def test_a_scene_is_checked_again_only_if_one_before_changed_what_it_reads(studio_at: Open) -> None:
    """Scene 2 says something of Bo, whom its plan leaves out; scene 3 reads Bo and was written without knowing it."""
    gulls = " ".join(f"Ann counted {number} gulls over the grey water and waited." for number in range(1, 25))
    text = f"{gulls} The boat was sold, people said. Bo came late and said nothing of the boat."
    fact = {
        "subject": "Bo",
        "statement": "Bo has sold the boat.",
        "quote": "Bo came late and said nothing of the boat.",
    }
    digest = {
        "summary": "Ann waits.",
        "facts": [fact],
        "characters": [],
        "newcomers": [],
        "planted": [],
        "paid_off": [],
    }
    events = await _with_cast(studio_at, text, digest, [("Ann",), ("Ann",), ("Ann", "Bo"), ("Ann",)])
    again = [event for event in events if event.kind == "look_again"]
    assert [event.scene_number for event in again] == [3]
    assert again[0].data["reasons"] == ["Bo (scene 2)"]


async def test_a_scene_is_checked_again_if_two_of_its_people_have_become_something_else(studio_at: Open) -> None:
    """Scene 1 makes enemies of Ann and Bo, as its text shows; scene 2 has both and was written without knowing it."""
    gulls = " ".join(f"Ann counted {number} gulls over the grey water and waited." for number in range(1, 25))
    broke = "Bo told Ann that they were done for good."
    tie = {"name": "Bo", "other": "Ann", "tie": "her enemy", "quote": broke}
    lists: dict[str, Any] = {"facts": [], "characters": [], "newcomers": [], "planted": [], "paid_off": []}
    digest = {"summary": "Ann waits.", **lists, "ties": [tie]}
    both = ("Ann", "Bo")
    events = await _with_cast(studio_at, f"{gulls} {broke}", digest, [both, both, both, ("Ann",)])
    told = {event.scene_number: event.data["reasons"] for event in events if event.kind == "look_again"}
    said = {number: [reason for reason in reasons if "seam" not in reason] for number, reasons in told.items()}
    assert said[2] == ["Bo and Ann (scene 1)"]
    assert not said.get(3), "scene 2 says nothing new of them"


async def test_what_code_sees_only_at_a_scenes_turn_is_put_right(studio_at: Open) -> None:
    """Two scenes of one window have the same text: the second tells it again, and has somebody act who has died."""
    text = (
        "Ann counted the gulls over the grey water until the last of them had gone to the cliffs for the night. "
        "Bo died at dawn, and nobody on the whole long shore had the heart to ring the bell for him. "
        "Bo opened the door of the boathouse. Ann said nothing of it, and carried the lamp up the stairs."
    )
    says = {"": [text] * 2, "DigestAnswer": [json.dumps(DEAD_BO)] * 2, "CheckAnswer": [CALM] * 8}
    with EndpointServer(says=says) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = parallel(studio, scenes=2, concurrency=2, review=ReviewMode.OUTLINE)
            paused = await studio.write_story(PREMISE, settings=settings)
            await _recast(studio, paused.story_id, [("Ann", "Bo")] * 2)
            await studio.approve(paused.run_id)
            done = await studio.work_on(paused.run_id)
            async with studio.store.reading() as tx:
                first, second = (await tx.stories.load_outline(done.story_id)).scenes
                texts = await tx.stories.list_revisions(second.id)
                findings = await tx.canon.list_findings(done.story_id)
                calls = Counter(call.scene_number for call in await tx.calls.list_of(done.story_id))
    assert done.status is RunStatus.COMPLETE
    late = {f.kind for f in findings if f.revision_id == texts[0].id and f.severity is Severity.MAJOR}
    assert {FaultKind.DEAD, FaultKind.REPETITION} <= late
    assert not [f for f in findings if f.scene_id == first.id and f.kind in late]
    assert (len(texts), second.revision_id) == (2, texts[1].id)
    assert calls[2] == 6, "no model was asked whether the text should be written again"


DEAD_BO = {
    "summary": "Bo dies at dawn.",
    "facts": [],
    "characters": [{"name": "Bo", "place": "the shore", "condition": "dead", "goal": "", "alive": False}],
    "newcomers": [],
    "planted": [],
    "paid_off": [],
}


async def _with_cast(
    studio_at: Open, text: str, digest: dict[str, Any], casts: list[tuple[str, ...]]
) -> list[RunEvent]:
    notes = Notes()
    says = {"": [text] * 20, "DigestAnswer": [json.dumps(digest)] * 20, "CheckAnswer": [CALM] * 20}
    with EndpointServer(says=says) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = parallel(studio, scenes=len(casts), concurrency=2, review=ReviewMode.OUTLINE)
            paused = await studio.write_story(PREMISE, settings=settings)
            await _recast(studio, paused.story_id, casts)
            await studio.approve(paused.run_id)
            assert (await studio.work_on(paused.run_id, notes)).status is RunStatus.COMPLETE
    return notes.events


async def _recast(studio: Studio, story_id: UUID, casts: list[tuple[str, ...]]) -> None:
    """Give the first two of the cast the names Ann and Bo, and every scene these people."""
    async with studio.store.transaction() as tx:
        people = await tx.stories.list_characters(story_id)
        named = [who.model_copy(update={"name": name}) for who, name in zip(people, ("Ann", "Bo"), strict=False)]
        await tx.stories.save_characters(named)
        for scene, cast in zip((await tx.stories.load_outline(story_id)).scenes, casts, strict=True):
            brief = scene.brief.model_copy(update={"cast": cast, "writes": cast, "reads": cast})
            await tx.stories.save_scene(scene.model_copy(update={"brief": brief}))
