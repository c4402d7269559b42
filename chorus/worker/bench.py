"""The runs that a worker works on at this moment, each in a task of its own that outlives the job that brought it."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from chorus.domain.run import RunStatus
from chorus.errors import ChorusError, Conflict
from chorus.pipeline.stop import PATIENCE_S, Stop
from chorus.studio import Studio

LAST_WORDS_S = 1.5
"""For writing down the end of a run, after what it waited for."""
_log = logging.getLogger(__name__)


@dataclass
class Work:
    """One run at work; ``adopted``: its job is gone, as after an outage of the database."""

    task: asyncio.Task[None]
    stop: Stop
    adopted: bool = False


@dataclass
class Bench:
    """Room for ``places`` runs."""

    studio: Studio
    places: int
    works: dict[UUID, Work] = field(default_factory=dict)
    closing: bool = False
    on_room: Callable[[], None] = lambda: None
    """Told when a run has ended whose place no job gives back."""

    @property
    def room(self) -> int:
        """How many more runs could be worked on."""
        return self.places - len(self.works)

    async def take(self, run_id: UUID) -> None:
        """Work on a run until it ends; when this is cancelled, the run is adopted and goes on."""
        work = self.works.get(run_id)
        if work is None:
            if self.closing:
                return
            work = self._begin(run_id)
        try:
            await asyncio.shield(work.task)
        except asyncio.CancelledError:
            work.adopted = True
            raise

    async def close(self) -> None:
        """Take nothing more and hand back what is at work, without wasting what is paid; within 18 s."""
        self.closing = True
        for work in self.works.values():
            work.stop.ask(RunStatus.QUEUED)
        await self._ended(PATIENCE_S[RunStatus.QUEUED] + LAST_WORDS_S)
        for work in self.works.values():
            work.task.cancel()
        await self._ended(LAST_WORDS_S)

    async def _ended(self, timeout_s: float) -> None:
        if self.works:
            await asyncio.wait([work.task for work in self.works.values()], timeout=timeout_s)

    def _begin(self, run_id: UUID) -> Work:
        stop = Stop()
        work = Work(asyncio.create_task(self._work_on(run_id, stop)), stop)
        self.works[run_id] = work
        work.task.add_done_callback(lambda _: self._over(run_id))
        return work

    def _over(self, run_id: UUID) -> None:
        if self.works.pop(run_id).adopted:
            self.on_room()

    async def _work_on(self, run_id: UUID, stop: Stop) -> None:
        try:
            summary = await self.studio.work_on(run_id, for_workers=True, stop=stop)
        except Conflict as error:  # another one has it, or it is over: a job is only a hint
            _log.info("Run %s: %s", run_id, error)
        except ChorusError as error:  # its lease runs out, and whoever sweeps finds it
            _log.warning("Run %s is left: %s", run_id, error)
        except Exception:  # noqa: BLE001 - one run that breaks must not take the others along
            _log.exception("Run %s is left", run_id)
        else:
            _log.info("Run %s is %s: %s", run_id, summary.status.value, summary.title or "untitled")
