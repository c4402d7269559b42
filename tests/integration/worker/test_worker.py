"""What a worker promises, with the endpoint over HTTP and a real Postgres."""

import asyncio
from collections import Counter
from unittest.mock import AsyncMock
from uuid import UUID

import psycopg
import pytest

from chorus.domain.run import Run, RunStatus
from chorus.errors import EndpointUnavailable
from chorus.pipeline import late
from chorus.store.shards import Shards
from chorus.studio import Studio
from chorus.worker import repair
from tests.endpoint.server import EndpointServer
from tests.integration.worker.conftest import Hire, Open, until

PREMISE = "A lighthouse keeper finds a letter in a bottle."


async def dispatched(studio: Studio, scenes: int = 2, priority: int = 0) -> Run:
    settings = studio.default_settings(scenes=scenes, words=60)
    return await studio.start_run(PREMISE, settings=settings, dispatch=True, priority=priority)


async def calls_made(endpoint: EndpointServer, count: int) -> None:
    async with asyncio.timeout(30):
        while len(endpoint.calls) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_dispatched_run_is_written_and_leaves_no_job(studio_at: Open, hire: Hire, database_url: str) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio, hire(studio):
            run = await dispatched(studio)
            summary = await until(studio, run.id, RunStatus.COMPLETE)
            async with studio.store.transaction() as tx:
                (worker,) = await tx.jobs.list_workers()
                assert worker.concurrency == 2
        assert summary.scenes == 2
    with psycopg.connect(database_url) as connection:
        left = "SELECT id FROM procrastinate_jobs UNION ALL SELECT id FROM procrastinate_workers"
        assert connection.execute(left).fetchall() == []
        assert connection.execute("SELECT id FROM worker").fetchall() == []


async def test_memories_without_vectors_get_them_when_the_embedder_is_back(
    studio_at: Open, hire: Hire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repair, "PAUSE_S", 0.2)
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            with monkeypatch.context() as broken:
                broken.setattr(studio._recall, "embed_pending", AsyncMock(side_effect=EndpointUnavailable("away")))
                written = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=1, words=60))
                assert written.status is RunStatus.COMPLETE
                left = await studio.count_pending_memories(written.story_id)
                async with hire(studio):
                    await asyncio.sleep(0)
                assert await studio.count_pending_memories(written.story_id) == left > 0
            async with hire(studio), asyncio.timeout(30):
                while await studio.count_pending_memories(written.story_id):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)


async def test_words_are_gathered_though_the_embedder_is_away(
    studio_at: Open, hire: Hire, monkeypatch: pytest.MonkeyPatch
) -> None:
    gather = Shards.gather
    monkeypatch.setattr(Shards, "gather", lambda shards: gather(shards, least=1))
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            monkeypatch.setattr(studio._recall, "embed_pending", AsyncMock(side_effect=EndpointUnavailable("away")))
            await studio.write_story(PREMISE, settings=studio.default_settings(scenes=1, words=60))
            async with hire(studio), asyncio.timeout(30):
                while await _fresh(studio):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)


@pytest.mark.parametrize("budget_tokens", [None, 1])
async def test_what_a_finished_run_could_not_catalogue_is_read_once_more_within_its_budget(
    studio_at: Open, hire: Hire, monkeypatch: pytest.MonkeyPatch, budget_tokens: int | None
) -> None:
    monkeypatch.setattr(late, "LATER_S", 0.5)
    with EndpointServer(broken=("DigestAnswer",)) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            run = await dispatched(studio)
            async with hire(studio, concurrency=1):
                async with asyncio.timeout(60):
                    while not (await kinds_of(studio, run))["catalogue_later"]:  # noqa: ASYNC110
                        await asyncio.sleep(0.01)
                endpoint.broken = ()
                if budget_tokens:
                    await leave_no_more(studio, run, budget_tokens)
                await until(studio, run.id, RunStatus.COMPLETE)
                async with asyncio.timeout(30):
                    while not (await kinds_of(studio, run))["catalogue_ended"]:  # noqa: ASYNC110
                        await asyncio.sleep(0.05)
                await studio.catalogue_once_more(run.id)
            kinds = await kinds_of(studio, run)
            summary = await studio.summarise(run.id)
            async with studio.store.reading() as tx:
                scenes = (await tx.stories.load_outline(run.story_id)).scenes
                questions = await tx.runs.list_questions(story_id=run.story_id)
    assert (kinds["catalogue_later"], kinds["catalogue_again"], kinds["run_complete"]) == (1, 1, 1)
    assert (kinds["catalogued"], kinds["catalogue_ended"]) == (0 if budget_tokens else 2, 1)
    assert (summary.status, questions) == (RunStatus.COMPLETE, [])
    assert [bool(scene.summary) for scene in scenes] == [budget_tokens is None] * 2


