"""Taking jobs: procrastinate's worker, started again whenever the database has dropped it or there is more room."""

import asyncio
import logging
from uuid import UUID

from procrastinate import App
from procrastinate.jobs import DeleteJobCondition
from procrastinate.worker import Worker

from chorus.domain.rate import Rate
from chorus.errors import ChorusError
from chorus.llm import LoneProcess
from chorus.llm.bucket import Bucket
from chorus.store.jobs import LATE_TASK, QUEUE, STALE_S, TASK
from chorus.store.queue_connector import QueueConnector
from chorus.worker.bench import Bench

JOBS_PER_MINUTE = 1200
"""Jobs that one worker looks at: a flood of them, as of runs that pause at once, makes it slower, not the database."""
POLL_S = 1.0
AFTER_TROUBLE_S = 1.0
_log = logging.getLogger(__name__)


class Intake:
    """Brings runs to a bench as long as there is room on it."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._app = App(connector=QueueConnector(bench.studio.store))
        self._app.task(name=TASK, queue=QUEUE)(self._take)
        self._app.task(name=LATE_TASK, queue=QUEUE)(self._begin_late)
        self._late: set[asyncio.Task[None]] = set()
        self._one_at_a_time = asyncio.Lock()
        self._worker: Worker | None = None
        self._room = asyncio.Event()
        self._jobs = Bucket(LoneProcess(), "jobs", Rate(JOBS_PER_MINUTE))
        bench.on_room = self._more_room

    async def run(self) -> None:
        """Take jobs until this is cancelled; what is at work then goes on."""
        try:
            while True:
                self._room.clear()
                if self._bench.room > 0:
                    await self._take_jobs(self._bench.room)
                else:
                    await self._room.wait()
        finally:
            for task in self._late:
                task.cancel()

    async def _take_jobs(self, room: int) -> None:
        """Let procrastinate take up to ``room`` jobs at once, until the database is away or there is more room."""
        self._worker = Worker(
            self._app,
            queues=[QUEUE],
            concurrency=room,
            fetch_job_polling_interval=POLL_S,
            abort_job_polling_interval=3600.0,  # nobody aborts a job: what is asked of a run is in its row
            shutdown_graceful_timeout=0.0,  # a run does not end with its job
            listen_notify=False,
            delete_jobs=DeleteJobCondition.ALWAYS,
            install_signal_handlers=False,
            update_heartbeat_interval=STALE_S / 3,
            stalled_worker_timeout=STALE_S,
        )
        try:
            await self._worker.run()  # type: ignore[no-untyped-call]
        except ChorusError as error:
            _log.warning("No jobs are taken: %s", error)
            await asyncio.sleep(AFTER_TROUBLE_S)
        except Exception:  # noqa: BLE001 - whatever it was, the next worker may fare better
            _log.exception("No jobs are taken")
            await asyncio.sleep(AFTER_TROUBLE_S)
        finally:
            self._worker = None

    async def _take(self, run_id: str) -> None:
        await self._jobs.wait()
        await self._bench.take(UUID(run_id))

    async def _begin_late(self, run_id: str) -> None:
        """Begin what needs no room on the bench: it is beside the runs, and no run waits for it."""
        task = asyncio.create_task(self._catalogue(UUID(run_id)))
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def _catalogue(self, run_id: UUID) -> None:
        async with self._one_at_a_time:
            try:
                await self._bench.studio.catalogue_once_more(run_id)
            except ChorusError as error:  # it is gone, or somebody works on it
                _log.info("Run %s stays without what it could not catalogue: %s", run_id, error)
            except Exception:  # noqa: BLE001 - a worker lives on
                _log.exception("Run %s stays without what it could not catalogue", run_id)

    def _more_room(self) -> None:
        self._room.set()
        if self._worker:
            self._worker.stop()  # type: ignore[no-untyped-call]
