"""What went wrong on the way to an answer, gathered and written down as events of the run soon after.

Nothing waits for it: the story goes on while it is written, and the same trouble of one second is told once.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

from chorus.errors import ChorusError

GATHERED_FOR_S = 1.0

type Write = Callable[[Counter[tuple[int | None, str]]], Awaitable[None]]


class Troubles:
    """Gathers troubles, as (scene number, sentence), and hands them to ``write`` about once a second."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._gathered: Counter[tuple[int | None, str]] = Counter()
        self._task: asyncio.Task[None] | None = None

    def note(self, scene_number: int | None, said: str) -> None:
        """Take one in."""
        self._gathered[scene_number, said] += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write_soon())

    async def settle(self) -> None:
        """Write down what is left; return when it is written."""
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._write_down()

    async def _write_soon(self) -> None:
        while self._gathered:
            await asyncio.sleep(GATHERED_FOR_S)
            await self._write_down()

    async def _write_down(self) -> None:
        gathered, self._gathered = self._gathered, Counter()
        if not gathered:
            return
        try:
            await self._write(gathered)
        except asyncio.CancelledError:
            self._gathered = gathered + self._gathered
            raise
        except ChorusError:  # the database is away: the ledger will have the calls all the same
            return
