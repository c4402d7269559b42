"""Every error a user can meet, in one tree.

ChorusError
├── ConfigError              a setting is missing or wrong
├── InvalidInput             what was asked for cannot be done as asked
├── NotFound                 no such story, run or scene
├── Conflict                 somebody else is doing it
│   └── LeaseLost            another process took this run over
├── StoreError               the database
│   ├── DatabaseUnavailable  nobody answers there
│   └── SchemaMismatch       the schema is older or newer than the code
├── EndpointError            the LLM endpoint
│   ├── EndpointUnavailable  no answer within the deadline
│   ├── EndpointRefused      it answered, and the answer is no (401, 404, 400)
│   └── AnswerUnusable       it answered, and the answer cannot be used
└── EmbeddedError            a part that Chorus runs itself
    ├── WeightsUnavailable   no source has the model file
    └── NotEnoughDisk        no room for it

Each carries a message that says what to do, an exit code for the command line and a status for HTTP.
"""


class ChorusError(Exception):
    """Something went wrong that a user can understand and act on."""

    exit_code = 1
    status_code = 500


class ConfigError(ChorusError):
    """A setting is missing or wrong."""

    exit_code = 2
    status_code = 500


class InvalidInput(ChorusError):
    """What was asked for cannot be done as asked."""

    exit_code = 2
    status_code = 422


class NotFound(ChorusError):
    """There is nothing under that id."""

    exit_code = 2
    status_code = 404


class Conflict(ChorusError):
    """Somebody else is already doing this."""

    status_code = 409


class LeaseLost(Conflict):
    """Another process took this run over; this one has stopped and committed nothing since."""


class StoreError(ChorusError):
    """The database cannot serve."""

    status_code = 503


class DatabaseUnavailable(StoreError):
    """The database does not answer."""


class SchemaMismatch(StoreError):
    """The database schema is older or newer than this version of Chorus."""


class EndpointError(ChorusError):
    """The LLM endpoint did not give a usable answer."""

    status_code = 502


class EndpointUnavailable(EndpointError):
    """The endpoint gave no answer within the deadline."""

    status_code = 503


class EndpointRefused(EndpointError):
    """The endpoint answered, and the answer is no: asking again will not help."""


class AnswerUnusable(EndpointError):
    """The endpoint answered, but the answer fits no schema even after repair and re-asks."""


class EmbeddedError(ChorusError):
    """A part that Chorus runs itself could not be started."""


class WeightsUnavailable(EmbeddedError):
    """No source has the model file, or what came is not that file."""


class NotEnoughDisk(EmbeddedError):
    """There is no room for what has to be stored."""
