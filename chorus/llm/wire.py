"""What crosses the wire, and what a wire must do; ``openai_wire`` is the real one, ``scripted`` needs no network."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from chorus.domain.llm_call import Outcome, Usage
from chorus.llm.endpoint import Endpoint

_OVERLOADED = frozenset({503, 529})
_GAVE_UP_WAITING = frozenset({504, 524})
"""What a gateway says that has passed a question on and heard nothing."""
_BROKEN_OFF = frozenset({Outcome.TIMEOUT, Outcome.CONNECTION_ERROR, Outcome.STREAM_CUT})


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One chat completion to be asked for."""

    endpoint: Endpoint
    node: str
    """The pipeline step that asks; it is not sent."""
    body: dict[str, Any]
    timeout_s: float
    """Until the last byte, not only the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """How an exchange ended. A wire returns it for every fault it can name; it does not raise."""

    outcome: Outcome = Outcome.OK
    error: str | None = None
    retry_after_s: float | None = None
    status: int | None = None
    """Of an HTTP answer that was a refusal."""
    was_sent: bool = True
    """Whether the question left this machine; if so, it may have to be paid for."""

    @property
    def is_overload(self) -> bool:
        """Whether the endpoint has more to do than it can."""
        return self.outcome is Outcome.RATE_LIMITED or self.status in _OVERLOADED


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatReply(Reply):
    """What a chat completion brought, also the part before a cut."""

    text: str = ""
    finish_reason: str | None = None
    usage: Usage | None = None
    ttft_ms: float | None = None

    @property
    def may_have_cost(self) -> bool:
        """Whether a model may have worked on it, heard out or not: only what was turned away is surely free."""
        if self.outcome.is_answer:
            return True
        if self.status is not None:
            return self.status in _GAVE_UP_WAITING
        return self.was_sent and (self.outcome in _BROKEN_OFF or bool(self.text))


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorsReply(Reply):
    """What an embeddings request brought: vectors in the order of the texts, not yet normalised."""

    vectors: tuple[list[float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsReply(Reply):
    """The models that an endpoint lists."""

    models: tuple[str, ...] = ()


class Wire(Protocol):
    """Carries one request and brings back how it ended. It never retries."""

    async def chat(self, request: ChatRequest, on_text: Callable[[str], None] | None = None) -> ChatReply:
        """Ask for a chat completion; ``on_text`` hears the pieces as they come."""

    async def embed(self, endpoint: Endpoint, texts: list[str], *, timeout_s: float) -> VectorsReply:
        """Ask for the vectors of some texts."""

    async def list_models(self, endpoint: Endpoint, *, timeout_s: float) -> ModelsReply:
        """Ask which models there are."""

    async def aclose(self) -> None:
        """Close the connections."""
