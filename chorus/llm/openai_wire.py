"""The real wire: the only module that knows the OpenAI SDK. Every ending becomes a value; nothing is retried here.

Answers are always streamed and read from the raw bytes: that keeps a partial answer when the stream is cut, tolerates
servers that send plain JSON all the same, and costs far less per token than the SDK's own event objects. Questions are
posted over the SDK's client without its walk through each request, which took as long as sending it (decision 0029).
"""

import asyncio
import json
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import httpx2
from openai import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AsyncOpenAI,
    DefaultAsyncHttpxClient,
    OpenAIError,
)

from chorus.domain.llm_call import Outcome
from chorus.domain.value import storable
from chorus.failpoints import Failpoint, reach
from chorus.llm.discreet import DiscreetEar
from chorus.llm.endpoint import Endpoint
from chorus.llm.faults import outcome_of_status, redact_known, retry_after_s, shorten
from chorus.llm.stream import ChatStream
from chorus.llm.wire import ChatReply, ChatRequest, ModelsReply, VectorsReply
from chorus.redaction import redact

_NO_KEY = "none"  # the SDK insists on one; servers that want none ignore it
_CONNECT_S = 10.0
_DRAIN_S = 0.1
_TIMEOUTS = (TimeoutError, APITimeoutError, httpx2.TimeoutException)
_BREAKS = (APIConnectionError, httpx2.TransportError, httpx2.StreamError, OSError)
_OTHERS = (OpenAIError, httpx2.HTTPError, httpx2.InvalidURL, UnicodeError)
_MALFORMED = (AttributeError, TypeError, ValueError, ArithmeticError, RecursionError)
"""What reading raises if an endpoint says something that nobody has thought of."""
_BEFORE_SENDING = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Fault:
    """An exception, named."""

    outcome: Outcome
    error: str
    retry_after_s: float | None = None
    status: int | None = None
    was_sent: bool = True


@dataclass(frozen=True, slots=True)
class _Client:
    """The SDK's client of one address and key, and what all requests over it have in common."""

    sdk: AsyncOpenAI
    http: httpx2.AsyncClient
    headers: httpx2.Headers
    timeouts: dict[str, float | None]
    addresses: dict[str, httpx2.URL] = field(default_factory=dict)

    def request(self, path: str, body: dict[str, Any]) -> httpx2.Request:
        """A question as it is posted."""
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        address = self.addresses.get(path) or self.addresses.setdefault(path, self.sdk.base_url.join(path))
        return httpx2.Request(
            "POST", address, headers=self.headers, content=content, extensions={"timeout": self.timeouts}
        )


