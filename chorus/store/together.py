"""Writing together: while one statement is on its way, what else is to be written gathers, and goes with the next.

With 50 runs at once a process closes a hundred calls a second; each alone would take a connection, a round trip and
a flush of the server's log. Whoever is alone waits for nobody.
"""

import asyncio
from collections.abc import Awaitable, Callable

from chorus.errors import DatabaseUnavailable

MOST_AT_ONCE = 100


class Together[T]:
    """Gives what many tasks want written to ``write``, several at once; each hears how its own fared."""

    def __init__(self, write: Callable[[list[T]], Awaitable[None]]) -> None:
        """``write`` writes all it is given, or raises; it may be given the same again then, one by one."""
        self._write = write
        self._waiting: list[tuple[T, asyncio.Future[None]]] = []
        self._at_work: asyncio.Task[None] | None = None

    async def add(self, one: T) -> None:
        """Return when it is written; raises as ``write`` does. One that is given up may be written all the same."""
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((one, written))
        if self._at_work is None:
            self._at_work = asyncio.create_task(self._work())
        await written

    async def _work(self) -> None:
        try:
            while self._waiting:
                now, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
                await self._try(now)
        finally:
            self._at_work = None
            for _, written in self._waiting:  # the loop ends
                written.cancel()

    async def _try(self, now: list[tuple[T, asyncio.Future[None]]]) -> None:
        try:
            await self._write([one for one, _ in now])
        except Exception as error:  # noqa: BLE001 - who asked hears of it
            if len(now) > 1 and not isinstance(error, DatabaseUnavailable):
                for each in now:  # one that cannot be written does not take the others with it
                    await self._try([each])
                return
            for _, written in now:
                _tell(written, error)
            return
        except BaseException:
            for _, written in now:
                written.cancel()
            raise
        for _, written in now:
            _tell(written, None)


def _tell(written: "asyncio.Future[None]", error: Exception | None) -> None:
    if written.done():  # nobody waits any more
        return
    if error is None:
        written.set_result(None)
    else:
        written.set_exception(error)
