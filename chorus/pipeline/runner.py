"""Work on one run until it is over, paused or failed: keep its lease, hear what people ask, and write down the end."""

import asyncio
import logging
import time
from contextlib import suppress

from chorus.domain.run import RunStatus
from chorus.domain.value import storable
from chorus.errors import ChorusError, DatabaseUnavailable, LeaseLost
from chorus.pipeline.desk import Desk
from chorus.pipeline.escalation import escalate
from chorus.pipeline.methods import GRAPHS
from chorus.pipeline.pause import PausedForPerson, load_retakes
from chorus.pipeline.state import RunState
from chorus.pipeline.stop import PATIENCE_S, stronger
from chorus.redaction import redact

HEARTBEAT_S = 3.0
_log = logging.getLogger(__name__)
_SAID = {
    RunStatus.COMPLETE: "The run is complete.",
    RunStatus.PAUSED: "The run is paused; resume it to go on.",
    RunStatus.QUEUED: "The worker goes; another one goes on.",
    RunStatus.CANCELLED: "The run is cancelled.",
}


class Asked(Exception):
    """Somebody asked for the run to pause or to end."""

    def __init__(self, status: RunStatus) -> None:
        self.status = status


class Clock:
    """Seconds worked since they were last written down."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    def lap(self) -> float:
        """Seconds since the last lap."""
        now = time.monotonic()
        worked, self._since = now - self._since, now
        return worked

    def add(self, seconds: float) -> None:
        """Count seconds again that could not be written down."""
        self._since -= seconds


async def work(desk: Desk) -> RunStatus:
    """Run the graph under the desk's lease and write down how it ended.

    Raises:
        LeaseLost: another process has taken over; nothing more was written.
        DatabaseUnavailable: the end could not be written; the run goes on when it is resumed.
    """
    clock = Clock()
    if desk.run.requested:  # of a process that was killed before it heard
        return await _end(desk, clock, desk.run.requested)
    async with desk.writing() as page:
        desk.retakes = await load_retakes(page)
        await page.tx.calls.abandon(desk.run.id)
        if desk.lease.fence == 1:  # nobody else has worked on it who might still bring an answer
            desk.answered = await page.tx.calls.list_answered_paths(desk.run.story_id)
        page.record("run_started", "Work begins.", fence=desk.lease.fence)
    try:
        await _run_graph(desk, clock)
    except PausedForPerson as pause:
        return await _end(desk, clock, RunStatus.PAUSED, str(pause))
    except Asked as wish:
        return await _end(desk, clock, wish.status)
    except (LeaseLost, DatabaseUnavailable):
        raise
    except ChorusError as error:
        return await _end(desk, clock, await escalate(desk, error), str(error))
    except asyncio.CancelledError:
        left = RunStatus.QUEUED if desk.run.dispatched else RunStatus.PAUSED
        with suppress(ChorusError):  # without a database its lease runs out, which comes to the same
            await asyncio.shield(_end(desk, clock, left, "Interrupted."))
        raise
    except Exception as error:
        said = redact(f"This should not happen ({type(error).__name__}: {error}).")
        await _end(desk, clock, RunStatus.FAILED, storable(said))
        raise
    return await _end(desk, clock, RunStatus.COMPLETE)


async def _run_graph(desk: Desk, clock: Clock) -> None:
    """Run graph and heartbeat side by side until one ends, or somebody asks for the end."""
    start = RunState(story_id=str(desk.run.story_id), scenes_done=0)
    story: asyncio.Task[object] = asyncio.create_task(GRAPHS[desk.run.settings.method].ainvoke(start, context=desk))
    heart: asyncio.Task[None] = asyncio.create_task(_keep_lease(desk, clock))
    end: asyncio.Task[RunStatus] = asyncio.create_task(desk.stop.due())
    try:
        await asyncio.wait({story, heart, end}, return_when=asyncio.FIRST_COMPLETED)
        if story.done():
            await _let_come_back(desk, story.exception())
            story.result()
        elif heart.done():
            heart.result()
        else:
            raise Asked(end.result())
    finally:
        for task in (story, heart, end):
            task.cancel()
        await asyncio.wait({story, heart, end})
        await desk.stop.door.close()
        await desk.clear()


async def _let_come_back(desk: Desk, why: BaseException | None) -> None:
    """Let what is paid for be written down, whatever ended the work; after an outage the door stays open."""
    if isinstance(why, DatabaseUnavailable):
        await desk.stop.all_back()
    elif not isinstance(why, LeaseLost):
        await desk.stop.let_come_back()


async def _keep_lease(desk: Desk, clock: Clock) -> None:
    """Say every few seconds that the run is at work.

    A database that is away is waited for: calls go on meanwhile, and should another process take the run over, the
    fence keeps this one from writing.
    """
    while True:
        await asyncio.sleep(HEARTBEAT_S)
        worked_s = clock.lap()
        try:
            async with desk.store.transaction() as tx:
                wish = await tx.runs.extend(desk.lease, worked_s)
        except DatabaseUnavailable as error:
            _log.warning("The lease of run %s is not extended: %s", desk.run.id, error)
            clock.add(worked_s)
            await desk.revive()
            continue
        if wish is not None:
            desk.stop.ask(wish)


async def _end(desk: Desk, clock: Clock, status: RunStatus, reason: str | None = None) -> RunStatus:
    """Write down the end; what a person asked for meanwhile counts more, unless the story is finished."""
    async with desk.writing() as page:
        wish = (await page.tx.runs.load(desk.run.id)).requested
        if wish and wish is not status and status in PATIENCE_S:
            status, reason = stronger(wish, status), None
        error = reason if status is RunStatus.FAILED else None
        await page.tx.runs.finish(desk.lease, status, clock.lap(), error)
        if status is RunStatus.QUEUED:
            await page.tx.jobs.enqueue(desk.run.id, desk.run.priority)
        elif status is RunStatus.CANCELLED:
            await page.tx.runs.withdraw_questions(desk.run.id)
        page.record(f"run_{status.value}", reason or _SAID[status])
    return status