class OpenAIWire:
    """Talks to any OpenAI-compatible endpoint over one pooled client per address and key."""

    def __init__(self, *, silence_s: float = 300.0) -> None:
        """Wait at most ``silence_s`` for each next byte."""
        self._silence_s = silence_s
        self._clients: dict[tuple[str, str | None], _Client] = {}

    async def chat(self, request: ChatRequest, on_text: Callable[[str], None] | None = None) -> ChatReply:
        """Ask for a chat completion and read it to its end, or to the end of the time it has."""
        secrets = [*self._secrets(), *([request.endpoint.secret] if request.endpoint.secret else [])]
        discreet = DiscreetEar(on_text, secrets) if on_text else None
        stream = ChatStream(discreet.hear if discreet else None)
        fault = await self._guarded(self._read(request, stream), request.timeout_s, lambda: stream.has_begun)
        reply = _ended(stream, fault)
        if discreet:
            discreet.hear_out()
        error = self._clean(reply.error) if reply.error else None
        heard = replace(reply, text=redact_known(reply.text, secrets), error=error)
        return replace(heard, status=fault.status, was_sent=fault.was_sent) if fault else heard

    async def embed(self, endpoint: Endpoint, texts: list[str], *, timeout_s: float) -> VectorsReply:
        """Ask for the vectors of some texts."""
        body = {"model": endpoint.model, "input": texts, "encoding_format": "float"}
        rows, fault = await self._rows(self._embed(endpoint, body), timeout_s)
        try:
            ordered = sorted(rows, key=lambda row: int(row.get("index", 0)))
            vectors = tuple([float(number) for number in row["embedding"]] for row in ordered)
        except (LookupError, TypeError, ValueError):
            vectors = ()
        if fault is None and len(vectors) != len(texts):
            fault = _Fault(Outcome.NOT_AN_LLM, f"{len(vectors)} vectors came for {len(texts)} texts")
        if fault:
            return VectorsReply(outcome=fault.outcome, error=fault.error, retry_after_s=fault.retry_after_s)
        return VectorsReply(vectors=vectors)

    async def list_models(self, endpoint: Endpoint, *, timeout_s: float) -> ModelsReply:
        """Ask which models there are."""
        rows, fault = await self._rows(self._list(endpoint), timeout_s)
        if fault:
            return ModelsReply(outcome=fault.outcome, error=fault.error, retry_after_s=fault.retry_after_s)
        return ModelsReply(models=tuple(str(row["id"]) for row in rows if row.get("id")))

    async def aclose(self) -> None:
        """Close every connection."""
        clients, self._clients = self._clients, {}
        await asyncio.gather(*(client.sdk.close() for client in clients.values()))

    async def _read(self, request: ChatRequest, stream: ChatStream) -> None:
        async with self._posted(request.endpoint, "chat/completions", {**request.body, "stream": True}) as response:
            reach(Failpoint.IN_FLIGHT)
            chunks = response.aiter_bytes()
            async for chunk in chunks:
                if stream.feed(chunk):
                    break
            with suppress(TimeoutError, httpx2.HTTPError):  # a body read to its end leaves the connection reusable
                async with asyncio.timeout(_DRAIN_S):
                    async for _ in chunks:
                        pass

    async def _embed(self, endpoint: Endpoint, body: dict[str, Any]) -> bytes:
        async with self._posted(endpoint, "embeddings", body) as response:
            return await response.aread()

    async def _list(self, endpoint: Endpoint) -> bytes:
        return (await self._client(endpoint).sdk.models.with_raw_response.list()).content

    @asynccontextmanager
    async def _posted(self, endpoint: Endpoint, path: str, body: dict[str, Any]) -> AsyncIterator[httpx2.Response]:
        client = self._client(endpoint)
        response = await client.http.send(client.request(path, body), stream=True)
        try:
            if not response.is_success:
                await response.aread()
                response.raise_for_status()
            yield response
        finally:
            await response.aclose()

    async def _rows(self, wish: Awaitable[bytes], timeout_s: float) -> tuple[list[dict[str, Any]], _Fault | None]:
        """Read the ``data`` of a plain JSON answer."""
        bodies: list[bytes] = []

        async def ask() -> None:
            bodies.append(await wish)

        fault = await self._guarded(ask(), timeout_s)
        if fault:
            return [], replace(fault, error=self._clean(fault.error))
        try:
            return [dict(row) for row in json.loads(bodies[0])["data"]], None
        except (LookupError, TypeError, ValueError):
            start = self._clean(bodies[0][:300].decode("utf-8", "replace"))
            return [], _Fault(Outcome.NOT_AN_LLM, f"no list came but: {start}")

    async def _guarded(
        self, work: Awaitable[None], timeout_s: float, has_begun: Callable[[], bool] = lambda: False
    ) -> _Fault | None:
        """Do some work within its time; whatever goes wrong with the endpoint comes back named."""
        try:
            async with asyncio.timeout(timeout_s):
                await work
        except (APIStatusError, httpx2.HTTPStatusError) as error:
            return _refused(error.response)
        except _TIMEOUTS as error:
            late = f"no complete answer within {timeout_s:.0f} s"
            return _Fault(Outcome.TIMEOUT, late, was_sent=not _before_sending(error))
        except _BREAKS as error:
            broken = Outcome.STREAM_CUT if has_begun() else Outcome.CONNECTION_ERROR
            return _Fault(broken, _reason(error), was_sent=not _before_sending(error))
        except _OTHERS as error:
            return _Fault(Outcome.NOT_AN_LLM, _reason(error), was_sent=False)
        except _MALFORMED as error:
            _log.exception("an answer could not be read")
            return _Fault(Outcome.NOT_AN_LLM, f"the answer could not be read: {_reason(error)}")
        return None

    def _client(self, endpoint: Endpoint) -> _Client:
        key = (endpoint.base_url, endpoint.secret)
        if key not in self._clients:
            timeout = httpx2.Timeout(self._silence_s, connect=_CONNECT_S)
            # a proxy in the environment is for the world outside, not for a server on this machine
            http = DefaultAsyncHttpxClient(trust_env=not endpoint.is_local, verify=_authorities())
            sdk = AsyncOpenAI(
                base_url=endpoint.base_url,
                api_key=endpoint.secret or _NO_KEY,
                max_retries=0,
                timeout=timeout,
                http_client=http,
            )
            headers = httpx2.Headers(http.headers)
            headers.update({name: value for name, value in sdk.default_headers.items() if isinstance(value, str)})
            headers["Authorization"] = f"Bearer {sdk.api_key}"  # which the SDK adds to each request
            self._clients[key] = _Client(sdk, http, headers, timeout.as_dict())
        return self._clients[key]

    def _secrets(self) -> list[str]:
        return [secret for _, secret in self._clients if secret]

    def _clean(self, error: str) -> str:
        return storable(shorten(redact(error, self._secrets())))


@cache
def _authorities() -> ssl.SSLContext:
    """Who is trusted; read once for a process, since reading the list takes longer than most requests."""
    return httpx2.create_ssl_context()


def _refused(response: httpx2.Response) -> _Fault:
    text = response.text
    outcome = outcome_of_status(response.status_code, text)
    wait_s = retry_after_s(response.headers, datetime.now(UTC), is_limit=outcome is Outcome.RATE_LIMITED)
    return _Fault(outcome, f"HTTP {response.status_code}: {text}", wait_s, response.status_code)


def _ended(stream: ChatStream, fault: _Fault | None) -> ChatReply:
    """How an answer ended, whatever it is made of."""
    try:
        return stream.broken_off(fault.outcome, fault.error, fault.retry_after_s) if fault else stream.reply()
    except _MALFORMED as error:
        _log.exception("an answer could not be read")
        return ChatReply(outcome=Outcome.NOT_AN_LLM, error=f"the answer could not be read: {_reason(error)}")


def _before_sending(error: BaseException) -> bool:
    """Whether nothing has left this machine yet: whatever came later may have been paid for."""
    while not isinstance(error, _BEFORE_SENDING):
        if error.__cause__ is None:
            return False
        error = error.__cause__
    return True


def _reason(error: BaseException) -> str:
    """Say what happened in the words of the innermost cause: the SDK itself only says "Connection error."."""
    while error.__cause__ is not None:
        error = error.__cause__
    return f"{type(error).__name__}: {error}".rstrip(": ")
