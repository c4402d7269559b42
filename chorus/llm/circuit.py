"""The circuit breaker of one endpoint and model: in trouble, calls wait, and one in the whole fleet tries now and then.

Only faults that pass count: a refused key, a bad request or a filtered answer says that the endpoint is well. Shared
state is read when this process has seen trouble itself; a healthy endpoint costs no round trip.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from chorus.domain.llm_call import Outcome
from chorus.errors import StoreError
from chorus.llm.fleet import FIRST_PAUSE_S, Fleet

FAILURES_TO_OPEN = 5
_ASK_AGAIN_S = 1.0
_TROUBLE = frozenset({Outcome.SERVER_ERROR, Outcome.TIMEOUT, Outcome.CONNECTION_ERROR, Outcome.STREAM_CUT})
_log = logging.getLogger(__name__)


class Circuit:
    """One place, as this process knows it."""

    def __init__(self, place: str, fleet: Fleet) -> None:
        """Begin in good faith."""
        self.place = place
        self._fleet = fleet
        self._failures = 0
        self._is_proven = False
        self._well = asyncio.Event()
        self._well.set()
        self._asking = asyncio.Lock()
        self._ask_again_s = 0.0

    @property
    def is_open(self) -> bool:
        """Whether calls wait."""
        return not self._well.is_set()

    async def wait_until_well(self) -> bool:
        """Return when calls may go; True if this one goes alone to see whether the endpoint is well again."""
        while self.is_open:
            async with self._asking:
                wait_s = None if self._well.is_set() else await self._ask()
            if wait_s == 0:
                return True
            if wait_s is None:
                self._close()
            else:
                await self._pause(wait_s)
        return False

    async def heard(self, outcome: Outcome) -> None:
        """Take the end of a call into account."""
        if outcome in _TROUBLE:
            await self._heard_trouble(outcome)
        elif outcome is not Outcome.NOT_AN_LLM:
            self._is_proven, self._failures = True, 0
            if self.is_open:
                self._close()
                await self._tell(self._fleet.mend)

    async def _heard_trouble(self, outcome: Outcome) -> None:
        """Open after enough failures in a row here, or after one if the fleet knows of the trouble already."""
        if outcome is Outcome.CONNECTION_ERROR and not self._is_proven:
            return  # a wrong address should show soon, and not wait for better times
        self._failures += 1
        if self.is_open:
            return
        if self._failures >= FAILURES_TO_OPEN:
            self._open()
            await self._tell(self._fleet.trip)
        elif await self._known_trouble():
            self._open()

    async def _ask(self) -> float | None:
        """Ask the fleet, for all who wait here, not more often than every second."""
        now_s = asyncio.get_running_loop().time()
        if now_s < self._ask_again_s:
            return self._ask_again_s - now_s
        try:
            wait_s = await self._fleet.probe(self.place)
        except StoreError:
            wait_s = FIRST_PAUSE_S
        if wait_s:
            wait_s = min(wait_s, _ASK_AGAIN_S)
            self._ask_again_s = now_s + wait_s
        return wait_s

    async def _known_trouble(self) -> bool:
        try:
            return await self._fleet.trouble_s(self.place) is not None
        except StoreError:
            return False

    async def _tell(self, news: Callable[[str], Coroutine[Any, Any, None]]) -> None:
        try:
            await news(self.place)
        except StoreError as error:
            _log.warning("the fleet does not hear about %s: %s", self.place, error)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._well.wait()
        except TimeoutError:
            return

    def _open(self) -> None:
        _log.warning("%s is in trouble: calls wait until it is well again", self.place)
        self._well.clear()

    def _close(self) -> None:
        _log.info("%s is well again", self.place)
        self._failures = 0
        self._well.set()