async def kinds_of(studio: Studio, run: Run) -> Counter[str]:
    async with studio.store.reading() as tx:
        return Counter(event.kind for event in await tx.runs.list_events(run.id))


async def leave_no_more(studio: Studio, run: Run, budget_tokens: int) -> None:
    async with studio.store.transaction() as tx:
        asked = run.settings.model_copy(update={"budget_tokens": budget_tokens})
        await tx.runs.change_settings(run.id, asked)


async def _fresh(studio: Studio) -> int:
    async with studio.store.reading() as tx:
        return (await tx.search.list_pages()).memories


async def test_the_highest_priority_comes_first(studio_at: Open, hire: Hire) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            runs = [await dispatched(studio, scenes=1, priority=priority) for priority in (0, 5, 1)]
            async with hire(studio, concurrency=1):
                await asyncio.gather(*(until(studio, run.id, RunStatus.COMPLETE) for run in runs))
            started = {(await studio_run(studio, run.id)).started_at: run.priority for run in runs}
    assert [started[moment] for moment in sorted(moment for moment in started if moment)] == [5, 1, 0]


async def studio_run(studio: Studio, run_id: UUID) -> Run:
    async with studio.store.transaction() as tx:
        return await tx.runs.load(run_id)


async def test_a_worker_that_goes_hands_back_and_wastes_no_call(studio_at: Open, hire: Hire) -> None:
    with EndpointServer(latency_s=0.5) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            async with hire(studio):
                run = await dispatched(studio)
                await calls_made(endpoint, 4)
            handed_back = await studio_run(studio, run.id)
            assert (handed_back.status, handed_back.lease_owner) == (RunStatus.QUEUED, None)
            async with studio.store.transaction() as tx:
                assert (await tx.jobs.queue()).waiting == 1
                kinds = [event.kind for event in await tx.runs.list_events(run.id)]
            assert kinds[-1] == "run_queued"
            async with hire(studio):
                await until(studio, run.id, RunStatus.COMPLETE)
    assert all(call.outcome == "ok" for call in endpoint.calls)
    assert max(Counter(call.prompt_hash for call in endpoint.calls).values()) == 1


async def test_pausing_lets_the_call_under_way_come_back(studio_at: Open, hire: Hire) -> None:
    with EndpointServer(latency_s=1.0) as endpoint:
        async with studio_at(endpoint.base_url) as studio, hire(studio):
            run = await dispatched(studio)
            await calls_made(endpoint, 1)
            assert (await studio.pause(run.id)).requested is RunStatus.PAUSED
            await until(studio, run.id, RunStatus.PAUSED)
            asked = len(endpoint.calls)
            endpoint.latency_s = 0.0
            await studio.dispatch(run.id)
            await until(studio, run.id, RunStatus.COMPLETE)
    assert all(call.outcome == "ok" for call in endpoint.calls[:asked])
    assert max(Counter(call.prompt_hash for call in endpoint.calls).values()) == 1


async def test_cancelling_ends_a_run_within_a_heartbeat(studio_at: Open, hire: Hire) -> None:
    with EndpointServer(latency_s=20.0) as endpoint:
        async with studio_at(endpoint.base_url) as studio, hire(studio):
            run = await dispatched(studio)
            await calls_made(endpoint, 1)
            await studio.cancel(run.id)
            await until(studio, run.id, RunStatus.CANCELLED, timeout_s=10)


async def test_a_job_without_its_run_and_a_run_without_its_job_are_both_mended(
    studio_at: Open, hire: Hire, database_url: str
) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            lost, paused = await dispatched(studio), await dispatched(studio)
            with psycopg.connect(database_url) as connection:
                connection.execute("DELETE FROM procrastinate_jobs WHERE queueing_lock = %s", [str(lost.id)])
                connection.execute("UPDATE run SET status = 'paused' WHERE id = %s", [paused.id])
            async with hire(studio):
                await until(studio, lost.id, RunStatus.COMPLETE)
            assert (await studio_run(studio, paused.id)).status is RunStatus.PAUSED


async def test_a_run_that_breaks_is_failed_and_the_worker_lives(
    studio_at: Open, hire: Hire, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("nothing by nothing")

    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio, hire(studio) as worker:
            with monkeypatch.context() as patch:
                patch.setattr("chorus.pipeline.desk.Desk.site", broken)
                run = await dispatched(studio)
                failed = await until(studio, run.id, RunStatus.FAILED)
            assert "nothing by nothing" in (failed.error or "")
            await studio.dispatch(run.id)
            await until(studio, run.id, RunStatus.COMPLETE)
            assert not worker.done()
