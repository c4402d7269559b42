"""What stands before every route; who may ask is the doorkeeper's to say."""

from collections.abc import Sequence

from fastapi.middleware import Middleware
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chorus.api.browsers import of_the_api
from chorus.api.door import Doorkeeper
from chorus.api.errors import too_large
from chorus.settings import AccessConfig

LARGEST_BODY = 1_000_000
LARGEST_BODIES = {"/api/stories/import": 32_000_000, "/api/stories/import/file": 50_000_000}


class SecurityHeaders:
    """Say what a browser may do with an answer: nothing but read it. There is no CORS: other sites may not ask."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and add to its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, of_the_api(scope, send))


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
