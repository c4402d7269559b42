"""How the endpoints are that were asked: in trouble or well, how they are spoken to, how far their limits are used."""

from pydantic import Field

from chorus.domain.value import Value


class EndpointState(Value):
    """One endpoint and model, as all processes together know it."""

    place: str = Field(description="Address and model.")
    next_try_s: float | None = None
    """Seconds until one call may try it while its circuit breaker is open; None: it is well."""
    tries: int = 0
    """How often it was tried since it got into trouble."""
    format: str | None = None
    """How it is asked for JSON, once it has answered: json_schema, json_object or none."""

    @property
    def is_well(self) -> bool:
        """Whether calls may pass."""
        return self.next_try_s is None


class LimitState(Value):
    """One limit per minute that all processes share."""

    name: str
    booked_s: float
    """For how many seconds from now its turns are given away; 0: the next call may pass at once."""


class Traffic(Value):
    """Everything that is known of the endpoints."""

    endpoints: tuple[EndpointState, ...] = ()
    limits: tuple[LimitState, ...] = ()
