"""Keeps the ledger for the gateway: an attempt is opened beside the request, and closed before its answer is used."""

import asyncio
import logging
import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from chorus.domain.budget import Budget
from chorus.domain.llm_call import LLMCall, Outcome, Usage
from chorus.errors import DatabaseUnavailable
from chorus.llm.endpoint import Endpoint
from chorus.llm.ledger import Ledger
from chorus.llm.prices import PriceList
from chorus.llm.spending import set_aside
from chorus.llm.wire import ChatReply

_log = logging.getLogger(__name__)
LONGEST_OUTAGE_S = 60.0
"""How long an answer waits for a database that is away: it is paid for."""
LAST_CHANCE_S = 5.0
"""The same for one that nobody waits for any more."""
_AGAIN_S = 0.5
_BYTES_PER_TOKEN = 4


def count_roughly(text: str) -> int:
    """Guess the tokens of a text: four bytes each, so that scripts of which tokenizers know little count more."""
    return math.ceil(len(text.encode("utf-8", "ignore")) / _BYTES_PER_TOKEN)


@dataclass(frozen=True, slots=True)
class Tally:
    """How tokens are counted where the endpoint does not say, and what they cost."""

    count_tokens: Callable[[str], int] = count_roughly
    prices: PriceList = field(default_factory=PriceList)

    def count(self, text: str) -> int:
        """Count the tokens of a text; a tokenizer that takes unknown words for one token each is not believed."""
        return max(self.count_tokens(text), count_roughly(text))

    def asked(self, call: LLMCall) -> int:
        """Count the tokens of a request."""
        return sum(self.count(message["content"]) for message in call.request["messages"])


class Entry:
    """The ledger's entry of one attempt, from before it is sent until it is closed."""

    def __init__(self, ledger: Ledger, call: LLMCall, tally: Tally) -> None:
        """Hold the attempt; nothing is written yet."""
        self.call = call
        self._ledger = ledger
        self._tally = tally
        self._opening: asyncio.Task[None] | None = None
        self._is_open = False
        self._is_sent = False
        self._patience_s = LONGEST_OUTAGE_S

    async def open_within(self, budget: Budget, left_s: Callable[[], float]) -> None:
        """Write the attempt down with what it sets aside, before anything is sent; raises as ``set_aside`` does.

        Its time begins now: how long it stood in line for a place says nothing about whether it is still alive.
        """
        self.call = self.call.model_copy(update={"started_at": datetime.now(UTC)})
        await set_aside(self._ledger, self.call, budget, left_s)
        self._is_open = True

    def begin(self, waits: dict[str, float]) -> None:
        """Note that it is sent now, and write it down without holding the request up."""
        self.call = self.call.model_copy(update={"started_at": datetime.now(UTC), "waits": waits})
        self._is_sent = True
        if not self._is_open:
            self._opening = asyncio.create_task(self._ledger.open_call(self.call))
            self._is_open = True

    async def abandon(self, error: BaseException) -> None:
        """Write down that nobody waits for it any more, if it is written down at all; if it was sent, it counts."""
        if self._is_open and self.call.outcome is Outcome.IN_FLIGHT:
            with suppress(Exception):  # what stopped us matters more than that the ledger is out of reach too
                asked = await asyncio.to_thread(self._tally.asked, self.call) if self._is_sent else 0
                counted = {"prompt_tokens": asked, "usage_estimated": self._is_sent}
                self._patience_s = LAST_CHANCE_S
                await self.close(outcome=Outcome.CANCELLED, error=type(error).__name__, **counted)

    async def close(self, **ending: Any) -> LLMCall:
        """Write down how it ended. Not interrupted by a cancellation: an answer that was paid for is kept."""
        self.call = self.call.model_copy(update={"ended_at": datetime.now(UTC), **ending})
        closing = asyncio.create_task(self._close())
        try:
            await asyncio.shield(closing)
        except asyncio.CancelledError:
            await asyncio.wait([closing], timeout=LAST_CHANCE_S)
            closing.cancel()
            raise
        return self.call

    async def _close(self) -> None:
        try:
            if self._opening is not None:
                await self._opening
        except Exception as error:  # noqa: BLE001 - closing writes the whole row, and raises if it can't
            _log.warning("call %s could not be opened in the ledger: %s", self.call.id, type(error).__name__)
        try:
            await self._ledger.close_call(self.call)
        except DatabaseUnavailable as error:
            _log.warning("call %s waits to be written down: %s", self.call.id, error)
            await self._close_when_it_is_back()

    async def _close_when_it_is_back(self) -> None:
        """Try until the database answers: to write a row twice does no harm."""
        give_up_s = time.monotonic() + self._patience_s
        while True:
            await asyncio.sleep(_AGAIN_S)
            try:
                return await self._ledger.close_call(self.call)
            except DatabaseUnavailable:
                if time.monotonic() > give_up_s:
                    raise


async def ending(
    call: LLMCall,
    endpoint: Endpoint,
    reply: ChatReply,
    outcome: Outcome,
    tally: Tally,
) -> dict[str, Any]:
    """Gather the columns that an ended attempt fills in."""
    usage = reply.usage or estimate(call, reply, tally)
    is_free = endpoint.is_local and not tally.prices.knows_own(endpoint)
    cost = None if is_free else await asyncio.to_thread(tally.prices.cost_usd, endpoint, usage)
    return {
        "response_text": reply.text or None,
        "finish_reason": reply.finish_reason,
        "outcome": outcome,
        "error": reply.error,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "cached_tokens": usage.cached_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "usage_estimated": usage.estimated,
        "ttft_ms": reply.ttft_ms,
        "cost_usd": cost,
    }


def estimate(call: LLMCall, reply: ChatReply, tally: Tally) -> Usage:
    """Count what the endpoint did not: nothing for a request that was turned away, else the words both ways."""
    if not reply.may_have_cost:
        return Usage()
    return Usage(prompt_tokens=tally.asked(call), completion_tokens=tally.count(reply.text), estimated=True)
