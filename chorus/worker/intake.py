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
from chorus.store.jobs import QUEUE, STALE_S, TASK
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
        self._worker: Worker | None = None
        self._room = asyncio.Event()
        self._jobs = Bucket(LoneProcess(), "jobs", Rate(JOBS_PER_MINUTE))
        bench.on_room = self._more_room

    async def run(self) -> None:
        """Take jobs until this is cancelled; what is at work then goes on."""
        while True:
            self._room.clear()
            if self._bench.room > 0:
                await self._take_jobs(self._bench.room)
            else:
                await self._room.wait()

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

    def _more_room(self) -> None:
        self._room.set()
        if self._worker:
            self._worker.stop()  # type: ignore[no-untyped-call]
