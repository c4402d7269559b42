"""Stopping a run before its end without wasting what is paid: calls on their way may come back, no new one is begun."""

import asyncio
import time

from chorus.domain.run import RunStatus
from chorus.llm.door import Door

PATIENCE_S = {RunStatus.PAUSED: 60.0, RunStatus.QUEUED: 15.0, RunStatus.CANCELLED: 0.0}
"""How long calls on their way are waited for: when a person pauses, when a worker goes, when a person cancels."""
COMMITTING_S = 0.5
"""What has come back is kept at once; what is not kept by then is in the ledger."""
_STRONGEST = (RunStatus.CANCELLED, RunStatus.PAUSED, RunStatus.QUEUED)


class Stop:
    """How a run is told that it shall end, and as what."""

    def __init__(self) -> None:
        self.door = Door(outlasting=True)
        self.status: RunStatus | None = None
        self._give_up_s = float("inf")
        self._asked = asyncio.Event()

    def ask(self, status: RunStatus) -> None:
        """Ask for the end; of several wishes the strongest counts, and the shortest patience."""
        self.status = stronger(status, self.status)
        self._give_up_s = min(self._give_up_s, time.monotonic() + PATIENCE_S[status])
        self.door.shut()
        self._asked.set()

    async def due(self) -> RunStatus:
        """Return once it is asked for and nothing is lost by it, or patience is over."""
        await self._asked.wait()
        while self.door.out and time.monotonic() < self._give_up_s:  # noqa: ASYNC110 - patience may shrink meanwhile
            await asyncio.sleep(0.02)
        await asyncio.sleep(min(COMMITTING_S, max(0.0, self._give_up_s - time.monotonic())))
        return self.status or RunStatus.PAUSED

    async def let_come_back(self) -> None:
        """Begin no more calls, and wait for those on their way when something else has stopped the run."""
        self.door.shut()
        await self.all_back()

    async def all_back(self) -> None:
        """Wait for the calls on their way, for as long as a pause would."""
        give_up_s = time.monotonic() + PATIENCE_S[RunStatus.PAUSED]
        while self.door.out and time.monotonic() < min(give_up_s, self._give_up_s):  # noqa: ASYNC110 - others move it
            await asyncio.sleep(0.02)


def stronger(one: RunStatus, other: RunStatus | None) -> RunStatus:
    """Of two wishes the one that counts: cancelling, then pausing, then handing back."""
    return one if other is None else min(one, other, key=_STRONGEST.index)
