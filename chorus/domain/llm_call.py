"""One attempt at the endpoint: what was asked, how it ended, what it used, and where its answer is found again."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from chorus.domain.value import Text, Value, new_id, now
from chorus.settings import AgentName


class Outcome(StrEnum):
    """How an attempt ended, or that it has not ended yet."""

    IN_FLIGHT = "in_flight"
    OK = "ok"
    TRUNCATED = "truncated"
    INVALID_JSON = "invalid_json"
    SCHEMA_MISMATCH = "schema_mismatch"
    EMPTY = "empty"
    REFUSAL = "refusal"
    CONTENT_FILTER = "content_filter"
    RATE_LIMITED = "rate_limited"
    QUOTA_EXHAUSTED = "quota_exhausted"
    SERVER_ERROR = "server_error"
    TIMEOUT = "timeout"
    CONNECTION_ERROR = "connection_error"
    STREAM_CUT = "stream_cut"
    AUTH_ERROR = "auth_error"
    NOT_FOUND = "not_found"
    BAD_REQUEST = "bad_request"
    CONTEXT_OVERFLOW = "context_overflow"
    NOT_AN_LLM = "not_an_llm"
    CANCELLED = "cancelled"

    @property
    def is_answer(self) -> bool:
        """Whether the model was heard out: such an attempt is replayed and never bought again."""
        return self in _ANSWERS


_ANSWERS = frozenset(
    {
        Outcome.OK,
        Outcome.TRUNCATED,
        Outcome.INVALID_JSON,
        Outcome.SCHEMA_MISMATCH,
        Outcome.EMPTY,
        Outcome.REFUSAL,
        Outcome.CONTENT_FILTER,
    }
)


PRUNED = "pruned"
"""In place of a prompt's hash when its text was removed to save room: nothing is found under it."""


class Usage(Value):
    """Tokens of one answer. Cached tokens are part of the prompt's, reasoning tokens part of the completion's."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    estimated: bool = Field(default=False, description="Whether Chorus counted because the endpoint did not say.")


class AnswerAddress(Value):
    """Where an answer is found again: by what was asked, never by when."""

    story_id: UUID
    node_path: str
    prompt_hash: str
    model: str
    settings_hash: str
    take: int = 0


class LLMCall(Value):
    """One attempt at the endpoint, as it stands in the ledger."""

    id: UUID = Field(default_factory=new_id)
    story_id: UUID
    run_id: UUID | None = None
    scene_number: int | None = None
    agent: AgentName
    node: str
    node_path: str
    attempt: int = Field(default=1, description="Counts from 1 within one question to the gateway.")
    prompt_version: str
    prompt_hash: str
    model: str
    settings: dict[str, Any]
    settings_hash: str
    take: int = 0
    endpoint: str = Field(description="Host and port; never a key.")
    request: dict[str, Any] = Field(description="The body that was sent; never a header.")
    manifest: dict[str, Any] | None = Field(default=None, description="What the prompt was told of the story, and why.")
    response_text: Text | None = None
    finish_reason: str | None = None
    outcome: Outcome = Outcome.IN_FLIGHT
    error: Text | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    usage_estimated: bool = False
    ttft_ms: float | None = None
    latency_ms: float | None = None
    cost_usd: Decimal | None = Field(default=None, description="None: the price is not known.")
    waits: dict[str, float] = Field(
        default_factory=dict, description="Why it was not sent at once, and for how long: milliseconds by reason."
    )
    reserved_tokens: int = Field(default=0, description="Set aside in budgets while it is in flight.")
    reserved_usd: Decimal | None = None
    started_at: datetime = Field(default_factory=now, description="When it was sent, after all waiting.")
    ended_at: datetime | None = None

    @property
    def waited_ms(self) -> float:
        """How long it was held back in all."""
        return sum(self.waits.values())

    @property
    def is_unanswered(self) -> bool:
        """Whether it was sent and not heard out: what it has cost is not known, and may be all that was set aside."""
        return self.usage_estimated and not self.outcome.is_answer

    @property
    def is_pruned(self) -> bool:
        """Whether prompt and answer were removed to save room; the figures are those of the call."""
        return self.prompt_hash == PRUNED

    @property
    def address(self) -> AnswerAddress:
        """Where the answer of this attempt is looked for."""
        return AnswerAddress(
            story_id=self.story_id,
            node_path=self.node_path,
            prompt_hash=self.prompt_hash,
            model=self.model,
            settings_hash=self.settings_hash,
            take=self.take,
        )

    @property
    def usage(self) -> Usage:
        """The five token columns as one value."""
        return Usage(
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            cached_tokens=self.cached_tokens,
            reasoning_tokens=self.reasoning_tokens,
            estimated=self.usage_estimated,
        )


class RecordedAnswer(Value):
    """What the ledger gives back of an answered attempt: enough to go on as if it had just been heard."""

    call_id: UUID
    outcome: Outcome
    response_text: Text | None = None
    finish_reason: str | None = None
    usage: Usage = Usage()

    @classmethod
    def from_call(cls, call: LLMCall) -> "RecordedAnswer":
        """Keep of an attempt what a replay needs."""
        return cls(
            call_id=call.id,
            outcome=call.outcome,
            response_text=call.response_text,
            finish_reason=call.finish_reason,
            usage=call.usage,
        )
