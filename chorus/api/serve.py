"""The API as a server of its own, and as a part of the dashboard's."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from chorus.access import configured_access
from chorus.api.sign_in import FrontDoor

if TYPE_CHECKING:
    from fastapi import FastAPI

SERVED = ("/health", "/api/{path:path}")
GRACE_S = 5


def serve(host: str, port: int, *, tls_cert: Path | None = None, tls_key: Path | None = None) -> None:
    """Serve until SIGINT or SIGTERM, over TLS if there is a certificate; uvicorn raises again what it was ended by.

    What a proxy says of whom it asks for is believed only of those that are trusted.
    """
    config = uvicorn.Config(
        _create(),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=list(configured_access().proxies),
        ssl_certfile=tls_cert,
        ssl_keyfile=tls_key,
        timeout_graceful_shutdown=GRACE_S,
    )
    uvicorn.Server(config).run()


class Beside:
    """The API inside another ASGI application: its routes, and the lifespan in which they work.

    It comes to life with the first request, so that who only looks at the other application pays nothing for it.
    """

    def __init__(self) -> None:
        self._app: ASGIApp | None = None
        self._wanted = asyncio.Event()
        self._made = asyncio.Event()

    def guards(self) -> Sequence[Middleware]:
        """What stands before the other application: who it is that asks, and its door."""
        access = configured_access()
        passed_on = Middleware(ProxyHeadersMiddleware, trusted_hosts=list(access.proxies))
        return [passed_on, Middleware(FrontDoor, access=access)]

    def routes(self) -> Sequence[BaseRoute]:
        """Everything that belongs to the API, under its own paths."""
        return [Route(path, self) for path in SERVED]

    @asynccontextmanager
    async def lifespan(self, _app: object) -> AsyncIterator[None]:
        """Be there while the other application runs."""
        task = asyncio.create_task(self._live())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, as soon as there is something to answer it."""
        self._wanted.set()
        await self._made.wait()
        if self._app is None:
            raise RuntimeError("the API has gone")
        await self._app(scope, receive, send)

    async def _live(self) -> None:
        await self._wanted.wait()
        try:
            app = await asyncio.to_thread(_create)
            async with app.router.lifespan_context(app):
                self._app = app
                self._made.set()
                await asyncio.Event().wait()
        finally:
            self._app = None
            self._made.set()


def _create() -> "FastAPI":
    from chorus.api.app import create_app
    from chorus.errors import ConfigError
    from chorus.settings import load_config

    try:
        return create_app(load_config())
    except ConfigError:  # the studio says what is wrong, to whoever asks
        return create_app()
