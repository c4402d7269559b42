"""Who may ask: anybody on this machine, and from elsewhere whoever brings a token; under which name, and how often."""

import re
from math import ceil

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from chorus.access import (
    COOKIE,
    Pace,
    is_from_another_site,
    is_known_host,
    is_near,
    role_of_session,
    role_of_token,
)
from chorus.api.errors import turned_away
from chorus.settings import AccessConfig, Role

OPEN = frozenset({"/health"})
"""Asked by whoever looks after the server, under any name; it tells nothing of any story."""
READING = frozenset({"GET", "HEAD", "OPTIONS"})
FOR_READERS = frozenset({"/api/docs", "/api/openapi.json"})
"""What a browser may open that has signed in to the app: it has no other way to bring a token."""
ROLE = "chorus.role"
"""Where a request's scope says what its bearer may do."""
_ONLY_FORESEES = re.compile(r"/(?:preview|estimate)$")
_CAN_BE_MADE_UP_FOR = re.compile(r"/facts/[^/]+$|^/api/saved-views$")
"""What is deleted without being lost: a fact stays as a retracted one, a view is a link."""
_NO_TOKEN = "Say who you are: Authorization: Bearer TOKEN."  # noqa: S105
_NO_TOKENS_SET = (
    "From another machine (and from outside of a container) the API is asked with a token, and none is set: set "
    "CHORUS_API_TOKENS, such as CHORUS_API_TOKENS=editor=SOMETHING-LONG-AND-SECRET, in .env, and start Chorus again."
)
_WRONG_HOST = "Nothing is served under this name: add it to CHORUS_API_HOSTS."
_ANOTHER_SITE = "A page of another site sent this: without a token, only what is on this machine may change anything."
_TOO_MANY = "Too many requests within a minute: wait as long as Retry-After says."


class Doorkeeper:
    """Lets a request in, or says why not.

    Without tokens only this machine may ask. Where there are tokens, every request needs one: what comes from this
    machine may have been passed on by a proxy. Only this machine may ask as often as it likes. A browser on it may be
    showing anybody's page, so such a page is told nothing and changes nothing.
    """

    def __init__(self, app: ASGIApp, access: AccessConfig) -> None:
        self._app = app
        self._access = access
        self._pace = Pace(access.requests_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = self._answer(scope, Headers(scope=scope)) or self._app
        await answer(scope, receive, send)

    def _answer(self, scope: Scope, headers: Headers) -> ASGIApp | None:
        """What is answered here; None: the request may pass."""
        address = scope["client"][0] if scope.get("client") else None
        near = is_near(address, headers)
        method, path = scope["method"], scope["path"]
        token = bearer_of(headers.get("authorization", ""))
        known = role_of_token(self._access, token) if token else None
        role = known or self._role_of_reader(scope) if self._access.tokens else Role.ADMIN if near else None
        scope[ROLE] = role
        if path in OPEN:
            return None
        if not is_known_host(self._access, headers.get("host", ""), near=near):
            return turned_away(421, _WRONG_HOST)
        wait_s = 0.0 if near else self._pace.wait_s(token if known else str(address))
        if wait_s:
            return turned_away(429, _TOO_MANY, {"Retry-After": str(ceil(wait_s))})
        if not self._access.tokens and method not in READING and is_from_another_site(headers):
            return turned_away(403, _ANOTHER_SITE)
        return self._refusal(role, needed_for(method, path))

    def _role_of_reader(self, scope: Scope) -> Role | None:
        """The role of who has signed in to the app and only looks something up about the API."""
        if scope["path"] not in FOR_READERS or scope["method"] not in READING:
            return None
        return role_of_session(self._access, HTTPConnection(scope).cookies.get(COOKIE, ""))

    def _refusal(self, role: Role | None, needed: Role) -> ASGIApp | None:
        if role is None:
            known = bool(self._access.tokens)
            return turned_away(401, _NO_TOKEN) if known else turned_away(403, _NO_TOKENS_SET)
        if role.may(needed):
            return None
        return turned_away(403, f"This token is a {role.value}'s, and this needs the role {needed.value}.")


def bearer_of(authorization: str) -> str:
    """The token in an Authorization header; empty: there is none."""
    scheme, _, given = authorization.partition(" ")
    return given.strip() if scheme.casefold() == "bearer" else ""


def needed_for(method: str, path: str) -> Role:
    """The role that a request needs, by what it does (decision 0049)."""
    if method in READING or (method == "POST" and _ONLY_FORESEES.search(path)):
        return Role.VIEWER
    return Role.ADMIN if method == "DELETE" and not _CAN_BE_MADE_UP_FOR.search(path) else Role.EDITOR
