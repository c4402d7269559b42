"""What waits for the workers, and who they are.

A job says no more than "somebody should look at this run", now or a while after it is over: the run's row is the truth.
It is put into procrastinate's tables by procrastinate's own function, in the transaction that changes the run.
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, delete, func, select, text, union
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chorus.domain.run import Run, RunStatus
from chorus.domain.worker import Queue, Worker
from chorus.store import tables as t
from chorus.store.rows import fetch_all, row_of

QUEUE = "runs"
TASK = "work_on_run"
LATE_TASK = "catalogue_late"
LAST = -10_000
STALE_S = 15.0
"""A worker that was not seen for so long is taken for dead, as long as a lease holds."""

_ENQUEUE = text("""
    SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(
        :queue, :task, :priority, NULL, CAST(:job AS text), CAST(:args AS jsonb),
        now() + make_interval(secs => CAST(:after_s AS double precision))
    )::procrastinate_job_to_defer_v1])
    WHERE NOT EXISTS (
        SELECT FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = CAST(:job AS text)
    )
""")
_WITHDRAW = text("DELETE FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = CAST(:run_id AS text)")
_CLOSE_STALLED = text("""
    WITH gone AS (
        DELETE FROM procrastinate_workers
        WHERE last_heartbeat < now() - make_interval(secs => :stale_s) RETURNING id
    )
    DELETE FROM procrastinate_jobs
    WHERE status = 'doing' AND (
        worker_id IS NULL
        OR worker_id IN (SELECT id FROM gone)
        OR (
            NOT EXISTS (SELECT FROM run WHERE CAST(run.id AS text) = queueing_lock AND run.status = 'running')
            AND NOT EXISTS (
                SELECT FROM procrastinate_events AS event
                WHERE event.job_id = procrastinate_jobs.id AND event.type = 'started'
                    AND event.at > now() - make_interval(secs => :stale_s)
            )
        )
    )
""")
_NO_JOB = text("""
    NOT EXISTS (
        SELECT FROM procrastinate_jobs AS job
        WHERE job.queueing_lock = CAST(run.id AS text)
            AND (job.status = 'todo' OR (job.status = 'doing' AND run.status = 'queued'))
    )
""")
_OWNERS_HAD_TIME = text("pg_postmaster_start_time() < now() - interval '10 seconds'")
"""While Postgres was away nobody could extend a lease: those that live do so as soon as it is back."""
_OLDEST_WAIT = text("""
    SELECT extract(epoch FROM now() - min(event.at))
    FROM procrastinate_jobs AS job JOIN procrastinate_events AS event ON event.job_id = job.id
    WHERE job.status = 'todo' AND job.scheduled_at IS NULL AND event.type = 'deferred'
""")


class Jobs:
    """Everything that is known of jobs and workers."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    # --- jobs

    async def enqueue(self, run_id: UUID, priority: int) -> None:
        """Let a worker look at a run, unless a job for it waits already.

        The caller has changed or locked the run's row in this transaction, so that two do not do this at once.
        """
        await self._put(TASK, str(run_id), run_id, priority, None)

    async def enqueue_late(self, run_id: UUID, after_s: float) -> None:
        """Let a worker look after so many seconds at what a run that is over could not do, after all runs that wait.

        As ``enqueue``, once at a time for each run.
        """
        await self._put(LATE_TASK, f"{LATE_TASK}:{run_id}", run_id, LAST, after_s)

    async def _put(self, task: str, job: str, run_id: UUID, priority: int, after_s: float | None) -> None:
        given = {"queue": QUEUE, "task": task, "job": job, "priority": priority, "after_s": after_s}
        await self._connection.execute(_ENQUEUE, {**given, "args": json.dumps({"run_id": str(run_id)})})

    async def withdraw(self, run_id: UUID) -> None:
        """Take back the job that waits for a run, if there is one."""
        await self._connection.execute(_WITHDRAW, {"run_id": str(run_id)})

    async def queue(self) -> Queue:
        """Count what waits and what is worked on."""
        run = t.run.c
        working = run.lease_until >= func.now()
        counted = select(
            func.count().filter(run.status == RunStatus.QUEUED).label("waiting"),
            func.count().filter(run.status == RunStatus.RUNNING, working).label("working"),
        ).where(run.dispatched, run.status.in_([RunStatus.QUEUED, RunStatus.RUNNING]))
        row = (await self._connection.execute(counted)).one()
        oldest_wait_s = await self._connection.scalar(_OLDEST_WAIT) if row.waiting else None
        return Queue(waiting=row.waiting, working=row.working, oldest_wait_s=oldest_wait_s)

    # --- what has been left behind

    async def close_stalled(self) -> None:
        """Remove the jobs that nobody does any more; what becomes of their runs is for ``list_left`` to say."""
        await self._connection.execute(_CLOSE_STALLED, {"stale_s": STALE_S})

    async def list_left(self, dead: Sequence[str]) -> list[Run]:
        """Lock and list the runs for workers that nobody works on and no job is for; ``dead`` are owners that are gone.

        What another transaction is changing is left out.
        """
        run = t.run.c
        run_out = and_(run.lease_until < func.now(), _OWNERS_HAD_TIME)
        free = run.lease_until.is_(None) | run_out | run.lease_owner.in_(dead)
        query = (
            select(t.run)
            .where(run.dispatched, run.status.in_([RunStatus.QUEUED, RunStatus.RUNNING]), free, _NO_JOB)
            .order_by(run.priority.desc(), run.created_at)
            .limit(100)
            .with_for_update(skip_locked=True)
        )
        return await fetch_all(self._connection, query, Run)

    async def list_owners(self) -> list[str]:
        """List the workers that are written down, and the holders of leases on runs for workers."""
        run = t.run.c
        holders = select(run.lease_owner).where(
            run.dispatched, run.status == RunStatus.RUNNING, run.lease_owner.is_not(None)
        )
        query = union(holders, select(t.worker.c.owner))
        return list((await self._connection.scalars(query)).all())

    # --- workers

    async def keep_worker(self, worker: Worker) -> None:
        """Write down that a worker lives, and what it works on."""
        row = row_of(worker)
        seen = {"seen_at": func.now(), "runs": row["runs"]}
        kept = insert(t.worker).values({**row, **seen}).on_conflict_do_update(index_elements=["id"], set_=seen)
        await self._connection.execute(kept)

    async def remove_worker(self, worker_id: UUID) -> None:
        """Forget a worker that goes."""
        await self._connection.execute(delete(t.worker).where(t.worker.c.id == worker_id))

    async def forget_workers(self, dead: Sequence[str] = ()) -> None:
        """Forget the workers that were not seen for long, and those known to be dead."""
        worker = t.worker.c
        stale = worker.seen_at < func.now() - timedelta(seconds=STALE_S)
        await self._connection.execute(delete(t.worker).where(stale | worker.owner.in_(dead)))

    async def list_workers(self) -> list[Worker]:
        """List the workers that live, the oldest first."""
        worker = t.worker.c
        fresh = worker.seen_at >= func.now() - timedelta(seconds=STALE_S)
        return await fetch_all(self._connection, select(t.worker).where(fresh).order_by(worker.started_at), Worker)
