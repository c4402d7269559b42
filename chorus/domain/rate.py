"""How fast something may happen: at most so much in any sliding window, spread evenly. Pure arithmetic on seconds.

A lane remembers the moment up to which it is paid for, and each event pays for its share of the window.
Source: the generic cell rate algorithm in its virtual scheduling form, ITU-T I.371 (2004).
"""

from dataclasses import dataclass
from typing import Self

_BURST_SHARE = 0.03
_WEIGHT_BURST_SHARE = 0.1
_SLACK_SHARE = 0.04
_LEAST_SLACK_S = 0.5


@dataclass(frozen=True, slots=True)
class Toll:
    """What one event pays in one lane: it may pass once the lane is paid for no more than ``lead_s`` ahead of now.

    A negative lead means that the lane must have been idle for so long: the event is larger than a burst.
    """

    lead_s: float
    cost_s: float


FREE = Toll(lead_s=float("inf"), cost_s=0.0)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``most`` in any ``window_s`` seconds, also where grants and arrivals are a little apart."""

    most: int
    window_s: float = 60.0
    counts_events: bool = True
    """Events count one each; else they have a weight, as tokens do."""

    @property
    def burst(self) -> int:
        """How much may come at once after a pause; it is taken off the steady rate, so that the window holds."""
        share = _BURST_SHARE if self.counts_events else _WEIGHT_BURST_SHARE
        return max(1, int(self.most * share))

    @property
    def slack_s(self) -> float:
        """How far apart a grant and its arrival may be."""
        return max(_LEAST_SLACK_S, self.window_s * _SLACK_SHARE)

    @property
    def interval_s(self) -> float:
        """Seconds of the window that one unit takes up."""
        steady = self.most - self.burst + (1 if self.counts_events else 0)
        return (self.window_s + self.slack_s) / max(1, steady) * (1 + 1e-9)

    def toll(self, amount: int = 1) -> Toll:
        """What an event of this size pays; one that is larger than the limit pays for a whole window."""
        counted = min(max(0, amount), self.most)
        return Toll((self.burst - counted) * self.interval_s, counted * self.interval_s)


@dataclass(frozen=True, slots=True)
class Lanes:
    """Up to when events and their weight are paid for, in seconds of some clock."""

    events_s: float = 0.0
    weight_s: float = 0.0

    def passed_by(self, wish: "Wish", now_s: float) -> tuple[float, Self]:
        """When an event may pass, and the lanes after it."""
        weight_s = self.weight_s - wish.credit_s
        start_s = max(now_s, self.events_s - wish.events.lead_s, weight_s - wish.weight.lead_s)
        after = type(self)(
            max(self.events_s, start_s) + wish.events.cost_s,
            max(weight_s, start_s) + wish.weight.cost_s,
        )
        return start_s, after


@dataclass(frozen=True, slots=True)
class Wish:
    """An event that wants to pass."""

    events: Toll = FREE
    weight: Toll = FREE
    credit_s: float = 0.0
    """Seconds of the weight lane that earlier events paid for and did not need."""
    longest_wait_s: float = float("inf")
    """An event that would have to wait longer does not pass, and pays nothing."""


@dataclass(frozen=True, slots=True)
class Grant:
    """The answer to a wish: pass in ``wait_s`` seconds, or not at all if ``granted`` is False."""

    granted: bool
    wait_s: float
