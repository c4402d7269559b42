"""A worker from its start to its end: takes jobs, makes its rounds, and hands back what it works on when it goes."""

import asyncio
import logging
import os
import socket
from contextlib import suppress
from importlib import import_module

from chorus import __version__
from chorus.domain.worker import Worker
from chorus.errors import ChorusError, DatabaseUnavailable
from chorus.pipeline.claim import is_dead, this_process
from chorus.studio import Studio
from chorus.worker.bench import Bench
from chorus.worker.garbage import collect_seldom
from chorus.worker.intake import Intake
from chorus.worker.judging import keep_judging
from chorus.worker.repair import keep_repairing
from chorus.worker.sweep import sweep

ROUND_S = 4.0
FAREWELL_S = 1.0
_NEEDED = ("chorus.pipeline.runner", "chorus.llm.openai_wire")
"""What every run imports when it begins: the first run of a worker should not wait for it."""
_log = logging.getLogger(__name__)


class WorkerProcess:
    """A worker with room for some runs at once; ``supervisor`` is the process without which it is not needed."""

    def __init__(self, studio: Studio, concurrency: int, supervisor: str | None = None) -> None:
        self._studio = studio
        self._bench = Bench(studio, concurrency)
        self._supervisor = supervisor
        self._card = Worker(
            owner=this_process(),
            host=socket.gethostname(),
            pid=os.getpid(),
            version=__version__,
            concurrency=concurrency,
        )

    async def run(self) -> None:
        """Work until this is cancelled, or until the supervisor is gone and nothing is left to do."""
        for name in _NEEDED:
            await asyncio.to_thread(import_module, name)
        collect_seldom()
        _log.info("Worker %s is here, with room for %s runs", os.getpid(), self._bench.places)
        intake = asyncio.create_task(Intake(self._bench).run())
        rounds = asyncio.create_task(self._make_rounds())
        others = {asyncio.create_task(keep(self._studio)) for keep in (keep_repairing, keep_judging)}
        try:
            await asyncio.wait({intake, rounds}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._bench.closing = True
            intake.cancel()
            rounds.cancel()
            for task in others:
                task.cancel()
            await self._bench.close()
            await asyncio.wait({intake, rounds, *others}, timeout=FAREWELL_S)
            with suppress(ChorusError, TimeoutError):
                async with asyncio.timeout(FAREWELL_S), self._studio.store.transaction() as tx:
                    await tx.jobs.remove_worker(self._card.id)
            _log.info("Worker %s goes", os.getpid())

    async def _make_rounds(self) -> None:
        """Say that we live and look after what others left, every few seconds, whatever becomes of the database."""
        while True:
            try:
                await self._round()
                if await self._is_needless():
                    return
            except DatabaseUnavailable:
                if self._is_forsaken():
                    return
                await self._wait_for_database()
            except Exception:  # noqa: BLE001 - a worker lives on
                _log.exception("A round failed")
            await asyncio.sleep(ROUND_S)

    async def _round(self) -> None:
        async with self._studio.store.transaction() as tx:
            await tx.jobs.keep_worker(self._card.model_copy(update={"runs": tuple(self._bench.works)}))
        await sweep(self._studio.store)
        await self._studio.advance_experiments()

    async def _is_needless(self) -> bool:
        if not self._is_forsaken():
            return False
        async with self._studio.store.transaction() as tx:
            return (await tx.jobs.queue()).waiting == 0

    def _is_forsaken(self) -> bool:
        return self._supervisor is not None and is_dead(self._supervisor) and not self._bench.works

    async def _wait_for_database(self) -> None:
        with suppress(ChorusError):
            await self._studio.revive_database()
