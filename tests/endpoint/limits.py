"""What an endpoint bears: calls at once, calls in any window, and the times in which it is down."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.endpoint.faults import Fault, Kind


@dataclass
class Limits:
    """``in_flight`` and ``per_window`` (calls, seconds) are answered with a 429, an outage with a 503.

    ``outages`` are (from, to) in seconds after the first call. All may be changed while calls come.
    """

    in_flight: int | None = None
    per_window: tuple[int, float] | None = None
    outages: tuple[tuple[float, float], ...] = ()
    retry_after: str | None = None
    clock: Callable[[], float] = time.monotonic
    _admitted_s: deque[float] = field(default_factory=deque, repr=False)
    _first_s: float | None = field(default=None, repr=False)

    def refusal(self, in_flight: int) -> Fault | None:
        """Why a call is turned away, if it is; ``in_flight`` counts those that were let in before it."""
        now_s = self.clock()
        self._first_s = now_s if self._first_s is None else self._first_s
        if self.is_down(now_s):
            return Fault(Kind.HTTP_503)
        if self.in_flight is not None and in_flight >= self.in_flight:
            return Fault(Kind.RATE_LIMIT, retry_after=self.retry_after)
        return self._window_refusal(now_s)

    def is_down(self, now_s: float) -> bool:
        since_s = now_s - (self._first_s or now_s)
        return any(start <= since_s < end for start, end in self.outages)

    def _window_refusal(self, now_s: float) -> Fault | None:
        if self.per_window is None:
            return None
        most, window_s = self.per_window
        while self._admitted_s and self._admitted_s[0] <= now_s - window_s:
            self._admitted_s.popleft()
        if len(self._admitted_s) >= most:
            return Fault(Kind.RATE_LIMIT, retry_after=self.retry_after)
        self._admitted_s.append(now_s)
        return None
