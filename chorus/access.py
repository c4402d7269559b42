"""Who is let in, for the API and the app alike: tokens and what is signed with them, near or far, and at what pace."""

import hashlib
import hmac
import ipaddress
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

from pydantic import SecretStr, ValidationError

from chorus.settings import AccessConfig, Role

COOKIE = "chorus_session"
SESSION_S = 12 * 3600
MOST_REMEMBERED = 10_000

_log = logging.getLogger(__name__)
_PASSED_ON = ("forwarded", "x-forwarded-for", "x-real-ip")


def configured_access() -> AccessConfig:
    """Who may use this server; where that is set wrong, nobody. What else is set wrong is no matter."""
    try:
        return AccessConfig()
    except ValidationError as error:
        wrong = ", ".join(sorted({str(problem["loc"][0]) for problem in error.errors() if problem["loc"]}))
        _log.error("nobody is let in, since %s cannot be read: .env.example says how it is set", wrong)
        return AccessConfig.model_construct(tokens=((Role.VIEWER, SecretStr(secrets.token_urlsafe(32))),))


def role_of_token(access: AccessConfig, brought: str) -> Role | None:
    """The role of a token; every token is compared, in the same time."""
    given = brought.encode(errors="surrogatepass")
    found = [role for role, token in access.tokens if hmac.compare_digest(token.get_secret_value().encode(), given)]
    return max(found, key=list(Role).index, default=None)


def session_of(token: str, now_s: float | None = None) -> str:
    """Sign a session of a token's bearer: it needs no memory here, and ends with the token or with its time."""
    until = int((time.time() if now_s is None else now_s) + SESSION_S)
    return f"{until}.{_signature(token, until)}"


def role_of_session(access: AccessConfig, session: str, now_s: float | None = None) -> Role | None:
    """The role that a session was signed for; None: it is none, is over, or its token was taken away."""
    told, _, signature = session.partition(".")
    until = int(told) if told.isascii() and told.isdecimal() and len(told) < 16 else 0
    given = signature.encode(errors="surrogatepass")
    found = [
        role
        for role, token in access.tokens
        if hmac.compare_digest(_signature(token.get_secret_value(), until).encode(), given)
    ]
    if until < (time.time() if now_s is None else now_s):
        return None
    return max(found, key=list(Role).index, default=None)


def _signature(token: str, until: int) -> str:
    return hmac.new(token.encode(), f"chorus session until {until}".encode(), hashlib.sha256).hexdigest()


def is_near(address: str | None, headers: Mapping[str, str]) -> bool:
    """Whether somebody asks from this machine, and was not passed on for somebody else."""
    if any(name in headers for name in _PASSED_ON):
        return False
    return address is None or _is_loopback(address)


def is_known_host(access: AccessConfig, host: str, *, near: bool) -> bool:
    """Whether a Host header names this server.

    Without a list every name does, but not where this machine asks without a token: any page could have a name of its
    own lead here (DNS rebinding), and read and write as who sits before the browser.
    """
    name = (host.rsplit(":", 1)[0] if host.rpartition(":")[2].isdigit() else host).strip("[]").casefold()
    if access.hosts:
        return name in {known.casefold() for known in access.hosts}
    is_own = not name or name == "localhost" or name.endswith(".localhost") or _is_loopback(name)
    return is_own or not near or bool(access.tokens)


def is_from_another_site(headers: Mapping[str, str]) -> bool:
    """Whether a browser sends this for a page that is not ours, whoever sits before it."""
    if site := headers.get("sec-fetch-site"):
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is not None and origin.partition("://")[2] != headers.get("host")


def _is_loopback(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_loopback)


class Pace:
    """So many requests a minute for each who asks, a minute's worth of them at once (GCRA)."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._apart_s = 60 / per_minute
        self._clock = clock
        self._due_s: OrderedDict[str, float] = OrderedDict()

    def wait_s(self, who: str) -> float:
        """How long somebody has to wait; 0: the request is counted, and may pass."""
        now = self._clock()
        due = max(now, self._due_s.pop(who, now))
        over = due + self._apart_s - now - 60
        self._due_s[who] = due if over > 0 else due + self._apart_s
        if len(self._due_s) > MOST_REMEMBERED:
            self._due_s.popitem(last=False)
        return max(0.0, over)
