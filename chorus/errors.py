"""Every error a user can meet, in one tree.

ChorusError
├── ConfigError              a setting is missing or wrong
├── InvalidInput             what was asked for cannot be done as asked
├── NotFound                 no such story, run or scene
├── NotAllowed               who asks has no role, or too small a one
├── Conflict                 somebody else is doing it
│   └── LeaseLost            another process took this run over
├── StoreError               the database
│   ├── DatabaseUnavailable  nobody answers there, or it has no room just now
│   └── SchemaMismatch       the schema is older or newer than the code
├── EndpointError            the LLM endpoint
│   ├── EndpointUnavailable  no answer within the deadline
│   ├── EndpointRefused      it answered, and the answer is no (401, 404, 400)
│   │   ├── QuotaExhausted   the account there has no credit left
│   │   └── PromptTooLong    the prompt is longer than the model can read
│   └── AnswerUnusable       it answered, and the answer cannot be used
│       └── AnswerDeclined   the model or a filter would not answer
├── BudgetExceeded           the next call might cost more than is left
└── EmbeddedError            a part that Chorus runs itself
    ├── WeightsUnavailable   no source has the model file
    └── NotEnoughDisk        no room for it

Each carries a message that says what to do, an exit code for the command line, a status for HTTP, and its kind: what
can be done about it without reading the message.
"""

from decimal import Decimal
from enum import StrEnum


class ErrorKind(StrEnum):
    """What to do about an error."""

    TRANSIENT = "transient"
    """It passes: wait and try again."""
    PERMANENT = "permanent"
    """It stays as it is until somebody changes a setting or the world outside."""
    VALIDATION = "validation"
    """What was said cannot be used: say it in another way, or ask a person."""
    RESOURCE = "resource"
    """Something has run out: money, credit, room. A person decides whether there is more."""
    BUSINESS = "business"
    """It does not fit with how things stand: another one writes, a model declines, nothing has this id."""


class ChorusError(Exception):
    """Something went wrong that a user can understand and act on."""

    kind = ErrorKind.PERMANENT
    exit_code = 1
    status_code = 500


class ConfigError(ChorusError):
    """A setting is missing or wrong."""

    exit_code = 2
    status_code = 500


class InvalidInput(ChorusError):
    """What was asked for cannot be done as asked."""

    kind = ErrorKind.VALIDATION
    exit_code = 2
    status_code = 422


class NotFound(ChorusError):
    """There is nothing under that id."""

    kind = ErrorKind.BUSINESS
    exit_code = 2
    status_code = 404


class NotAllowed(ChorusError):
    """Whoever asks has not signed in, or their role does not allow it."""

    kind = ErrorKind.BUSINESS
    status_code = 403


class Conflict(ChorusError):
    """Somebody else is already doing this."""

    kind = ErrorKind.BUSINESS
    status_code = 409


class LeaseLost(Conflict):
    """Another process took this run over; this one has stopped and committed nothing since."""


class StoreError(ChorusError):
    """The database cannot serve."""

    status_code = 503


class DatabaseUnavailable(StoreError):
    """The database does not answer, or can't do what was asked just now: try again."""

    kind = ErrorKind.TRANSIENT


class SchemaMismatch(StoreError):
    """The database schema is older or newer than this version of Chorus."""


class EndpointError(ChorusError):
    """The LLM endpoint did not give a usable answer.

    ``alike`` counts the failures in a row that were the same, the last one included; ``raw`` is what the model said
    last, kept for a person to read; ``path`` is the node that asked, ``outcome`` what its last attempt came to, both
    empty if there was none.
    """

    status_code = 502
    path = ""
    outcome = ""

    def __init__(self, message: str, *, alike: int = 1, raw: str | None = None) -> None:
        super().__init__(message)
        self.alike = alike
        self.raw = raw


class EndpointUnavailable(EndpointError):
    """The endpoint gave no answer within the deadline."""

    kind = ErrorKind.TRANSIENT
    status_code = 503


class EndpointRefused(EndpointError):
    """The endpoint answered, and the answer is no: asking again will not help."""


class QuotaExhausted(EndpointRefused):
    """The account at the endpoint has no credit left."""

    kind = ErrorKind.RESOURCE


class PromptTooLong(EndpointRefused):
    """The prompt is longer than the model can read."""


class AnswerUnusable(EndpointError):
    """The endpoint answered, but the answer fits no schema even after repair and re-asks."""

    kind = ErrorKind.VALIDATION


class AnswerDeclined(AnswerUnusable):
    """The model declined to answer, or a content filter stopped it, and no fallback model was of help."""

    kind = ErrorKind.BUSINESS


class BudgetExceeded(ChorusError):
    """The next call might use more than is left of a budget, so it was not sent.

    ``budget`` names it ("run", "scene", "call", "day", "judging") and ``unit`` what it counts ("tokens", "USD").
    """

    kind = ErrorKind.RESOURCE
    status_code = 402

    def __init__(
        self, message: str, *, budget: str = "run", unit: str = "tokens", limit: Decimal, used: Decimal, needed: Decimal
    ) -> None:
        super().__init__(message)
        self.budget = budget
        self.unit = unit
        self.limit = limit
        self.used = used
        self.needed = needed


class EmbeddedError(ChorusError):
    """A part that Chorus runs itself could not be started."""


class WeightsUnavailable(EmbeddedError):
    """No source has the model file, or what came is not that file."""

    kind = ErrorKind.RESOURCE


class NotEnoughDisk(EmbeddedError):
    """There is no room for what has to be stored."""

    kind = ErrorKind.RESOURCE
