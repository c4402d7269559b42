"""Words for what went wrong on the way to an answer, and what is done about it: for the events of a run."""

from collections.abc import Mapping

from chorus.domain.llm_call import Outcome
from chorus.llm.endpoint import Endpoint
from chorus.llm.resilience import Action

LONG_WAIT_MS = 2000.0
"""A wait that a person would wonder about."""


def trouble(node: str, outcome: Outcome, action: Action, endpoint: Endpoint) -> str:
    """Say in a sentence what an attempt came to and what follows."""
    what = _WHAT.get(outcome, "{host} could not be asked").format(host=endpoint.host, model=f"'{endpoint.model}'")
    then = _THEN.get(action, "it goes on").format(fallback=f"'{endpoint.fallback}'")
    return f"{node}: {what}; {then}."


def long_wait(node: str, waits: Mapping[str, float]) -> str | None:
    """Say what held a call up, in ms by reason; None if it was not long, or no more than its turn in the queue."""
    held_ms = {reason: waits[reason] for reason in _HELD_BY if waits.get(reason, 0.0) >= LONG_WAIT_MS}
    if not held_ms:
        return None
    worst = max(held_ms, key=lambda reason: held_ms[reason])
    return f"{node}: waited {held_ms[worst] / 1000:.0f} s, {_HELD_BY[worst]}."


_WHAT = {
    Outcome.RATE_LIMITED: "{host} takes no more requests for now",
    Outcome.SERVER_ERROR: "{host} is in trouble",
    Outcome.TIMEOUT: "{host} gave no complete answer in time",
    Outcome.CONNECTION_ERROR: "nothing answers at {host}",
    Outcome.STREAM_CUT: "{host} broke its answer off",
    Outcome.NOT_AN_LLM: "{host} did not answer like a model",
    Outcome.BAD_REQUEST: "{host} does not know a parameter",
    Outcome.EMPTY: "{model} gave an empty answer",
    Outcome.INVALID_JSON: "{model} gave no readable JSON",
    Outcome.SCHEMA_MISMATCH: "{model} gave JSON that does not fit",
    Outcome.TRUNCATED: "{model} was cut off",
    Outcome.REFUSAL: "{model} declined to answer",
    Outcome.CONTENT_FILTER: "the content filter of {host} stopped the answer",
}
_THEN = {
    Action.RETRY: "it is asked again",
    Action.REASK: "it is told what was wrong and asked again",
    Action.LENGTHEN: "it is asked again with twice the room",
    Action.CONCEDE: "it is asked in a simpler way",
    Action.FALL_BACK: "{fallback} is asked instead",
}
_HELD_BY = {
    "retry_after": "as the endpoint had asked",
    "breaker": "until the endpoint was well again",
    "budget": "for what other calls had set aside",
}
