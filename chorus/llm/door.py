"""The door through which one run's calls go out. Shut it, and those that are out come back; no new one leaves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Door:
    """Open until it is shut, and then for good: whoever stands before it waits until his task is cancelled."""

    def __init__(self) -> None:
        self.out = 0
        """How many calls are on their way, or back and not yet written down."""
        self._shut = False

    def shut(self) -> None:
        """Let nobody out any more."""
        self._shut = True

    async def pass_if_open(self) -> None:
        """Return if the door is open."""
        if self._shut:
            await asyncio.Event().wait()

    @asynccontextmanager
    async def outside(self) -> AsyncIterator[None]:
        """Be out with a call."""
        await self.pass_if_open()
        self.out += 1
        try:
            yield
        finally:
            self.out -= 1
