"""Who may ask now: every attempt passes here, once, before it is sent.

It meets, in this order: the wait an endpoint has asked for, its circuit breaker, the places for calls in flight,
the budget, and the limits per minute. What holds an attempt back, and for how long, is noted.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from chorus.domain.llm_call import Outcome, Usage
from chorus.domain.rate import Rate, Wish
from chorus.llm.circuit import Circuit
from chorus.llm.endpoint import Endpoint
from chorus.llm.fleet import Fleet, LoneProcess
from chorus.llm.pace import Departure
from chorus.llm.places import Places
from chorus.llm.wire import ChatReply

_LONG_WAIT_S = 2.0
_TURNS_MISSED = 3
_WORTH_NOTING_MS = 1.0


class Hold(StrEnum):
    """What holds an attempt back."""

    BACKOFF = "backoff"
    RETRY_AFTER = "retry_after"
    BREAKER = "breaker"
    PLACE = "place"
    BUDGET = "budget"
    LIMITER = "limiter"


class NotAdmitted(Exception):
    """What holds an attempt back would do so beyond its deadline."""

    def __init__(self, hold: Hold, wait_s: float | None = None) -> None:
        self.hold = hold
        self.wait_s = wait_s
        super().__init__(hold)


async def _nothing_to_reserve() -> None:
    """Without a budget there is nothing to set aside."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call that wants to be sent."""

    endpoint: Endpoint
    most_tokens: int
    """Prompt and longest answer together, as a guess."""
    left_s: Callable[[], float]
    """Seconds until its deadline; asking starts the clock."""
    reserve: Callable[[], Awaitable[None]] = _nothing_to_reserve
    """Sets aside what it may cost."""
    patience_s: float = math.inf
    """How long it waits at most for an endpoint to be well again; short where another model can answer."""

    @property
    def left_for_health_s(self) -> float:
        """Seconds that it waits for its endpoint from now on."""
        return min(self.left_s(), self.patience_s)


@dataclass(slots=True)
class Permit:
    """An attempt that may be sent; ``reply`` is filled in when it has ended."""

    waits: dict[str, float] = field(default_factory=dict)
    """Milliseconds by what held it back."""
    is_probe: bool = False
    """Whether it goes alone, to see whether an endpoint in trouble is well again."""
    reply: ChatReply | None = None

    @contextmanager
    def held_by(self, hold: Hold) -> Iterator[None]:
        """Note how long something takes."""
        began = time.perf_counter()
        try:
            yield
        finally:
            waited_ms = (time.perf_counter() - began) * 1000
            if waited_ms >= _WORTH_NOTING_MS:
                self.waits[hold] = round(self.waits.get(hold, 0.0) + waited_ms, 1)


class Admission(Protocol):
    """Lets attempts through."""

    @property
    def fleet(self) -> Fleet:
        """What it knows together with other processes."""

    def enter(self, attempt: Attempt) -> AbstractAsyncContextManager[Permit]:
        """Wait until the attempt may be sent; leaving the context gives the place back.

        Raises:
            NotAdmitted: it would have to wait beyond its deadline.

        """


class InFlightLimit:
    """At most ``most`` attempts at once, and nothing else: for models that speak a script."""

    def __init__(self, most: int) -> None:
        """Open ``most`` places."""
        self.fleet: Fleet = LoneProcess()
        self._places = asyncio.Semaphore(most)

    @asynccontextmanager
    async def enter(self, attempt: Attempt) -> AsyncIterator[Permit]:
        """Wait for a place."""
        async with self._places:
            attempt.left_s()
            await attempt.reserve()
            yield Permit()


