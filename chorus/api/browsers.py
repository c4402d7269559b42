"""What browsers are told to keep to with everything that is served here, the API's answers and the dashboard's."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Scope, Send

DOCS = "/api/docs"
_A_YEAR = "max-age=31536000"
_OF_THE_API = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_OF_THE_DASHBOARD = {
    "Content-Security-Policy": "frame-ancestors 'self'; base-uri 'self'; object-src 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}


def of_the_api(scope: Scope, send: Send) -> Send:
    """Say with every answer of the API that nothing but reading it is meant; only the documentation has a style."""
    styled = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}
    return _with(scope, send, {**_OF_THE_API, **(styled if scope["path"] == DOCS else {})})


def of_the_dashboard(scope: Scope, send: Send) -> Send:
    """Say with every answer of the dashboard that no other site may frame it; a page that says more is left alone."""
    return _with(scope, send, _OF_THE_DASHBOARD)


def _with(scope: Scope, send: Send, told: Mapping[str, str]) -> Send:
    """Add headers to an answer where it has none of that name; over TLS also that it is to stay so."""
    if scope.get("scheme") == "https":
        told = {**told, "Strict-Transport-Security": _A_YEAR}

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in told.items():
                headers.setdefault(name, value)
        await send(message)

    return send_with_headers
