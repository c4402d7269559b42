"""What stands before every route; who may ask is the doorkeeper's to say."""

from collections.abc import Sequence

from fastapi.middleware import Middleware
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chorus.api.door import Doorkeeper
from chorus.api.errors import too_large
from chorus.settings import AccessConfig

LARGEST_BODY = 1_000_000
LARGEST_BODIES = {"/api/stories/import": 32_000_000, "/api/stories/import/file": 50_000_000}
DOCS = "/api/docs"
_STRICT = "default-src 'none'; frame-ancestors 'none'"
_DOCS = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


class SecurityHeaders:
    """Say what a browser may do with an answer: nothing but read it. There is no CORS: other sites may not ask."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and add to its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Cache-Control", "no-store")
                headers["Content-Security-Policy"] = _DOCS if scope["path"] == DOCS else _STRICT
                headers["Referrer-Policy"] = "no-referrer"
                headers["X-Content-Type-Options"] = "nosniff"
                headers["X-Frame-Options"] = "DENY"
            await send(message)

        await self._app(scope, receive, send_with_headers)


class BodyLimit:
    """Refuse a body that is too large: at once if its length is told, else as soon as it has grown so far."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and count what comes with it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = LARGEST_BODIES.get(scope["path"], LARGEST_BODY)
        told = Headers(scope=scope).get("content-length", "0")
        if told.isdecimal() and int(told[:20]) > most:
            await too_large()(scope, receive, send)
            return
        seen = 0

        async def receive_within_limit() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise HTTPException(413)
            return message

        await self._app(scope, receive_within_limit, send)


def guards(access: AccessConfig) -> Sequence[Middleware]:
    """Everything that a request passes, the outermost first."""
    door = Middleware(Doorkeeper, access=access)
    return [Middleware(SecurityHeaders), door, Middleware(BodyLimit)]
