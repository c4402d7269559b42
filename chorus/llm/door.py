"""The door through which one run's calls go out. Shut it, and those that are out come back; no new one leaves."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any


class Door:
    """Open until it is shut, and then for good: whoever stands before it waits until his task is cancelled.

    ``outlasting``: a call goes on when whoever asked is cancelled, such as by an error beside it, for it is paid for;
    its answer is in the ledger then. ``close`` ends what is left.
    """

    def __init__(self, *, outlasting: bool = False) -> None:
        self.out = 0
        """How many calls are on their way, or back and not yet written down."""
        self._shut = False
        self._outlasting = outlasting
        self._calls: set[asyncio.Task[Any]] = set()

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

    async def carry[T](self, call: Coroutine[Any, Any, T]) -> T:
        """Await a call."""
        if not self._outlasting:
            return await call
        task = asyncio.create_task(call)
        self._calls.add(task)
        task.add_done_callback(self._forget)
        return await asyncio.shield(task)

    async def close(self) -> None:
        """End the calls that nobody waits for any more."""
        for task in tuple(self._calls):
            task.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._calls.discard(task)
        if not task.cancelled():
            task.exception()  # whoever asked has seen it, or is gone
