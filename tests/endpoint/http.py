"""As much HTTP/1.1 as the test endpoint needs: keep-alive, JSON bodies, chunked events, and connections that break."""

import asyncio
import json
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}


class Broken(Exception):
    """The connection was broken on purpose."""


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection, or None at its end."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    method, path, _ = head[0].split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    raw = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path.split("?")[0], headers, json.loads(raw) if raw else {})


class Responder:
    """Writes one response."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.before_the_end: Callable[[], None] = lambda: None
        """Called before the last bytes are written: what comes next may be counted on them."""

    async def send(self, status: int, body: bytes, content_type: str, headers: dict[str, str] | None = None) -> None:
        lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Trouble')}", f"content-type: {content_type}"]
        self.before_the_end()
        lines += [f"content-length: {len(body)}", *(f"{name}: {value}" for name, value in (headers or {}).items())]
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await self._writer.drain()

    async def send_json(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        await self.send(status, json.dumps(value).encode(), "application/json", headers)

    async def begin_events(self, content_type: str = "text/event-stream") -> None:
        head = f"HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ntransfer-encoding: chunked\r\n\r\n"
        self._writer.write(head.encode())
        await self._writer.drain()

    async def raw(self, data: bytes) -> None:
        self._writer.write(b"%x\r\n%s\r\n" % (len(data), data))
        await self._writer.drain()

    async def event(self, value: Any) -> None:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        await self.raw(f"data: {text}\n\n".encode())

    async def end_events(self) -> None:
        self.before_the_end()
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    def half_close(self) -> None:
        """Say no more, in good order for TCP and not for HTTP. Raises ``Broken``, so that nothing more is written."""
        self._writer.write_eof()
        raise Broken

    def reset(self) -> None:
        """Break the connection hard (RST). Raises ``Broken``, so that nothing more is written."""
        sock = self._writer.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()
        raise Broken
