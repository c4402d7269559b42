"""Decides what follows an attempt. Pure: times and dice come in, a decision goes out, and the gateway acts on it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from chorus.domain.llm_call import Outcome


class Action(StrEnum):
    """What to do next."""

    USE = "use"
    RETRY = "retry"
    REASK = "reask"
    LENGTHEN = "lengthen"
    CONCEDE = "concede"
    FALL_BACK = "fall_back"
    GIVE_UP = "give_up"


@dataclass(frozen=True, slots=True)
class RetryDecision:
    """What to do next, after which wait, and why in a few words."""

    action: Action
    wait_s: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often the gateway tries."""

    deadline_s: float = 600.0
    """For one question, over all its attempts and waits."""
    silence_s: float = 300.0
    """Longest wait for the next byte of one attempt."""
    failures: int = 10
    """Transient failures in a row before giving up."""
    first_failures: int = 3
    """The same for an endpoint nobody has reached yet: a wrong URL should show soon."""
    reasks: int = 2
    first_wait_s: float = 0.5
    longest_wait_s: float = 20.0
    before_fallback_s: float = 3.0
    """How long an endpoint in trouble, or one that has named a wait, is waited for where another model can answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Where a question stands after an attempt."""

    outcome: Outcome
    elapsed_s: float = 0.0
    failures: int = 1
    """Transient failures in a row, this one included."""
    reasks: int = 0
    structured: bool = False
    has_text: bool = True
    lengthened: bool = False
    can_concede: bool = False
    can_fall_back: bool = False
    proven: bool = True
    """Whether this endpoint has answered anything in this process."""
    retry_after_s: float | None = None


_TRANSIENT = frozenset(
    {Outcome.RATE_LIMITED, Outcome.SERVER_ERROR, Outcome.TIMEOUT, Outcome.CONNECTION_ERROR, Outcome.STREAM_CUT}
)
_UNUSABLE = frozenset({Outcome.INVALID_JSON, Outcome.SCHEMA_MISMATCH, Outcome.EMPTY})
_HOPELESS = frozenset({Outcome.AUTH_ERROR, Outcome.QUOTA_EXHAUSTED, Outcome.CANCELLED})


def decide(now: Situation, patience: Patience, dice: Callable[[], float]) -> RetryDecision:
    """Choose what follows an attempt; ``dice`` gives floats in [0, 1)."""
    if now.outcome is Outcome.OK:
        return RetryDecision(Action.USE)
    if now.outcome is Outcome.TRUNCATED:
        return _after_truncation(now)
    if now.outcome in _UNUSABLE and now.reasks < patience.reasks:
        return RetryDecision(Action.REASK, reason=f"{now.outcome}: asked again with what was wrong")
    if now.outcome is Outcome.BAD_REQUEST and now.can_concede:
        return RetryDecision(Action.CONCEDE, reason="the endpoint does not know a parameter: asked without it")
    if now.outcome in _TRANSIENT or now.outcome is Outcome.NOT_AN_LLM:
        return _after_failure(now, patience, dice)
    return _surrender(now, f"{now.outcome}")


def share_s(patience: Patience, *, can_fall_back: bool) -> float:
    """Seconds a model may use up: half of the deadline while another one waits behind it."""
    return patience.deadline_s / 2 if can_fall_back else patience.deadline_s


def backoff_s(failures: int, patience: Patience, dice: Callable[[], float]) -> float:
    """Full jitter: anything between nothing and an exponentially growing ceiling.

    Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """
    ceiling = min(patience.longest_wait_s, patience.first_wait_s * 2.0 ** (min(failures, 30) - 1))
    return ceiling * dice()


def _after_truncation(now: Situation) -> RetryDecision:
    if now.has_text and not now.structured:
        return RetryDecision(Action.USE, reason="prose up to the limit")
    if not now.lengthened:
        return RetryDecision(Action.LENGTHEN, reason="cut at the limit: asked with twice the room")
    return _surrender(now, "cut again at twice the room")


def _after_failure(now: Situation, patience: Patience, dice: Callable[[], float]) -> RetryDecision:
    if now.failures >= _tries(now, patience):
        return _surrender(now, f"{now.outcome}, {now.failures} times in a row")
    wait_s = backoff_s(now.failures, patience, dice)
    if now.retry_after_s is not None:
        wait_s = now.retry_after_s + min(wait_s, 1.0)
    if now.can_fall_back and (now.retry_after_s or 0.0) > patience.before_fallback_s:
        return _surrender(now, f"{now.outcome}: another model need not wait {now.retry_after_s:.0f} s")
    if now.elapsed_s + wait_s >= share_s(patience, can_fall_back=now.can_fall_back):
        return _surrender(now, f"{now.outcome}, and no time is left to wait {wait_s:.0f} s more")
    return RetryDecision(Action.RETRY, wait_s, f"{now.outcome}: tried again after {wait_s:.1f} s")


def _tries(now: Situation, patience: Patience) -> int:
    doubtful = now.outcome in (Outcome.CONNECTION_ERROR, Outcome.NOT_AN_LLM) and not now.proven
    return min(patience.first_failures, patience.failures) if doubtful else patience.failures


def _surrender(now: Situation, reason: str) -> RetryDecision:
    can_help = now.can_fall_back and now.outcome not in _HOPELESS
    return RetryDecision(Action.FALL_BACK if can_help else Action.GIVE_UP, reason=reason)
