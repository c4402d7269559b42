"""Where every attempt is written down and every answer is found again; the tables behind it belong to the store."""

from typing import Protocol
from uuid import UUID

from chorus.domain.llm_call import AnswerAddress, LLMCall, RecordedAnswer


class Ledger(Protocol):
    """The memory of the gateway. An answer is in it before anybody uses it."""

    async def find_answer(self, address: AnswerAddress) -> RecordedAnswer | None:
        """Give back the first attempt at this address whose ``outcome.is_answer``, or None."""

    async def open_call(self, call: LLMCall) -> None:
        """Write an attempt down as in flight; it may be on its way already."""

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

    async def open_call(self, call: LLMCall) -> None:
        """Keep an attempt that is in flight."""
        self._calls[call.id] = call

    async def close_call(self, call: LLMCall) -> None:
        """Keep how it ended."""
        self._calls[call.id] = call
