"""The studio of a server: opened behind its back, and opened anew whenever the database was away.

So the server starts, and says how it is, while there is no database, and gets well by itself when there is one.
"""

import asyncio
import logging
from contextlib import AbstractAsyncContextManager, suppress
from typing import Protocol

from chorus.errors import ChorusError, DatabaseUnavailable
from chorus.studio import Studio

RETRY_S = 1.0
OPENING_S = 10.0
"""So long a request waits for a studio that is just being opened."""


class OpenStudio(Protocol):
    """Opens a studio; ``again``: there was one before, and nobody has asked for another."""

    def __call__(self, *, again: bool) -> AbstractAsyncContextManager[Studio]:
        """Open it for as long as the context lasts."""
        ...


_log = logging.getLogger(__name__)


class House:
    """Holds the studio while there is one, and the reason while there is none."""

    def __init__(self, opens: OpenStudio) -> None:
        self._opens = opens
        self._studio: Studio | None = None
        self._trouble: ChorusError | None = None
        self._settled = asyncio.Event()
        self._lost = asyncio.Event()
        self._was_open = False

    async def studio(self) -> Studio:
        """Give the studio; wait a while if it is just being opened.

        Raises:
            ChorusError: why it could not be opened; it is being tried again.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(OPENING_S):
                await self._settled.wait()
        if self._studio is None:
            raise self._trouble or DatabaseUnavailable("Chorus is still starting: try again in a moment.")
        return self._studio

    @property
    def trouble(self) -> ChorusError | None:
        """Why there is no studio, as far as it is known."""
        return None if self._studio else self._trouble

    @property
    def found(self) -> Studio | None:
        """The studio, if it is open."""
        return self._studio

    def lost(self) -> None:
        """Note that the database has gone away."""
        self._lost.set()

    async def keep_open(self) -> None:
        """Open the studio, and open it anew when it was lost, until cancelled."""
        while True:
            try:
                await self._open_once()
                continue
            except ChorusError as error:
                self._trouble = error
            except Exception as error:  # noqa: BLE001 - it is told to everybody who asks, and tried again
                _log.exception("the studio does not open")
                self._trouble = ChorusError(f"Chorus does not start ({type(error).__name__}): its log says why.")
            self._settled.set()
            await asyncio.sleep(RETRY_S)

    async def _open_once(self) -> None:
        async with self._opens(again=self._was_open) as studio:
            self._was_open = True
            self._studio, self._trouble = studio, None
            self._lost.clear()
            self._settled.set()
            try:
                await self._lost.wait()
            finally:
                self._studio = None
                self._settled.clear()
