"""The dashboard's door: who comes from elsewhere signs in with a token before any page, script or socket is served."""

from html import escape
from math import ceil
from urllib.parse import parse_qs, quote

from starlette.datastructures import URL, Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from chorus.access import (
    COOKIE,
    SESSION_S,
    Pace,
    is_from_another_site,
    is_known_host,
    is_near,
    role_of_session,
    role_of_token,
    session_of,
)
from chorus.api.browsers import DOCS, of_the_dashboard
from chorus.settings import AccessConfig

SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"
ALIVE = "/_stcore/health"
"""Asked by whoever looks after the server, under any name."""
TRIES_PER_MINUTE = 10
_LARGEST_FORM = 4_096
_NO_TOKENS_SET = (
    "From another machine (and from outside of a container) Chorus is used with a token, and none is set. "
    "Set CHORUS_API_TOKENS in .env, such as CHORUS_API_TOKENS=editor=SOMETHING-LONG-AND-SECRET, and start Chorus again."
)
_ANOTHER_SITE = "A page of another site sent this; behind a proxy: it must pass on Host as it was asked, port and all."
_STYLE = """
:root { color-scheme: light dark }
body { font: 17px/1.5 Georgia, serif; max-width: 26rem; margin: 16vh auto; padding: 0 1rem }
input, button { font: inherit; padding: .5rem .7rem; border-radius: 4px; border: 1px solid #8888; width: 100%;
  box-sizing: border-box; margin-top: .5rem }
button { background: #9a3324; color: #fff; border: 0; cursor: pointer }
[role=alert] { border-left: 3px solid #b3402e; padding-left: .8rem }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"


class FrontDoor:
    """Lets in who is on this machine, or has signed in; the API under ``/api`` has a doorkeeper of its own.

    What is signed stands in a cookie and needs no memory here: it outlives a restart, and ends with its token.
    """

    def __init__(self, app: ASGIApp, access: AccessConfig) -> None:
        self._app = app
        self._access = access
        self._tries = Pace(TRIES_PER_MINUTE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may pass, and answer the rest."""
        if scope["type"] not in {"http", "websocket"} or (_is_the_apis(scope["path"]) and not self._leads_in(scope)):
            await self._app(scope, receive, send)
            return
        answer = await self._answer(scope, receive) or self._app
        await answer(scope, receive, of_the_dashboard(scope, send) if scope["type"] == "http" else send)

    async def _answer(self, scope: Scope, receive: Receive) -> ASGIApp | None:
        """What is answered here; None: the request may pass."""
        if scope["path"] == ALIVE:
            return None
        headers = Headers(scope=scope)
        near = is_near(_address(scope), headers)
        if not is_known_host(self._access, headers.get("host", ""), near=near):
            return _turned_away(scope, PlainTextResponse("Add this name to CHORUS_API_HOSTS.", 421))
        if _may_change_something(scope) and is_from_another_site(headers):
            return _turned_away(scope, PlainTextResponse(_ANOTHER_SITE, 403))
        if scope["type"] == "http" and scope["path"] in {SIGN_IN, SIGN_OUT}:
            return await self._at_the_door(Request(scope, receive))
        return None if self._may_enter(scope, near=near) else _turned_away(scope, self._shown_the_door(scope))

    def _leads_in(self, scope: Scope) -> bool:
        """Whether a browser that has not signed in wants to read the API's documentation."""
        headers = Headers(scope=scope)
        is_page = scope["path"] == DOCS and "text/html" in headers.get("accept", "") and "authorization" not in headers
        return is_page and bool(self._access.tokens) and not self._may_enter(scope, near=False)

    def _may_enter(self, scope: Scope, *, near: bool) -> bool:
        if not self._access.tokens:
            return near
        cookies = Request({**scope, "type": "http"}).cookies
        return role_of_session(self._access, cookies.get(COOKIE, "")) is not None

    def _shown_the_door(self, scope: Scope) -> Response:
        if not self._access.tokens:
            return _page(f'<p role="alert">{escape(_NO_TOKENS_SET)}</p>', 403)
        wanted = scope["path"] + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
        return RedirectResponse(f"{SIGN_IN}?next={quote(wanted, safe='')}", 303)

    async def _at_the_door(self, request: Request) -> Response:
        if request.url.path == SIGN_OUT:
            answer = RedirectResponse(SIGN_IN, 303)
            answer.delete_cookie(COOKIE)
            return answer
        wanted = _own_path(request.query_params.get("next", "/"))
        if not self._access.tokens:
            near = is_near(_address(request.scope), request.headers)
            return RedirectResponse(wanted, 303) if near else self._shown_the_door(request.scope)
        return await self._try(request, wanted) if request.method == "POST" else _form(wanted)

    async def _try(self, request: Request, wanted: str) -> Response:
        """Let somebody in who knows a token; as often as ten times a minute from one address."""
        wait_s = self._tries.wait_s(str(_address(request.scope)))
        if wait_s:
            refused = _form(wanted, "Too many tries: wait a minute.", 429)
            refused.headers["Retry-After"] = str(ceil(wait_s))
            return refused
        token = await _token_of(request)
        if role_of_token(self._access, token) is None:
            return _form(wanted, "This token is not known here.", 401)
        answer = RedirectResponse(wanted, 303)
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, session_of(token), SESSION_S, secure=secure, httponly=True, samesite="lax")
        return answer


def _is_the_apis(path: str) -> bool:
    return path in {"/health", "/api"} or path.startswith("/api/")


def _may_change_something(scope: Scope) -> bool:
    """Whatever is done in the dashboard comes over its socket; what is uploaded, and a sign-in, by a request."""
    return scope["type"] == "websocket" or scope["method"] not in {"GET", "HEAD", "OPTIONS"}


def _address(scope: Scope) -> str | None:
    return scope["client"][0] if scope.get("client") else None


def _turned_away(scope: Scope, answer: Response) -> ASGIApp:
    """An answer to a page; a socket is closed, which a browser hears as a 403."""
    return WebSocketClose(1008) if scope["type"] == "websocket" else answer


async def _token_of(request: Request) -> str:
    sent = b""
    async for chunk in request.stream():
        sent += chunk
        if len(sent) > _LARGEST_FORM:
            return ""
    return parse_qs(sent.decode(errors="replace")).get("token", [""])[0].strip()


def _own_path(wanted: str) -> str:
    """A path of this server, so that nobody is sent elsewhere by a link to the door."""
    url = URL(wanted)
    own = wanted.startswith("/") and not url.netloc and "\\" not in wanted and not wanted.startswith("//")
    return wanted if own and wanted.isprintable() else "/"


def _form(wanted: str, trouble: str = "", status: int = 200) -> HTMLResponse:
    told = f'<p role="alert">{escape(trouble)}</p>' if trouble else ""
    action = f"{SIGN_IN}?next={quote(wanted, safe='')}"
    return _page(
        f'{told}<form method="post" action="{escape(action)}"><label for="token">Your token</label>'
        '<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>'
        "<button>Sign in</button></form>",
        status,
    )


def _page(inside: str, status: int) -> HTMLResponse:
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sign in · Chorus</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><main><h1>Chorus</h1>{inside}</main></body></html>"
    )
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": _POLICY,
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    return HTMLResponse(page, status, headers)
