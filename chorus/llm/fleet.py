"""What all processes know together of the endpoints: limits, breakers, dialects; the rows behind it are the store's."""

import time
from collections.abc import Callable
from typing import Protocol

from chorus.domain.rate import Grant, Lanes, Wish
from chorus.llm.dialect import Dialect

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 10.0


class Fleet(Protocol):
    """The knowledge that processes share. ``place`` names an endpoint and a model, ``bucket`` whatever has a limit."""

    async def take(self, bucket: str, wish: Wish) -> Grant:
        """Pay for one event at a limit, first come, first served; nothing is paid if it is not granted."""

    async def trip(self, place: str) -> None:
        """Say that a place is in trouble."""

    async def probe(self, place: str) -> float | None:
        """Ask to try a place in trouble: 0 for the one who may, else seconds to wait; None if it is well again."""

    async def trouble_s(self, place: str) -> float | None:
        """Seconds until a place in trouble may be tried; None if it is well."""

    async def mend(self, place: str) -> None:
        """Say that a place is well again."""

    async def find_dialect(self, place: str) -> Dialect | None:
        """How a place was last found to be spoken to."""

    async def keep_dialect(self, place: str, dialect: Dialect) -> None:
        """Keep how a place is spoken to."""


class LoneProcess:
    """A fleet of one, for processes without a database."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lanes: dict[str, Lanes] = {}
        self._troubles: dict[str, tuple[float, int]] = {}
        self._dialects: dict[str, Dialect] = {}

    async def take(self, bucket: str, wish: Wish) -> Grant:
        """Pay for one event."""
        now_s = self._clock()
        start_s, after = self._lanes.get(bucket, Lanes()).passed_by(wish, now_s)
        granted = start_s - now_s <= wish.longest_wait_s
        if granted:
            self._lanes[bucket] = after
        return Grant(granted, start_s - now_s)

    async def trip(self, place: str) -> None:
        """Say that a place is in trouble."""
        self._troubles.setdefault(place, (self._clock() + FIRST_PAUSE_S, 0))

    async def probe(self, place: str) -> float | None:
        """Ask to try a place in trouble."""
        wait_s = await self.trouble_s(place)
        if wait_s == 0:
            _, probes = self._troubles[place]
            self._troubles[place] = (self._clock() + pause_s(probes), probes + 1)
        return wait_s

    async def trouble_s(self, place: str) -> float | None:
        """Seconds until a place in trouble may be tried."""
        if place not in self._troubles:
            return None
        return max(0.0, self._troubles[place][0] - self._clock())

    async def mend(self, place: str) -> None:
        """Say that a place is well again."""
        self._troubles.pop(place, None)

    async def find_dialect(self, place: str) -> Dialect | None:
        """How a place was last found to be spoken to."""
        return self._dialects.get(place)

    async def keep_dialect(self, place: str, dialect: Dialect) -> None:
        """Keep how a place is spoken to."""
        self._dialects[place] = dialect


def pause_s(probes: int) -> float:
    """How long after so many probes the next one may follow: it doubles up to a limit."""
    return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0**probes)
