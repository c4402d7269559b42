"""The places for calls in flight: so many in this process, and at each endpoint as many as it is known to bear."""

import asyncio
from collections import Counter, deque
from dataclasses import dataclass

from chorus.llm.pace import Departure, Pace


@dataclass(frozen=True, slots=True)
class _InLine:
    address: str
    place: "asyncio.Future[Departure]"


class Places:
    """First come, first served; a call for a busy endpoint does not hold up one for another."""

    def __init__(self, most: int) -> None:
        """Open ``most`` places."""
        self._most = most
        self._paces: dict[str, Pace] = {}
        self._in_flight: Counter[str] = Counter()
        self._line: deque[_InLine] = deque()

    def pace_of(self, address: str) -> Pace:
        """What an endpoint is known to bear."""
        return self._paces.setdefault(address, Pace(self._most))

    async def enter(self, address: str) -> Departure:
        """Wait for a place at an endpoint."""
        place: asyncio.Future[Departure] = asyncio.get_running_loop().create_future()
        self._line.append(_InLine(address, place))
        self._let_in()
        try:
            return await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.leave(address)
            self._line = deque(each for each in self._line if each.place is not place)
            raise

    def leave(self, address: str) -> None:
        """Give a place back."""
        self._in_flight[address] -= 1
        self._let_in()

    def _let_in(self) -> None:
        """Give every place that is free to the first in line who can use it."""
        still_waiting: deque[_InLine] = deque()
        while self._line and self._in_flight.total() < self._most:
            first = self._line.popleft()
            if first.place.done():
                continue
            pace = self.pace_of(first.address)
            if self._in_flight[first.address] >= pace.level:
                still_waiting.append(first)
                continue
            self._in_flight[first.address] += 1
            first.place.set_result(pace.departure(self._in_flight[first.address]))
        self._line.extendleft(reversed(still_waiting))
