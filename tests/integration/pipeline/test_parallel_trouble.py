"""Stopped in the middle of a window, a run keeps what is paid for, and goes on to the book it would have been."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from chorus.domain.run import Continuity, ReviewKind, Run, RunEvent, RunStatus
from chorus.domain.story import SceneStatus
from chorus.pipeline import runner
from chorus.studio import Studio
from tests.endpoint import Call, EndpointServer, Fault, Kind
from tests.integration.pipeline.conftest import Notes, Open

PREMISE = "A lighthouse keeper finds a letter in a bottle."
WINDOW = 3
LATENCY_S = 0.03
SLOW_S = 0.4
"""So that there is time to ask for the end."""


@pytest.fixture(autouse=True)
def quick_of_hearing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "HEARTBEAT_S", 0.02)


async def begin(studio: Studio, **chosen: Any) -> Run:
    given = {"scenes": 5, "words": 60, "continuity": Continuity.PARALLEL, "concurrency": WINDOW, **chosen}
    return await studio.start_run(PREMISE, settings=studio.default_settings(**given))


async def texts_of(studio: Studio, story_id: UUID) -> list[str]:
    return [scene.text for chapter in (await studio.load_manuscript(story_id)).chapters for scene in chapter.scenes]


async def written(studio: Studio, story_id: UUID) -> list[int]:
    async with studio.store.reading() as tx:
        scenes = (await tx.stories.load_outline(story_id)).scenes
    return [scene.number for scene in scenes if scene.status is SceneStatus.APPROVED]


def bought_twice(calls: list[Call]) -> int:
    answered = Counter(call.prompt_hash for call in calls if call.outcome == "ok" and call.answer)
    return sum(times - 1 for times in answered.values())


@asynccontextmanager
async def stopped_at_the_second_scene(
    studio_at: Open, endpoint: EndpointServer, command: str
) -> AsyncIterator[tuple[Studio, Run]]:
    """Ask for the end of a run when its second scene is committed, and others are at work."""
    reached = asyncio.Event()

    def hear(event: RunEvent) -> None:
        if (event.kind, event.scene_number) == ("scene_committed", 2):
            endpoint.latency_s = SLOW_S
            reached.set()

    async with studio_at(endpoint.base_url) as studio:
        run = await begin(studio)
        working = asyncio.create_task(studio.work_on(run.id, Notes(hear)))
        await reached.wait()
        await getattr(studio, command)(run.id)
        await working
        endpoint.latency_s = LATENCY_S
        yield studio, run


async def test_a_paused_window_comes_back_and_nothing_is_bought_twice(studio_at: Open) -> None:
    with EndpointServer(latency_s=LATENCY_S, jitter=1) as endpoint:
        async with stopped_at_the_second_scene(studio_at, endpoint, "pause") as (studio, run):
            assert (await studio.summarise(run.id)).status is RunStatus.PAUSED
            assert {call.outcome for call in endpoint.calls} == {"ok"}, "those on their way came back"
            done = await studio.work_on(run.id)
            texts = await texts_of(studio, run.story_id)
            whole = await begin(studio, fresh=True)
            await studio.work_on(whole.id)
            assert texts == await texts_of(studio, whole.story_id)
    assert done.status is RunStatus.COMPLETE
    asked = Counter(call.prompt_hash for call in endpoint.calls if call.outcome == "ok")
    assert max(asked.values()) <= 2, "once by each of the two stories"


async def test_a_cancelled_window_ends_at_once_and_what_is_committed_stays(studio_at: Open) -> None:
    with EndpointServer(latency_s=LATENCY_S, jitter=2) as endpoint:
        async with stopped_at_the_second_scene(studio_at, endpoint, "cancel") as (studio, run):
            assert (await studio.summarise(run.id)).status is RunStatus.CANCELLED
            committed = await written(studio, run.story_id)
            asked = len(endpoint.calls)
            async with studio.store.reading() as tx:
                flying = [c for c in await tx.calls.list_of(run.story_id) if c.outcome == "in_flight"]
    assert committed == list(range(1, len(committed) + 1))
    assert 2 <= len(committed) < 5
    assert (flying, len(endpoint.calls)) == ([], asked)


async def test_a_budget_that_ends_in_a_window_is_not_overshot_and_a_larger_one_goes_on(studio_at: Open) -> None:
    with EndpointServer(latency_s=LATENCY_S, jitter=3) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            free = await begin(studio, fresh=True)
            spent = await studio.work_on(free.id)
            limit = (spent.prompt_tokens + spent.completion_tokens) * 3 // 4
            calls = len(endpoint.calls)
            tight = await begin(studio, fresh=True, budget_tokens=limit)
            paused = await studio.work_on(tight.id)
            async with studio.store.reading() as tx:
                (question,) = await tx.runs.list_questions(story_id=tight.story_id)
            committed = await written(studio, tight.story_id)
            await studio.grant(tight.id, tokens=10 * limit)
            await studio.approve(tight.id)
            done = await studio.work_on(tight.id)
            assert await texts_of(studio, tight.story_id) == await texts_of(studio, free.story_id)
    assert (paused.status, question.kind) == (RunStatus.PAUSED, ReviewKind.BUDGET)
    assert paused.prompt_tokens + paused.completion_tokens <= limit
    assert committed == list(range(1, len(committed) + 1))
    assert done.status is RunStatus.COMPLETE
    assert bought_twice(endpoint.calls[calls:]) == 0
    assert len(endpoint.calls) == 2 * calls


async def test_a_scene_that_cannot_be_written_stops_the_window_in_story_order(studio_at: Open) -> None:
    """The second draft finds no credit: scene 1 is kept, and what the others were answered; a person is asked."""

    def refused(number: int) -> Fault | None:
        return Fault(Kind.QUOTA) if is_second_draft(number) and not mended.is_set() else None

    def is_second_draft(number: int) -> bool:
        call = endpoint.calls[number]
        return call.schema_name is None and "Write scene 2 of 5" in str(call.messages)

    mended = asyncio.Event()
    with EndpointServer(latency_s=LATENCY_S, faults=refused) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            run = await begin(studio)
            stopped = await studio.work_on(run.id)
            assert await written(studio, run.story_id) == [1]
            mended.set()
            done = await studio.work_on(run.id)
    assert stopped.status in (RunStatus.PAUSED, RunStatus.FAILED)
    assert done.status is RunStatus.COMPLETE
    assert bought_twice(endpoint.calls) == 0


async def test_questions_in_a_window_hold_nothing_up_and_are_asked_in_story_order(studio_at: Open) -> None:
    """No check can be had: each scene is committed all the same, with a question about the text that was chosen."""
    with EndpointServer(latency_s=LATENCY_S, jitter=4, broken=("CheckAnswer",)) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            run = await begin(studio)
            done = await studio.work_on(run.id)
            async with studio.store.reading() as tx:
                questions = await tx.runs.list_questions(story_id=run.story_id)
                scenes = (await tx.stories.load_outline(run.story_id)).scenes
    assert done.status is RunStatus.COMPLETE
    asked = sorted((item.created_at, item.details["revision_id"]) for item in questions)
    assert [revision_id for _, revision_id in asked] == [str(scene.revision_id) for scene in scenes]
