"""Dispatch, pause and cancel, as the dashboard, the API and the command line do it."""

import psycopg
import pytest

from chorus.domain.run import ReviewItem, ReviewKind, Run, RunStatus
from chorus.errors import Conflict, NotFound
from chorus.pipeline.claim import this_process
from chorus.studio import Studio
from tests.integration.pipeline.conftest import Open

PREMISE = "A lighthouse keeper finds a letter in a bottle."
NOBODY = "http://127.0.0.1:9/v1"
DEAD = this_process().rsplit(":", 1)[0] + ":0"
"""Our process id, but born long ago."""


async def in_status(studio: Studio, status: RunStatus, *, dispatch: bool = True) -> Run:
    run = await studio.start_run(PREMISE, dispatch=dispatch)
    if status not in (RunStatus.QUEUED, RunStatus.RUNNING):
        async with studio.store.transaction() as tx:
            await tx.runs.settle(run.id, status)
            await tx.jobs.withdraw(run.id)
    return run


async def claimed(studio: Studio, run: Run, owner: str) -> None:
    async with studio.store.transaction() as tx:
        assert await tx.runs.claim(run.id, owner, for_workers=run.dispatched)


async def waiting(studio: Studio) -> int:
    async with studio.store.transaction() as tx:
        return (await tx.jobs.queue()).waiting


def jobs_in(url: str) -> int:
    with psycopg.connect(url) as connection:
        (count,) = connection.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'").fetchone() or (
            0,
        )
        return int(count)


async def test_story_run_and_job_are_made_at_once(studio_at: Open, database_url: str) -> None:
    async with studio_at(NOBODY) as studio:
        run = await studio.start_run(PREMISE, dispatch=True, priority=3)
        assert (run.status, run.dispatched, run.priority) == (RunStatus.QUEUED, True, 3)
        assert (await waiting(studio), jobs_in(database_url)) == (1, 1)
        alone = await studio.start_run(PREMISE)
        assert (alone.status, alone.dispatched, jobs_in(database_url)) == (RunStatus.QUEUED, False, 1)


@pytest.mark.parametrize("status", [RunStatus.QUEUED, RunStatus.PAUSED, RunStatus.FAILED])
async def test_what_does_not_run_can_be_dispatched(studio_at: Open, database_url: str, status: RunStatus) -> None:
    async with studio_at(NOBODY) as studio:
        run = await in_status(studio, status, dispatch=False)
        item = ReviewItem(story_id=run.story_id, run_id=run.id, kind=ReviewKind.OUTLINE, question="Good?")
        async with studio.store.transaction() as tx:
            await tx.runs.ask(item)
        again = await studio.dispatch(run.id, priority=2)
        assert (again.status, again.dispatched, again.priority) == (RunStatus.QUEUED, True, 2)
        assert (await studio.dispatch(run.id)).fence == again.fence, "a second time changes nothing"
        async with studio.store.transaction() as tx:
            assert await tx.runs.list_questions(story_id=run.story_id) == []
    assert jobs_in(database_url) == 1


@pytest.mark.parametrize("status", [RunStatus.COMPLETE, RunStatus.CANCELLED])
async def test_what_is_over_is_not_dispatched_paused_or_cancelled(studio_at: Open, status: RunStatus) -> None:
    async with studio_at(NOBODY) as studio:
        run = await in_status(studio, status)
        for command in (studio.dispatch, studio.pause, studio.cancel):
            with pytest.raises(Conflict, match=status.value):
                await command(run.id)


async def test_a_queued_run_is_paused_and_cancelled_at_once(studio_at: Open, database_url: str) -> None:
    async with studio_at(NOBODY) as studio:
        run = await in_status(studio, RunStatus.QUEUED)
        assert (await studio.pause(run.id)).status is RunStatus.PAUSED
        assert jobs_in(database_url) == 0
        with pytest.raises(Conflict, match="paused already"):
            await studio.pause(run.id)
        cancelled = await studio.cancel(run.id)
        assert cancelled.status is RunStatus.CANCELLED
        assert cancelled.finished_at
        async with studio.store.transaction() as tx:
            kinds = [event.kind for event in await tx.runs.list_events(run.id)]
    assert kinds == ["run_queued", "run_paused", "run_cancelled"]


@pytest.mark.parametrize("dispatch", [True, False])
async def test_a_running_one_is_asked(studio_at: Open, *, dispatch: bool) -> None:
    async with studio_at(NOBODY) as studio:
        run = await in_status(studio, RunStatus.RUNNING, dispatch=dispatch)
        await claimed(studio, run, "elsewhere:1:0")
        asked = await studio.pause(run.id)
        assert (asked.status, asked.requested) == (RunStatus.RUNNING, RunStatus.PAUSED)
        with pytest.raises(Conflict, match="wait"):
            await studio.dispatch(run.id)
        assert (await studio.cancel(run.id)).requested is RunStatus.CANCELLED


@pytest.mark.parametrize("dispatch", [True, False])
async def test_one_whose_process_is_dead_changes_at_once(studio_at: Open, *, dispatch: bool) -> None:
    async with studio_at(NOBODY) as studio:
        run = await in_status(studio, RunStatus.RUNNING, dispatch=dispatch)
        await claimed(studio, run, DEAD)
        assert (await studio.cancel(run.id)).status is RunStatus.CANCELLED


async def test_one_that_a_person_works_on_is_not_handed_over(studio_at: Open) -> None:
    async with studio_at(NOBODY) as studio:
        run = await in_status(studio, RunStatus.RUNNING, dispatch=False)
        await claimed(studio, run, "elsewhere:1:0")
        with pytest.raises(Conflict, match="elsewhere"):
            await studio.dispatch(run.id)


async def test_one_that_was_killed_with_its_terminal_can_be_handed_over(studio_at: Open, database_url: str) -> None:
    async with studio_at(NOBODY) as studio:
        run = await in_status(studio, RunStatus.RUNNING, dispatch=False)
        await claimed(studio, run, DEAD)
        assert (await studio.dispatch(run.id)).status is RunStatus.QUEUED
    assert jobs_in(database_url) == 1


async def test_cancelling_takes_the_questions_back(studio_at: Open) -> None:
    async with studio_at(NOBODY) as studio:
        run = await in_status(studio, RunStatus.PAUSED)
        item = ReviewItem(story_id=run.story_id, run_id=run.id, kind=ReviewKind.OUTLINE, question="Good?")
        async with studio.store.transaction() as tx:
            await tx.runs.ask(item)
        await studio.cancel(run.id)
        async with studio.store.transaction() as tx:
            assert await tx.runs.list_questions(story_id=run.story_id) == []


async def test_an_unknown_run_is_not_found(studio_at: Open) -> None:
    async with studio_at(NOBODY) as studio:
        for command in (studio.dispatch, studio.pause, studio.cancel):
            with pytest.raises(NotFound, match="chorus runs"):
                await command(Run(story_id=(await in_status(studio, RunStatus.QUEUED)).story_id).id)
