"""A model whose answers are written beforehand: a real wire for tests and demonstrations, with no network behind it."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence

from pydantic import BaseModel

from chorus.domain.llm_call import Outcome, Usage
from chorus.llm.endpoint import Endpoint, FixedEndpoint
from chorus.llm.gateway import Gateway
from chorus.llm.ledger import Ledger, MemoryLedger
from chorus.llm.persistence import Clockwork
from chorus.llm.record import count_roughly
from chorus.llm.wire import ChatReply, ChatRequest, ModelsReply, VectorsReply

type Line = str | BaseModel | ChatReply
type Script = Line | Sequence[Line] | Callable[[ChatRequest], Line]

SCRIPTED_ENDPOINT = Endpoint("http://localhost/scripted", None, "scripted")


class ScriptedWire:
    """Answers by node. A sequence is spoken line by line, its last line from then on; ``requests`` keeps what came."""

    def __init__(self, script: Mapping[str, Script]) -> None:
        self._script = script
        self._spoken: dict[str, int] = {}
        self.requests: list[ChatRequest] = []

    async def chat(self, request: ChatRequest, on_text: Callable[[str], None] | None = None) -> ChatReply:
        """Speak the node's next line.

        Raises:
            LookupError: the script has no part for this node.

        """
        self.requests.append(request)
        if request.node not in self._script:
            raise LookupError(f"the script has no part for {request.node}")
        reply = _reply(self._line(request), request)
        if on_text and reply.text:
            on_text(reply.text)
        return reply

    def _line(self, request: ChatRequest) -> Line:
        part = self._script[request.node]
        if isinstance(part, str | BaseModel | ChatReply):
            return part
        if callable(part):
            return part(request)
        spoken = self._spoken.get(request.node, 0)
        self._spoken[request.node] = spoken + 1
        return part[min(spoken, len(part) - 1)]

    async def embed(self, endpoint: Endpoint, texts: list[str], *, timeout_s: float) -> VectorsReply:  # noqa: ARG002
        """Give each text a vector of 16 numbers that depends on nothing else."""
        digests = [hashlib.sha256(text.encode()).digest()[:16] for text in texts]
        return VectorsReply(vectors=tuple([byte - 127.5 for byte in digest] for digest in digests))

    async def list_models(self, endpoint: Endpoint, *, timeout_s: float) -> ModelsReply:  # noqa: ARG002
        """List the one scripted model."""
        return ModelsReply(models=(SCRIPTED_ENDPOINT.model,))

    async def aclose(self) -> None:
        """Nothing is open."""


def scripted_gateway(script: Mapping[str, Script], ledger: Ledger | None = None) -> tuple[Gateway, ScriptedWire]:
    """Make a gateway that speaks a script and never waits, and the wire to look at what it was asked."""
    wire = ScriptedWire(script)
    gateway = Gateway(
        endpoints=FixedEndpoint(SCRIPTED_ENDPOINT),
        ledger=ledger or MemoryLedger(),
        wire=wire,
        clockwork=Clockwork(sleep=_no_time),
    )
    return gateway, wire


async def _no_time(seconds: float) -> None:
    """Pass over a wait."""


def _reply(line: Line, request: ChatRequest) -> ChatReply:
    if isinstance(line, ChatReply):
        return line
    text = line if isinstance(line, str) else line.model_dump_json()
    asked = count_roughly(json.dumps(request.body["messages"]))
    usage = Usage(prompt_tokens=asked, completion_tokens=count_roughly(text))
    return ChatReply(outcome=Outcome.OK, text=text, finish_reason="stop", usage=usage, ttft_ms=0.0)
