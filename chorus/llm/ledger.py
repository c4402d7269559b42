"""Where every attempt is written down and every answer is found again; the tables behind it belong to the store."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from chorus.domain.budget import Amount, Budget, Scope, Shortfall, Spending, shortfall
from chorus.domain.llm_call import AnswerAddress, LLMCall, Outcome, RecordedAnswer


class Ledger(Protocol):
    """The memory of the gateway. An answer is in it before anybody uses it."""

    async def find_answer(self, address: AnswerAddress) -> RecordedAnswer | None:
        """Give back the first attempt at this address whose ``outcome.is_answer``, or None."""

    async def find_kept(self, address: AnswerAddress, kept_s: int) -> RecordedAnswer | None:
        """Give back the newest answer any story got to this question in the last ``kept_s`` seconds, or None."""

    async def open_call(self, call: LLMCall) -> None:
        """Write an attempt down as in flight; it may be on its way already."""

    async def open_within(self, call: LLMCall, budget: Budget) -> Shortfall | None:
        """Write an attempt down as in flight, with what it sets aside, if that fits; else say what is short."""

    async def close_call(self, call: LLMCall) -> None:
        """Write down how the attempt ended: complete its row, or insert it whole if ``open_call`` did not succeed."""


class MemoryLedger:
    """A ledger that lives as long as the process."""

    def __init__(self) -> None:
        self._calls: dict[UUID, LLMCall] = {}

    @property
    def calls(self) -> list[LLMCall]:
        """Every attempt, in the order in which they were made."""
        return list(self._calls.values())

    async def find_answer(self, address: AnswerAddress) -> RecordedAnswer | None:
        """Give back the first answered attempt at this address."""
        answered = (call for call in self._calls.values() if call.outcome.is_answer and call.address == address)
        return next((RecordedAnswer.from_call(call) for call in answered), None)

    async def find_kept(self, address: AnswerAddress, kept_s: int) -> RecordedAnswer | None:
        """Give back the newest answer any story got to this question in the last ``kept_s`` seconds."""
        since = datetime.now(UTC) - timedelta(seconds=kept_s)
        asked = address.model_dump(exclude={"story_id"})
        lately = [call for call in self._calls.values() if call.outcome.is_answer and call.started_at > since]
        same = [call for call in lately if call.address.model_dump(exclude={"story_id"}) == asked]
        return RecordedAnswer.from_call(same[-1]) if same else None

    async def open_call(self, call: LLMCall) -> None:
        """Keep an attempt that is in flight."""
        self._calls[call.id] = call

    async def open_within(self, call: LLMCall, budget: Budget) -> Shortfall | None:
        """Keep an attempt that is in flight if it fits into a budget."""
        spending: dict[Scope, Spending] = {
            scope: self._spending(scope, call) for scope in budget.scopes() if scope is not Scope.CALL
        }
        short = shortfall(budget, spending, Amount(tokens=call.reserved_tokens, usd=call.reserved_usd))
        if short is None:
            await self.open_call(call)
        return short

    def _spending(self, scope: Scope, call: LLMCall) -> Spending:
        def counts(other: LLMCall) -> bool:
            same_run = other.run_id == call.run_id
            same_scene = same_run and other.scene_number == call.scene_number
            return {Scope.RUN: same_run, Scope.SCENE: same_scene}.get(scope, True)

        calls = [other for other in self._calls.values() if counts(other)]
        flying = [other for other in calls if other.outcome is Outcome.IN_FLIGHT]
        landed = [other for other in calls if other.outcome is not Outcome.IN_FLIGHT]
        return Spending(
            used=Amount(
                tokens=sum(_used_tokens(other) for other in landed),
                usd=sum((_used_usd(other) for other in landed), Decimal(0)),
            ),
            reserved=Amount(
                tokens=sum(other.reserved_tokens for other in flying),
                usd=sum((other.reserved_usd or Decimal(0) for other in flying), Decimal(0)),
            ),
        )

    async def close_call(self, call: LLMCall) -> None:
        """Keep how it ended."""
        self._calls[call.id] = call


def _used_tokens(call: LLMCall) -> int:
    """What a call has used; of one that was not heard out nobody knows, so all that was set aside for it."""
    told = call.prompt_tokens + call.completion_tokens
    return max(told, call.reserved_tokens) if call.is_unanswered else told


def _used_usd(call: LLMCall) -> Decimal:
    told, set_aside = call.cost_usd or Decimal(0), call.reserved_usd or Decimal(0)
    return max(told, set_aside) if call.is_unanswered else told