class Turnstile:
    """What a process lets through; what it must agree on with others it asks the fleet."""

    def __init__(
        self, fleet: Fleet, *, most_in_flight: int, requests: Rate | None = None, tokens: Rate | None = None
    ) -> None:
        """Let at most ``most_in_flight`` attempts through at once, and no more than the rates in all processes."""
        self.fleet = fleet
        self._places = Places(most_in_flight)
        self._requests = requests
        self._tokens = tokens
        self._circuits: dict[str, Circuit] = {}
        self._not_before_s: dict[str, float] = {}
        self._credit_s: dict[str, float] = {}

    @asynccontextmanager
    async def enter(self, attempt: Attempt) -> AsyncIterator[Permit]:
        """Wait for everything that must be waited for."""
        permit = Permit()
        sent = await self._place(attempt, permit)
        try:
            attempt.left_s()
            with permit.held_by(Hold.BUDGET):
                await attempt.reserve()
            with permit.held_by(Hold.LIMITER):
                await self._within_limits(attempt)
            yield permit
            if permit.reply is not None:
                self._settle(attempt, permit.reply)
                await self._learn(attempt.endpoint, permit.reply, sent)
        finally:
            self._places.leave(attempt.endpoint.address)

    async def _place(self, attempt: Attempt, permit: Permit) -> Departure:
        """Wait for a place at an endpoint that is well; none is held while waiting for its health."""
        address, circuit = attempt.endpoint.address, self._circuit(attempt.endpoint)
        while True:
            await self._until_well(attempt, circuit, permit)
            with permit.held_by(Hold.PLACE):
                sent = await self._places.enter(address)
            if permit.is_probe or not circuit.is_open:
                return sent
            self._places.leave(address)  # trouble came while this one stood in line

    def _circuit(self, endpoint: Endpoint) -> Circuit:
        if endpoint.place not in self._circuits:
            self._circuits[endpoint.place] = Circuit(endpoint.place, self.fleet)
        return self._circuits[endpoint.place]

    async def _until_well(self, attempt: Attempt, circuit: Circuit, permit: Permit) -> None:
        """Wait for the time that the endpoint has named, and for its breaker."""
        wait_s = self._not_before_s.get(circuit.place, 0.0) - time.monotonic()
        if wait_s > 0:
            if wait_s > attempt.left_for_health_s:
                raise NotAdmitted(Hold.RETRY_AFTER, wait_s)
            with permit.held_by(Hold.RETRY_AFTER):
                await asyncio.sleep(wait_s)
        if circuit.is_open:
            with permit.held_by(Hold.BREAKER):
                try:
                    async with asyncio.timeout(attempt.left_for_health_s):
                        permit.is_probe = await circuit.wait_until_well()
                except TimeoutError:
                    raise NotAdmitted(Hold.BREAKER) from None

    async def _within_limits(self, attempt: Attempt) -> None:
        """Take a turn at the limits per minute, and wait for it.

        On a machine so busy that the turn is missed, another one is taken: late calls bunch up with those after them.
        """
        rates = [rate for rate in (self._requests, self._tokens) if rate]
        if not rates:
            return
        lateness_s = min(rate.slack_s for rate in rates) / 2
        for _ in range(_TURNS_MISSED):
            asked_s = time.monotonic()
            wait_s = await self._turn(attempt)
            if time.monotonic() - asked_s - wait_s < lateness_s:
                return

    async def _turn(self, attempt: Attempt) -> float:
        """Wait for a turn; gives how long that should have taken."""
        address = attempt.endpoint.address
        wish = Wish(
            **({"events": self._requests.toll()} if self._requests else {}),
            **({"weight": self._tokens.toll(attempt.most_tokens)} if self._tokens else {}),
            credit_s=self._credit_s.pop(address, 0.0),
            longest_wait_s=attempt.left_s(),
        )
        grant = await self.fleet.take(f"llm {address}", wish)
        if not grant.granted:
            self._credit(address, wish.credit_s)
            raise NotAdmitted(Hold.LIMITER, grant.wait_s)
        try:
            await asyncio.sleep(grant.wait_s)
        except asyncio.CancelledError:
            self._credit(address, wish.weight.cost_s)
            raise
        return grant.wait_s

    def _settle(self, attempt: Attempt, reply: ChatReply) -> None:
        """Give back the tokens that were set aside and not used; the next turn is shorter for it."""
        if self._tokens is None or (reply.usage is None and reply.text):
            return
        used = reply.usage or Usage()
        most_s = self._tokens.toll(attempt.most_tokens).cost_s
        used_s = self._tokens.toll(used.prompt_tokens + used.completion_tokens).cost_s
        self._credit(attempt.endpoint.address, most_s - used_s)

    def _credit(self, address: str, seconds: float) -> None:
        self._credit_s[address] = self._credit_s.get(address, 0.0) + seconds

    async def _learn(self, endpoint: Endpoint, reply: ChatReply, sent: Departure) -> None:
        """Take a long wait that an endpoint asks of one call as meant for all, and its health into account."""
        if reply.outcome is Outcome.RATE_LIMITED and (reply.retry_after_s or 0.0) >= _LONG_WAIT_S:
            until_s = time.monotonic() + (reply.retry_after_s or 0.0)
            self._not_before_s[endpoint.place] = max(until_s, self._not_before_s.get(endpoint.place, 0.0))
        pace = self._places.pace_of(endpoint.address)
        if reply.is_overload:
            pace.was_too_much(sent)
        elif reply.outcome.is_answer:
            pace.went_well(sent)
        await self._circuit(endpoint).heard(reply.outcome)
