"""What happened on the way to an answer, gathered and written down as events of the run soon after.

Nothing waits for it: the story goes on while it is written, and the same remark of one second is made once.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from chorus.domain.trace import REUSED
from chorus.errors import ChorusError
from chorus.llm import Reused

GATHERED_FOR_S = 1.0
TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that happened, as an event will tell it."""

    kind: str
    scene_number: int | None
    said: str
    reused: Reused | None = None


type Write = Callable[[Counter[Remark]], Awaitable[None]]


class Remarks:
    """Gathers remarks and hands them to ``write``, with how often each was made, about once a second."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._gathered: Counter[Remark] = Counter()
        self._task: asyncio.Task[None] | None = None

    def trouble(self, scene_number: int | None, said: str) -> None:
        """Take in what went wrong."""
        self._note(Remark(TROUBLE, scene_number, said))

    def reuse(self, scene_number: int | None, reused: Reused) -> None:
        """Take in that a recorded answer was used again."""
        source = "another story was given lately" if reused.kept else "was given before"
        said = f"{reused.node}: the answer that {source} is used again; nothing is paid."
        self._note(Remark(REUSED, scene_number, said, reused))

    async def settle(self) -> None:
        """Write down what is left; return when it is written."""
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._write_down()

    def _note(self, remark: Remark) -> None:
        self._gathered[remark] += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write_soon())

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
