"""The gateway's ledger on the store: every call is one row, and recorded answers are read back from there."""

from chorus.domain.budget import Budget, Shortfall
from chorus.domain.llm_call import AnswerAddress, LLMCall, RecordedAnswer
from chorus.store import Database
from chorus.store.together import Together


class StoreLedger:
    """A ``chorus.llm.Ledger`` in Postgres. It needs no lease: what was answered is true whoever writes the story."""

    def __init__(self, store: Database) -> None:
        """Keep calls in ``store``."""
        self._store = store
        self._closed = Together(self._close)

    async def find_answer(self, address: AnswerAddress) -> RecordedAnswer | None:
        """Give back the first answer recorded at this address."""
        async with self._store.reading() as tx:
            return await tx.calls.find_answer(address)

    async def find_kept(self, address: AnswerAddress, kept_s: int) -> RecordedAnswer | None:
        """Give back the newest answer any story got to this question lately."""
        async with self._store.reading() as tx:
            return await tx.calls.find_kept(address, kept_s)

    async def open_call(self, call: LLMCall) -> None:
        """Keep an attempt that is on its way, at once: if this process dies now, the row says what it may have cost."""
        async with self._store.reading() as tx:  # one statement
            await tx.calls.open(call)

    async def open_within(self, call: LLMCall, budget: Budget) -> Shortfall | None:
        """Keep an attempt that is on its way if it fits into a budget."""
        async with self._store.transaction() as tx:
            return await tx.calls.open_within(call, budget)

    async def close_call(self, call: LLMCall) -> None:
        """Keep how it ended."""
        await self._closed.add(call)

    async def _close(self, calls: list[LLMCall]) -> None:
        async with self._store.reading() as tx:  # one statement that matters
            await tx.calls.close(*calls)
