"""Names the faults of an endpoint from what it said. Pure: nothing is sent here."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from chorus.domain.llm_call import Outcome

_ERROR_CHARS = 600
_BY_STATUS = {
    401: Outcome.AUTH_ERROR,
    402: Outcome.QUOTA_EXHAUSTED,
    403: Outcome.AUTH_ERROR,
    404: Outcome.NOT_FOUND,
    405: Outcome.NOT_FOUND,
    408: Outcome.TIMEOUT,
    409: Outcome.SERVER_ERROR,
    425: Outcome.SERVER_ERROR,
    429: Outcome.RATE_LIMITED,
}
_QUOTA = re.compile(r"insufficient_quota|exceeded your current quota|billing|credit balance", re.I)
_FILTER = re.compile(r"content[_ ]?(filter|policy|management)|ResponsibleAIPolicyViolation|safety system", re.I)
_OVERFLOW = re.compile(
    r"context[_ ]?(length|window|size)|maximum context|too many tokens|prompt is too long|exceed_context_size", re.I
)
_RESET = re.compile(r"(x-|anthropic-)?ratelimit-([a-z-]+-)?reset(-[a-z-]+)?", re.I)
_PIECE = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhd])")
_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_SURELY_A_DATE = 1_000_000_000
_SURELY_NO_WORD = 16


def outcome_of_status(status: int, text: str) -> Outcome:
    """Name a refused request by its status, and where that is not enough by its words."""
    if status in (429, 403, 400) and _QUOTA.search(text):
        return Outcome.QUOTA_EXHAUSTED
    if status in (400, 403, 422) and _FILTER.search(text):
        return Outcome.CONTENT_FILTER
    if status in (400, 413, 422, 500) and _OVERFLOW.search(text):
        return Outcome.CONTEXT_OVERFLOW
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return Outcome.SERVER_ERROR if status >= 500 else Outcome.BAD_REQUEST


def redact_known(text: str, secrets: Iterable[str]) -> str:
    """Take known keys out of a model's words; short ones (``none``, ``ollama``) may be words of the story and stay."""
    for secret in secrets:
        text = text.replace(secret, "***") if len(secret) >= _SURELY_NO_WORD else text
    return text


def shorten(text: str) -> str:
    """Keep the beginning of an error text, on one line."""
    flat = " ".join(text.split())
    return flat if len(flat) <= _ERROR_CHARS else flat[:_ERROR_CHARS] + "…"


def retry_after_s(headers: Mapping[str, str], now: datetime, *, is_limit: bool = False) -> float | None:
    """Read how long to wait, never negative; None if the endpoint does not say.

    ``retry-after-ms``; ``retry-after`` in seconds or as an HTTP date; and, where a limit was hit, ``ratelimit-reset``
    of the limits that are used up: endpoints send those headers with every answer.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    named = _moment(headers.get("retry-after"), now)
    return _until_reset(headers, now) if named is None and is_limit else named


def _until_reset(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read when the limits that are used up are fresh again; those with something left do not matter."""
    waits: list[float] = []
    for name, value in headers.items():
        reset = _RESET.fullmatch(name)
        if reset is None:
            continue
        left = _number(headers.get(name.lower().replace("reset", "remaining", 1)))
        wait_s = _moment(value, now)
        if wait_s is not None and not left:
            waits.append(wait_s)
    return max(waits, default=None)


def _moment(value: str | None, now: datetime) -> float | None:
    """Read a wait: in seconds, as a duration ("6m0s", "20ms"), as seconds since 1970, or as a date."""
    if value is None:
        return None
    seconds = _number(value)
    if seconds is not None:
        return max(0.0, seconds - now.timestamp()) if seconds > _SURELY_A_DATE else seconds
    pieces = _PIECE.findall(value)
    if pieces and _PIECE.sub("", value).strip() == "":
        return sum(float(number) * _UNITS_S[unit] for number, unit in pieces)
    return _until(value, now)


def _number(value: str | None) -> float | None:
    try:
        number = float(value) if value is not None else -1.0
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


def _until(date: str, now: datetime) -> float | None:
    try:
        then = parsedate_to_datetime(date)
    except ValueError:
        try:
            then = datetime.fromisoformat(date.strip())
        except ValueError:
            return None
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return max(0.0, (then - now).total_seconds())
