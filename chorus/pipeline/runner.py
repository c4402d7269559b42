"""Work on one run until it is over, paused or failed: keep its lease, hear what people ask, and write down the end."""

import asyncio
import time

from chorus.domain.run import RunStatus
from chorus.errors import ChorusError, DatabaseUnavailable, LeaseLost
from chorus.pipeline.desk import Desk
from chorus.pipeline.escalation import escalate
from chorus.pipeline.pause import PausedForPerson, load_retakes
from chorus.pipeline.state import RunState
from chorus.pipeline.story import STORY

HEARTBEAT_S = 3.0
_SAID = {
    RunStatus.COMPLETE: "The run is complete.",
    RunStatus.PAUSED: "The run is paused; resume it to go on.",
    RunStatus.CANCELLED: "The run is cancelled.",
}


class Asked(Exception):
    """A person asked for the run to pause or to end."""

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


async def work(desk: Desk) -> RunStatus:
    """Run the graph under the desk's lease and write down how it ended.

    Raises:
        LeaseLost: another process has taken over; nothing more was written.
        DatabaseUnavailable: the end could not be written; the run goes on when it is resumed.
    """
    clock = Clock()
    async with desk.writing() as page:
        desk.retakes = await load_retakes(page)
        await page.tx.calls.abandon(desk.run.id)
        await page.record("run_started", "Work begins.", fence=desk.lease.fence)
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
        await asyncio.shield(_end(desk, clock, RunStatus.PAUSED, "Interrupted."))
        raise
    return await _end(desk, clock, RunStatus.COMPLETE)


async def _run_graph(desk: Desk, clock: Clock) -> None:
    """Run graph and heartbeat side by side; whichever fails first ends both."""
    start = RunState(story_id=str(desk.run.story_id), scenes_done=0)
    story: asyncio.Task[object] = asyncio.create_task(STORY.ainvoke(start, context=desk))
    heart: asyncio.Task[None] = asyncio.create_task(_keep_lease(desk, clock))
    try:
        await asyncio.wait({story, heart}, return_when=asyncio.FIRST_COMPLETED)
        ended = story if story.done() else heart
        ended.result()
    finally:
        story.cancel()
        heart.cancel()
        await asyncio.wait({story, heart})
        await desk.clear()


async def _keep_lease(desk: Desk, clock: Clock) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_S)
        async with desk.store.transaction(desk.lease) as tx:
            wish = await tx.runs.extend(desk.lease, clock.lap())
        if wish is not None:
            raise Asked(wish)


async def _end(desk: Desk, clock: Clock, status: RunStatus, reason: str | None = None) -> RunStatus:
    async with desk.writing() as page:
        error = reason if status is RunStatus.FAILED else None
        await page.tx.runs.finish(desk.lease, status, clock.lap(), error)
        await page.record(f"run_{status.value}", reason or _SAID[status])
    return status
