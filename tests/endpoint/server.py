"""The endpoint itself: OpenAI-compatible, over real HTTP, in a thread of its own; it remembers every call."""

import asyncio
import contextlib
import hashlib
import re
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self

from tests.endpoint import chat
from tests.endpoint.answers import Answerer
from tests.endpoint.faults import Fault, FaultScript, Kind, fault_at
from tests.endpoint.http import Broken, Request, Responder, read_request
from tests.endpoint.limits import Limits
from tests.endpoint.silly import SillyAnswerer

_DIMENSIONS = 64


@dataclass
class Call:
    """One chat completion as the endpoint saw it; times are ``time.time()``."""

    index: int
    began_s: float
    model: str
    messages: list[dict[str, Any]]
    schema_name: str | None
    body: dict[str, Any] = field(repr=False, default_factory=dict)
    ended_s: float | None = None
    answer: str | None = None
    outcome: str = "in_flight"

    @property
    def prompt_hash(self) -> str:
        return hashlib.sha256(repr((self.messages, self.schema_name)).encode()).hexdigest()


class EndpointServer:
    """``with EndpointServer(latency_s=0.5) as server: server.base_url ...``.

    ``jitter``: a seed; for every call it is drawn how much longer it takes, up to thrice ``latency_s`` in all.
    ``faults``: one per chat call, None for a good answer; a list, or a callable of the call's number from 0.
    ``limits``: what it bears, see ``Limits``.
    ``rejects``: parameters answered with a 400, e.g. ``{"response_format.json_schema", "stream_options"}``.
    ``broken``: schemas for which there is no readable JSON, e.g. ``("DigestAnswer",)``.
    ``silly``: a seed; answers still fit their schema, and are silly.
    ``ties``: every scene makes two pairs of its people something else to one another.
    ``says``: what is answered to a schema of this name the first times it is asked for, before answers are made up.
    """

    def __init__(
        self,
        *,
        latency_s: float = 0.0,
        jitter: int | None = None,
        models: tuple[str, ...] = ("test-model",),
        faults: FaultScript = (),
        rejects: frozenset[str] | set[str] = frozenset(),
        says: Mapping[str, Sequence[str]] | None = None,
        broken: tuple[str, ...] = (),
        silly: int | None = None,
        ties: bool = False,
        streams: bool = True,
        api_key: str | None = None,
        limits: Limits | None = None,
        port: int = 0,
        log: Path | None = None,
        dimensions: int = _DIMENSIONS,
        most_embedded: int | None = None,
        indigestible: str | None = None,
    ) -> None:
        self.latency_s = latency_s
        self._jitter = None if jitter is None else Random(jitter)  # noqa: S311 - latencies, not secrets
        self.models = models
        self.faults = faults
        self.rejects = frozenset(rejects)
        self._unsaid = {name: list(texts) for name, texts in (says or {}).items()}
        self.broken = broken
        self.silly = silly
        self._ties = ties
        self.streams = streams
        self.limits = limits or Limits()
        self.calls: list[Call] = []
        self.embedded: list[list[str]] = []
        self.most_in_flight = 0
        self.connections = 0
        self._api_key = api_key
        self._port = port
        self._log = log
        self._dimensions = dimensions
        self._most_embedded = most_embedded
        self._indigestible = indigestible
        self._in_flight = 0
        self._served: set[int] = set()
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="test-endpoint", daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    def says_no_more(self) -> None:
        """From now on every answer is made up."""
        self._unsaid.clear()

    @property
    def port(self) -> int:
        return self._port

    def start(self) -> Self:
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the test endpoint did not start")
        return self

    def stop(self) -> None:
        if self._loop and self._stop and self._thread.is_alive():
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connection, "127.0.0.1", self._port, limit=2**20)
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while request := await read_request(reader):
                await self._answer(request, Responder(writer))
        except (Broken, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answer(self, request: Request, responder: Responder) -> None:
        if self._api_key and request.headers.get("authorization") != f"Bearer {self._api_key}":
            await chat.refuse(responder, Fault(Kind.UNAUTHORIZED), request)
        elif request.path.endswith("/models"):
            listed = [{"id": model, "object": "model", "owned_by": "tests"} for model in self.models]
            await responder.send_json(200, {"object": "list", "data": listed})
        elif request.path.endswith("/chat/completions"):
            await self._chat(request, responder)
        elif request.path.endswith("/embeddings"):
            await self._embed(request, responder)
        else:
            await responder.send_json(404, {"error": {"message": f"nothing at {request.path}"}})

    async def _chat(self, request: Request, responder: Responder) -> None:
        calm = self.silly is None
        answerer = Answerer(request.body, ties=self._ties) if calm else SillyAnswerer(request.body, self.silly or 0)
        call = Call(
            len(self.calls),
            time.time(),
            request.body["model"],
            request.body["messages"],
            answerer.schema_name,
            request.body,
        )
        self.calls.append(call)
        self._in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            await self._say(call, request, responder, answerer)
        except Broken:
            call.outcome = f"{call.outcome}: broken off"
            raise
        finally:
            call.ended_s = time.time()
            self._in_flight -= 1
            self._write(call)

    async def _say(self, call: Call, request: Request, responder: Responder, answerer: Answerer) -> None:
        if refusal := self.limits.refusal(len(self._served)):
            call.outcome = f"refused: {refusal.kind}"
            await chat.refuse(responder, refusal, request)
            return
        self._served.add(call.index)
        responder.before_the_end = lambda: self._served.discard(call.index)
        try:
            await self._serve_chat(call, request, responder, answerer)
        finally:
            self._served.discard(call.index)

    async def _serve_chat(self, call: Call, request: Request, responder: Responder, answerer: Answerer) -> None:
        fault = Fault(Kind.BROKEN_JSON) if call.schema_name in self.broken else fault_at(self.faults, call.index)
        call.outcome = fault.kind if fault else "ok"
        if unknown := chat.rejected(request.body, self.rejects):
            call.outcome = "rejected"
            error = {"message": f"Unsupported parameter: {unknown.replace('.', ' ')}", "type": "invalid_request_error"}
            await responder.send_json(400, {"error": error})
            return
        await asyncio.sleep(self.latency_s / 2 + self._delay_s())
        if fault and await self._trouble(fault, request, responder):
            return
        unsaid = self._unsaid.get(answerer.schema_name or "")
        made = unsaid.pop(0) if unsaid else answerer.answer()
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        if fault and fault.kind is Kind.ECHO_KEY_IN_PROSE and answerer.schema is None:
            made = f"{made[: len(made) // 2]} {key} {made[len(made) // 2 :]}"
        said = chat.plan(made, fault.kind if fault else None, is_json=answerer.schema is not None)
        call.answer = said.text
        if self.streams and request.body.get("stream"):
            await chat.send_stream(responder, request.body, said, self.latency_s / 2, fault, key)
        else:
            await asyncio.sleep(self.latency_s / 2)
            await chat.send_plain(responder, request.body, said)

    def _delay_s(self) -> float:
        return self._jitter.uniform(0, 2 * self.latency_s) if self._jitter else 0.0

    async def _trouble(self, fault: Fault, request: Request, responder: Responder) -> bool:
        """Whether the fault has already ended this call."""
        if fault.kind is Kind.RESET:
            responder.reset()
        if fault.kind is Kind.HANG:
            await asyncio.sleep(fault.pause_s)
            responder.reset()
        return await chat.refuse(responder, fault, request) is not None

    async def _embed(self, request: Request, responder: Responder) -> None:
        texts = request.body["input"]
        self.embedded.append(texts)
        if self._most_embedded is not None and sum(map(len, texts)) > self._most_embedded:
            told = {"error": {"message": "the input is longer than the context of this model", "code": 400}}
            await responder.send_json(400, told)
            return
        rows = [
            {"object": "embedding", "index": at, "embedding": vector(text, self._dimensions)}
            for at, text in enumerate(texts)
        ]
        for text, row in zip(texts, rows, strict=True):
            if self._indigestible and self._indigestible in text:
                row["embedding"] = [float("nan")] * self._dimensions
        usage = {"prompt_tokens": sum(len(text) // 4 + 1 for text in texts)}
        await responder.send_json(200, {"object": "list", "data": rows[::-1], "model": "test", "usage": usage})

    def _write(self, call: Call) -> None:
        if self._log:
            with self._log.open("a", encoding="utf-8") as file:
                file.write(chat.log_line({**asdict(call), "body": None, "prompt_hash": call.prompt_hash}) + "\n")


def vector(text: str, dimensions: int = _DIMENSIONS) -> list[float]:
    """Texts that share words are near each other. Not normalised."""
    numbers = [0.0] * dimensions
    for word in re.findall(r"\w+", text.lower()):
        digest = hashlib.sha256(word.encode()).digest()
        numbers[digest[0] % dimensions] += 1.0 if digest[1] % 2 else -1.0
    return numbers


def most_in_any(window_s: float, calls: list[Call]) -> int:
    """The most calls that began within any window of so many seconds."""
    began = sorted(call.began_s for call in calls)
    return max((sum(start <= each <= start + window_s for each in began) for start in began), default=0)


def idle_share(calls: list[Call]) -> float:
    """The share of the time between the first and the last moment of work in which the endpoint had nothing to do."""
    spans = sorted((call.began_s, call.ended_s or call.began_s) for call in calls)
    if not spans:
        return 0.0
    busy, reach = 0.0, spans[0][0]
    for began, ended in spans:
        busy += max(0.0, ended - max(began, reach))
        reach = max(reach, ended)
    return 1.0 - busy / (reach - spans[0][0]) if reach > spans[0][0] else 0.0
