"""What one question to the gateway has been through so far."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from pydantic import BaseModel

from chorus.domain.llm_call import LLMCall, Usage
from chorus.llm.admission import Hold
from chorus.llm.ask import Ask
from chorus.llm.dialect import Dialect
from chorus.llm.verdict import Verdict
from chorus.llm.wire import ChatReply

type OnText = Callable[[str], None]
"""Hears an answer piece by piece; an empty piece means that it begins anew."""


@dataclass(frozen=True, slots=True)
class Tried[M: BaseModel]:
    """One attempt and its verdict, heard just now or out of the ledger."""

    ask: Ask[M]
    reply: ChatReply
    verdict: Verdict[M]
    replayed: bool

    @property
    def usage(self) -> Usage:
        """The tokens of this attempt."""
        return self.reply.usage or Usage()


@dataclass(slots=True)
class Progress:
    """Attempts, failures in a row and time used.

    The clock starts when the first attempt has its place, or waits for an endpoint that is in trouble: standing in line
    for a place in this process does not count.
    """

    on_text: OnText | None
    dialect: Dialect | None = None
    started_s: float | None = None
    attempts: int = 0
    failures: int = 0
    alike: int = 0
    """Failures in a row that were the same."""
    backoff_s: float = 0.0
    """Waited since the last attempt."""
    call_ids: list[UUID] = field(default_factory=list)
    _last_failure: tuple[str, ...] | None = None

    def start_clock(self, now_s: float) -> None:
        """Begin to count the time, unless it is counted already."""
        self.started_s = now_s if self.started_s is None else self.started_s

    def begin(self, waits: dict[str, float]) -> dict[str, float]:
        """Note that an attempt goes out; gives all that held it back."""
        self._begin_anew()
        self.attempts += 1
        backoff_s, self.backoff_s = self.backoff_s, 0.0
        return {Hold.BACKOFF.value: round(backoff_s * 1000, 1), **waits} if backoff_s else waits

    def elapsed_s(self, now_s: float) -> float:
        """Seconds since the first attempt went out."""
        return 0.0 if self.started_s is None else now_s - self.started_s

    def note(self, call: LLMCall, dialect: Dialect, *, is_probe: bool) -> None:
        """Note how an attempt ended; one that only tried whether an endpoint is well again is not held against it."""
        self.call_ids.append(call.id)
        if call.outcome.is_answer:
            self.failures = 0
        elif not is_probe:
            self.failures += 1
        self.dialect = dialect

    def compare[M: BaseModel](self, tried: Tried[M]) -> None:
        """Count failures that are the same but for their numbers."""
        said = tried.verdict.problems or (re.sub(r"\d+", "0", tried.reply.error or ""),)
        failure = (tried.verdict.outcome.value, *said)
        self.alike = self.alike + 1 if failure == self._last_failure else 1
        self._last_failure = failure

    def hear_again(self, call_id: UUID, text: str) -> None:
        """Note a recorded answer, and let the listener have it in one piece."""
        self.call_ids.append(call_id)
        self.failures = 0
        if self.on_text and text:
            self._begin_anew()
            self.on_text(text)

    def humbler[M: BaseModel](self, tried: Tried[M]) -> Dialect | None:
        """The dialect to try after a refused request, if its error says so."""
        if self.dialect is None:
            return None
        return self.dialect.concede(tried.reply.error or "", structured=tried.ask.shape is not None)

    def concede[M: BaseModel](self, tried: Tried[M]) -> None:
        """Go on in a humbler dialect."""
        self.dialect = self.humbler(tried)
        self.failures = 0

    def _begin_anew(self) -> None:
        """Tell the listener to forget what an earlier attempt has said."""
        if self.on_text and self.attempts:
            self.on_text("")

    def start_over(self) -> None:
        """Begin afresh with another model."""
        self.dialect = None
        self.failures = 0
