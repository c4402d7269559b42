"""Whose turn it is: scenes are written side by side within a window, and committed one after another in story order.

A scene starts when the one a window before it is committed, never by the clock: what it is told hangs on nothing else.
"""

import asyncio
from collections.abc import Iterable


class Turns:
    """Which scenes of a run are still to be committed."""

    def __init__(self, numbers: Iterable[int] = ()) -> None:
        """Let these scenes wait for their turn."""
        self._open = set(numbers)
        self._moved = asyncio.Event()

    async def until(self, number: int) -> None:
        """Return once every scene up to this one is committed."""
        while any(each <= number for each in self._open):
            await self._moved.wait()

    def pass_on(self, number: int) -> None:
        """A scene is committed, and approved if that was asked for: the next may have its turn."""
        self._open.discard(number)
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
