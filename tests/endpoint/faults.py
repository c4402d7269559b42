"""The ways in which an endpoint can go wrong, to be scripted call by call."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Kind(StrEnum):
    HTTP_500 = "http_500"
    HTTP_503 = "http_503"
    RATE_LIMIT = "rate_limit"
    QUOTA = "quota"
    UNAUTHORIZED = "unauthorized"
    NO_SUCH_MODEL = "no_such_model"
    BAD_REQUEST = "bad_request"
    TOO_LONG = "too_long"
    FILTERED_400 = "filtered_400"
    RESET = "reset"
    HANG = "hang"
    DRIP = "drip"
    CUT_STREAM = "cut_stream"
    ERROR_IN_STREAM = "error_in_stream"
    TRUNCATED_JSON = "truncated_json"
    BROKEN_JSON = "broken_json"
    SLOPPY_JSON = "sloppy_json"
    WRONG_SHAPE = "wrong_shape"
    PROSE_AROUND = "prose_around"
    EMPTY = "empty"
    LENGTH = "length"
    NO_USAGE = "no_usage"
    REFUSAL = "refusal"
    CONTENT_FILTER = "content_filter"
    HTML = "html"
    JSON_LIST = "json_list"
    OTHER_TYPE = "other_type"
    HALF_CLOSED = "half_closed"
    OVERLOADED_529 = "overloaded_529"
    UNPROCESSABLE = "unprocessable"
    ECHO_KEY = "echo_key"
    ECHO_KEY_HTML = "echo_key_html"
    ECHO_KEY_IN_STREAM = "echo_key_in_stream"
    ECHO_KEY_IN_PROSE = "echo_key_in_prose"
    RAW_BODY = "raw_body"
    RAW_EVENTS = "raw_events"


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong; ``pause_s`` is a drip's beat or a hang's length.

    ``retry_after`` and ``headers`` are sent as they are, and so is ``raw``: a whole body, or the data of each event.
    """

    kind: Kind
    retry_after: str | None = None
    pause_s: float = 5.0
    headers: tuple[tuple[str, str], ...] = ()
    raw: tuple[str, ...] = ()


type FaultScript = Sequence[Fault | Kind | None] | Callable[[int], Fault | Kind | None]

STATUSES = {
    Kind.HTTP_500: (500, "internal error", None),
    Kind.HTTP_503: (503, "overloaded", None),
    Kind.RATE_LIMIT: (429, "Rate limit reached", "rate_limit_exceeded"),
    Kind.QUOTA: (429, "You exceeded your current quota", "insufficient_quota"),
    Kind.UNAUTHORIZED: (401, "Incorrect API key provided", "invalid_api_key"),
    Kind.NO_SUCH_MODEL: (404, "The model does not exist", "model_not_found"),
    Kind.BAD_REQUEST: (400, "messages: not acceptable", "invalid_request_error"),
    Kind.TOO_LONG: (400, "This model's maximum context length is 4096 tokens", "context_length_exceeded"),
    Kind.FILTERED_400: (400, "The response was filtered", "content_filter"),
    Kind.OVERLOADED_529: (529, "overloaded", "overloaded_error"),
    Kind.UNPROCESSABLE: (422, "messages: not acceptable", "invalid_request_error"),
    Kind.ECHO_KEY: (500, "cannot serve", None),
}

MIXED = (
    Kind.HTTP_500,
    Kind.HTTP_503,
    Kind.RATE_LIMIT,
    Kind.RESET,
    Kind.TRUNCATED_JSON,
    Kind.BROKEN_JSON,
    Kind.EMPTY,
    Kind.CUT_STREAM,
    Kind.PROSE_AROUND,
    Kind.NO_USAGE,
)


def mixed_faults(rate: float, seed: int = 0) -> Callable[[int], Fault | None]:
    """Give a call a fault with this probability, the same ones for the same seed."""

    def fault_of(index: int) -> Fault | None:
        dice = Random(f"{seed}/{index}")  # noqa: S311
        return Fault(dice.choice(MIXED), retry_after="0.2") if dice.random() < rate else None

    return fault_of


def fault_at(script: FaultScript, index: int) -> Fault | None:
    """Look up the fault of one call; a list that has ended means no more faults."""
    drawn = script(index) if callable(script) else (script[index] if index < len(script) else None)
    return Fault(drawn) if isinstance(drawn, Kind) else drawn
