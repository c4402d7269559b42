"""Who may ask: anybody on this machine, and from elsewhere whoever brings a token; and under which name."""

import hmac
import ipaddress
from collections.abc import Mapping, Sequence

from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from chorus.api.errors import turned_away
from chorus.settings import Role

OPEN = frozenset({"/health"})
"""Asked by whoever looks after the server; it tells nothing of any story."""
_PASSED_ON = ("forwarded", "x-forwarded-for", "x-real-ip")
_NO_TOKEN = "Say who you are: Authorization: Bearer TOKEN."  # noqa: S105
_NO_TOKENS_SET = "From another machine the API is asked with a token, and none is set: set CHORUS_API_TOKENS."
_WRONG_HOST = "The API is not served under this name: add it to CHORUS_API_HOSTS."


class Doorkeeper:
    """Lets a request in, or says why not.

    Without tokens only this machine may ask. Where there are tokens, every request needs one: what comes from this
    machine may have been passed on by a proxy.
    """

    def __init__(self, app: ASGIApp, tokens: Mapping[Role, Sequence[SecretStr]], hosts: Sequence[str]) -> None:
        self._app = app
        self._tokens = [(role, token.get_secret_value().encode()) for role, each in tokens.items() for token in each]
        self._hosts = frozenset(host.casefold() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        answer = turned_away(*refusal) if refusal else self._app
        await answer(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        if self._hosts and _name_of(headers.get("host", "")) not in self._hosts:
            return 421, _WRONG_HOST
        if scope["path"] in OPEN:
            return None
        if not self._tokens:
            return None if is_near(scope, headers) else (403, _NO_TOKENS_SET)
        role = self._role_of(headers.get("authorization", ""))
        if role is None:
            return 401, _NO_TOKEN
        needed = needed_for(scope["method"])
        return (
            None
            if role.may(needed)
            else (403, f"This token is a {role.value}'s, and this needs the role {needed.value}.")
        )

    def _role_of(self, authorization: str) -> Role | None:
        """The role of the token that a request brings; every token is compared, in the same time."""
        scheme, _, given = authorization.partition(" ")
        if scheme.casefold() != "bearer":
            return None
        brought = given.strip().encode()
        found = [role for role, token in self._tokens if hmac.compare_digest(token, brought)]
        return max(found, key=list(Role).index, default=None)


def needed_for(method: str) -> Role:
    """The role that a request of this HTTP method needs."""
    if method in {"GET", "HEAD", "OPTIONS"}:
        return Role.VIEWER
    return Role.ADMIN if method == "DELETE" else Role.EDITOR


def is_near(scope: Scope, headers: Headers) -> bool:
    """Whether a request comes from this machine and was not passed on for somebody else."""
    client = scope.get("client")
    if any(name in headers for name in _PASSED_ON):
        return False
    if client is None:
        return True
    try:
        address = ipaddress.ip_address(client[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def _name_of(host: str) -> str:
    """The name in a Host header, without its port."""
    return (host.rsplit(":", 1)[0] if host.rpartition(":")[2].isdigit() else host).strip("[]").casefold()
