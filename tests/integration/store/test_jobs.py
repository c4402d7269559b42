import asyncio
from pathlib import Path
from uuid import UUID

import procrastinate.schema
import psycopg
import pytest

from chorus.domain.run import Run, RunStatus
from chorus.domain.worker import Worker
from chorus.store import Database, migrate
from tests.integration.store.conftest import add_story

PROCRASTINATE = Path(migrate.__file__).parent / "migrations" / "procrastinate.sql"


async def dispatched(store: Database, priority: int = 0) -> Run:
    _, _, run = await add_story(store)
    async with store.transaction() as tx:
        await tx.runs.dispatch(run.id, priority)
        await tx.jobs.enqueue(run.id, priority)
        return await tx.runs.load(run.id)


def jobs_in(url: str) -> list[tuple[str, str, int]]:
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT queueing_lock, status::text, priority FROM procrastinate_jobs ORDER BY id"
        ).fetchall()


def test_the_tables_are_those_of_the_procrastinate_that_is_installed() -> None:
    """If this fails, procrastinate was updated: write a migration that takes its tables along."""
    shipped = procrastinate.schema.SchemaManager.get_schema()
    assert PROCRASTINATE.read_text(encoding="utf-8") == shipped


async def test_a_run_has_one_waiting_job_at_most(store: Database, database_url: str) -> None:
    run = await dispatched(store, priority=7)
    async with store.transaction() as tx:
        await tx.runs.load_to_change(run.id)
        await tx.jobs.enqueue(run.id, 7)
    assert jobs_in(database_url) == [(str(run.id), "todo", 7)]
    async with store.transaction() as tx:
        await tx.jobs.withdraw(run.id)
    assert jobs_in(database_url) == []


async def test_a_job_is_there_only_if_its_run_is(store: Database, database_url: str) -> None:
    _, _, run = await add_story(store)

    async def half() -> None:
        async with store.transaction() as tx:
            await tx.runs.dispatch(run.id, 0)
            await tx.jobs.enqueue(run.id, 0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await half()
    assert jobs_in(database_url) == []


async def test_the_queue_counts_what_waits_and_what_is_worked_on(store: Database) -> None:
    first, _ = await dispatched(store), await dispatched(store)
    async with store.transaction() as tx:
        assert await tx.runs.claim(first.id, "host:1:0", for_workers=True)
        queue = await tx.jobs.queue()
    assert (queue.waiting, queue.working) == (1, 1)
    assert queue.oldest_wait_s is not None
    assert queue.oldest_wait_s >= 0


async def left(store: Database, *dead: str) -> list[UUID]:
    async with store.transaction() as tx:
        await tx.jobs.close_stalled()
        return [run.id for run in await tx.jobs.list_left(dead)]


async def test_what_is_left_is_what_nobody_works_on_and_no_job_is_for(store: Database, database_url: str) -> None:
    run = await dispatched(store)
    assert await left(store) == []
    with psycopg.connect(database_url) as connection:
        connection.execute("DELETE FROM procrastinate_jobs")
    assert await left(store) == [run.id]
    async with store.transaction() as tx:
        await tx.runs.claim(run.id, "host:1:0", for_workers=True)
        assert await tx.jobs.list_owners() == ["host:1:0"]
    assert await left(store) == []
    assert await left(store, "host:1:0") == [run.id]
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE run SET lease_until = now() - interval '1 second'")
    await owners_have_had_time(database_url)
    assert await left(store) == [run.id]


async def owners_have_had_time(database_url: str) -> None:
    """Wait until leases that ran out count: just after a start, owners that live may not have extended theirs."""
    while not _started_long_ago(database_url):  # noqa: ASYNC110 - there is nobody who could set an event
        await asyncio.sleep(0.5)


def _started_long_ago(database_url: str) -> bool:
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT pg_postmaster_start_time() < now() - interval '10 seconds'").fetchone()
    return bool(row and row[0])


async def test_a_run_in_a_process_of_its_own_is_never_left_to_workers(store: Database, database_url: str) -> None:
    run = await dispatched(store)
    async with store.transaction() as tx:
        assert await tx.runs.claim(run.id, "host:1:0")
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE run SET lease_until = now() - interval '1 second'")
    assert await left(store, "host:1:0") == []
    async with store.transaction() as tx:
        assert await tx.runs.claim(run.id, "host:2:0", for_workers=True) is None
        assert await tx.runs.claim(run.id, "host:2:0")


@pytest.mark.parametrize("status", [RunStatus.PAUSED, RunStatus.CANCELLED, RunStatus.COMPLETE, RunStatus.FAILED])
async def test_workers_take_nothing_that_does_not_wait(store: Database, status: RunStatus) -> None:
    run = await dispatched(store)
    async with store.transaction() as tx:
        await tx.runs.settle(run.id, status)
        assert await tx.runs.claim(run.id, "host:1:0", for_workers=True) is None


async def test_jobs_of_workers_that_are_gone_are_closed(store: Database, database_url: str) -> None:
    run = await dispatched(store)
    with psycopg.connect(database_url) as connection:
        connection.execute("SELECT * FROM procrastinate_register_worker_v1()")
        connection.execute("SELECT * FROM procrastinate_fetch_job_v2(NULL, 1)")
    assert await left(store) == []
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    assert await left(store) == [run.id]
    assert jobs_in(database_url) == []


async def test_two_sweepers_do_not_take_up_the_same(store: Database, database_url: str) -> None:
    run = await dispatched(store)
    with psycopg.connect(database_url) as connection:
        connection.execute("DELETE FROM procrastinate_jobs")

    async def sweep() -> int:
        async with store.transaction() as tx:
            found = await tx.jobs.list_left([])
            for one in found:
                await tx.jobs.enqueue(one.id, one.priority)
            return len(found)

    await asyncio.gather(*(sweep() for _ in range(8)))
    assert jobs_in(database_url) == [(str(run.id), "todo", 0)]


async def test_workers_are_listed_while_they_live(store: Database, database_url: str) -> None:
    run = await dispatched(store)
    worker = Worker(owner="host:1:0", host="host", pid=1, version="1", concurrency=2)
    async with store.transaction() as tx:
        await tx.jobs.keep_worker(worker)
        await tx.jobs.keep_worker(worker.model_copy(update={"runs": (run.id,)}))
        await tx.jobs.keep_worker(Worker(owner="host:2:0", host="host", pid=2, version="1", concurrency=2))
        assert [(one.pid, one.runs) for one in await tx.jobs.list_workers()] == [(1, (run.id,)), (2, ())]
        await tx.jobs.forget_workers(["host:2:0"])
        assert [one.pid for one in await tx.jobs.list_workers()] == [1]
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE worker SET seen_at = now() - interval '1 minute'")
    async with store.transaction() as tx:
        assert await tx.jobs.list_workers() == []
        await tx.jobs.forget_workers()
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM worker").fetchone() == (0,)
