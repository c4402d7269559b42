"""Sets aside in budgets what a call may cost, before it is sent; what it did cost its row in the ledger says."""

import asyncio
import json
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from chorus.domain.budget import Budget, Scope, Shortfall, Unit
from chorus.domain.llm_call import LLMCall, Usage
from chorus.errors import BudgetExceeded, ConfigError
from chorus.llm.admission import Hold, NotAdmitted
from chorus.llm.endpoint import Endpoint
from chorus.llm.ledger import Ledger
from chorus.llm.prices import PriceList

_SMALL = bytes(range(ord("a"), ord("z") + 1))
_HALF = b" " + _SMALL
_TOKENS_PER_MESSAGE = 16
_FIRST_LOOK_S = 0.05
_LAST_LOOK_S = 1.0


def most_prompt_tokens(body: dict[str, Any]) -> int:
    """Bound the tokens of a request from above, whatever its tokenizer.

    Small letters and spaces are taken for two a token at least, which holds for prose in any language that has them,
    and for random letters nearly; each digit, sign, capital, line break and each byte of another script for one.
    """
    asked = {"messages": body["messages"], "response_format": body.get("response_format")}
    written = json.dumps(asked, ensure_ascii=False).encode("utf-8", "replace")
    others = len(written.translate(None, _HALF))
    return others + math.ceil((len(written) - others) / 2) + _TOKENS_PER_MESSAGE * len(body["messages"])


async def price(call: LLMCall, most: Usage, endpoint: Endpoint, prices: PriceList) -> Decimal:
    """What a call costs at most.

    Raises:
        ConfigError: nobody knows its price, and an unknown price is not $0.

    """
    cost = await asyncio.to_thread(prices.cost_usd, endpoint, most)
    if cost is None:
        raise ConfigError(
            f"No price is known for '{call.model}' at {endpoint.host}, so a budget in USD cannot be kept: "
            f"set LLM_PRICES (e.g. {call.model}=0.5/1.5), or give the budget in tokens."
        )
    return cost


async def reserved(
    call: LLMCall, most_tokens: int, budget: Budget | None, endpoint: Endpoint, prices: PriceList
) -> LLMCall:
    """The call with what must be set aside for it; raises as ``price`` does.

    One without a budget of its own sets the same aside, if it has a price: another run may have one for the whole day.
    """
    longest = int(call.settings["max_tokens"])
    most = Usage(prompt_tokens=most_tokens - longest, completion_tokens=longest)
    if budget is not None and budget.counts_usd:
        usd = await price(call, most, endpoint, prices)
    elif endpoint.is_local and not prices.knows_own(endpoint):
        usd = None
    else:
        usd = await asyncio.to_thread(prices.cost_usd, endpoint, most)
    return call.model_copy(update={"reserved_tokens": most_tokens, "reserved_usd": usd})


async def set_aside(ledger: Ledger, call: LLMCall, budget: Budget, left_s: Callable[[], float]) -> None:
    """Open the call in the ledger as soon as what it sets aside fits into its budget.

    Where it would fit but for calls in flight, it waits to see what those turn out to cost.

    Raises:
        BudgetExceeded: it does not fit; nothing was set aside.
        NotAdmitted: the calls in flight have not ended within the time that is left.

    """
    look_s = _FIRST_LOOK_S
    while (short := await ledger.open_within(call, budget)) is not None:
        if not short.may_pass:
            raise exceeded(short, call.node)
        if left_s() < look_s:
            raise NotAdmitted(Hold.BUDGET)
        await asyncio.sleep(look_s)
        look_s = min(_LAST_LOOK_S, look_s * 2)


_WHOSE = {
    Scope.DAY: "The budget of this day",
    Scope.CALL: "The budget of one call",
    Scope.JUDGING: "The budget of an experiment's judges",
}


def exceeded(short: Shortfall, node: str) -> BudgetExceeded:
    """Say which budget is used up, how far, and what the next call would need."""
    limit = short.limit
    whose = _WHOSE.get(limit.scope, f"The budget of this {limit.scope}")
    most, used, needed = (_amount(number, limit.unit) for number in (limit.most, short.used, short.needed))
    said = f"{whose} is {most}: {used} are used, and {node} may need {needed}. Raise it and resume to go on."
    return BudgetExceeded(
        said, budget=limit.scope, unit=limit.unit, limit=limit.most, used=short.used, needed=short.needed
    )


def _amount(number: Decimal, unit: Unit) -> str:
    return f"{int(number):,} tokens" if unit is Unit.TOKENS else f"${number:,.4f}"
