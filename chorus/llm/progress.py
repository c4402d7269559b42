"""What one question to the gateway has been through so far."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from pydantic import BaseModel

from chorus.domain.llm_call import LLMCall, Usage
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
    """Attempts, failures in a row and time used; the clock starts when the first attempt is admitted."""

    on_text: OnText | None
    dialect: Dialect | None = None
    started_s: float | None = None
    attempts: int = 0
    failures: int = 0
    call_ids: list[UUID] = field(default_factory=list)

    def begin(self, now_s: float) -> float:
        """Note that an attempt goes out; gives ``now_s`` back."""
        self.started_s = now_s if self.started_s is None else self.started_s
        self._begin_anew()
        self.attempts += 1
        return now_s

    def elapsed_s(self, now_s: float) -> float:
        """Seconds since the first attempt went out."""
        return 0.0 if self.started_s is None else now_s - self.started_s

    def note(self, call: LLMCall, dialect: Dialect) -> None:
        """Note how an attempt ended."""
        self.call_ids.append(call.id)
        self.failures = 0 if call.outcome.is_answer else self.failures + 1
        self.dialect = dialect

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
