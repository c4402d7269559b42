"""Words for the end of the road: which error a user meets, what happened, and which setting to change."""

from chorus.domain.llm_call import Outcome
from chorus.domain.value import storable
from chorus.errors import (
    AnswerDeclined,
    AnswerUnusable,
    EndpointError,
    EndpointRefused,
    EndpointUnavailable,
    PromptTooLong,
    QuotaExhausted,
)
from chorus.llm.admission import Hold, NotAdmitted
from chorus.llm.endpoint import Endpoint

_UNAVAILABLE = frozenset(
    {Outcome.RATE_LIMITED, Outcome.SERVER_ERROR, Outcome.TIMEOUT, Outcome.CONNECTION_ERROR, Outcome.STREAM_CUT}
)
_UNUSABLE = frozenset(
    {
        Outcome.INVALID_JSON,
        Outcome.SCHEMA_MISMATCH,
        Outcome.EMPTY,
        Outcome.TRUNCATED,
    }
)
_WORTH_SAYING = 3
_DECLINED = frozenset({Outcome.REFUSAL, Outcome.CONTENT_FILTER})


def failure(
    outcome: Outcome,
    endpoint: Endpoint,
    *,
    node: str,
    error: str | None,
    tries: int,
    alike: int = 1,
    raw: str | None = None,
    proven: bool = False,
) -> EndpointError:
    """Make the error for an outcome that nothing more is tried after; ``raw`` is what the model said last.

    ``proven``: whether the endpoint has answered like a model before; then it is away, and its address is right.
    """
    message = _MESSAGES.get(outcome, "{host} could not be asked for {node}").format(
        host=endpoint.host,
        url=endpoint.address,
        model=endpoint.model,
        node=node,
        tries="once" if tries == 1 else f"{tries} times",
        key_name=endpoint.names.api_key,
        base_name=endpoint.names.base_url,
        model_name=endpoint.names.model,
        fallback_name=endpoint.names.model.removesuffix("_MODEL") + "_FALLBACK",
    )
    if alike >= _WORTH_SAYING:
        message += f" The last {alike} failures were the same."
    kind = _kind(outcome, proven=proven)
    return kind(storable(f"{message} It said: {error}" if error else message), alike=alike, raw=raw)


def turned_away(denied: NotAdmitted, endpoint: Endpoint, node: str, deadline_s: float) -> EndpointUnavailable:
    """Make the error for a call that could not be sent before its deadline."""
    wait = f"{denied.wait_s:.0f} s" if denied.wait_s is not None else "longer"
    reason = {
        Hold.BREAKER: f"{endpoint.host} is in trouble, and was not well again within {deadline_s:.0f} s. "
        "Resume when it is.",
        Hold.RETRY_AFTER: f"{endpoint.host} takes no more requests for {wait}: resume then.",
        Hold.LIMITER: f"{node} would have to wait {wait} for its turn within LLM_REQUESTS_PER_MINUTE and "
        f"LLM_TOKENS_PER_MINUTE, and has {deadline_s:.0f} s: raise them, or let fewer runs work at once.",
        Hold.BUDGET: f"Calls in flight hold what is left of the budget, and {node} could not wait for them any longer. "
        "Resume to go on.",
    }
    return EndpointUnavailable(reason.get(denied.hold, f"{node} could not be sent in time. Resume to go on."))


def _kind(outcome: Outcome, *, proven: bool) -> type[EndpointError]:
    if outcome in _UNAVAILABLE or (proven and outcome is Outcome.NOT_AN_LLM):
        return EndpointUnavailable
    if outcome in _UNUSABLE:
        return AnswerUnusable
    if outcome in _DECLINED:
        return AnswerDeclined
    if outcome is Outcome.CONTEXT_OVERFLOW:
        return PromptTooLong
    return QuotaExhausted if outcome is Outcome.QUOTA_EXHAUSTED else EndpointRefused


_MESSAGES = {
    Outcome.AUTH_ERROR: "{key_name} was refused by {host}: set it to a key that is valid there.",
    Outcome.NOT_FOUND: "{host} knows no model '{model}', or {url} is not where its API begins: "
    "check {model_name} and {base_name}.",
    Outcome.QUOTA_EXHAUSTED: "The account behind {key_name} has no credit left at {host}: top it up, then resume.",
    Outcome.CONTEXT_OVERFLOW: "The prompt for {node} is longer than '{model}' can read: choose a {model_name} "
    "that reads more, or begin another run with fewer CONTEXT_TOKENS or shorter scenes.",
    Outcome.BAD_REQUEST: "{host} does not accept the request for {node} to '{model}'.",
    Outcome.NOT_AN_LLM: "{url} answers, but not like an OpenAI-compatible endpoint: check {base_name} "
    "(it often ends in /v1).",
    Outcome.CONNECTION_ERROR: "Nothing answers at {url}: check {base_name}, and that the endpoint runs.",
    Outcome.TIMEOUT: "{host} gave no complete answer for {node} in time (asked {tries}). Resume to go on.",
    Outcome.RATE_LIMITED: "{host} takes no more requests for now (asked {tries}): resume later, or set "
    "LLM_REQUESTS_PER_MINUTE to its limit.",
    Outcome.SERVER_ERROR: "{host} is in trouble (asked {tries}). Resume when it is well again.",
    Outcome.STREAM_CUT: "{host} broke its answer off (asked {tries}). Resume to go on.",
    Outcome.EMPTY: "'{model}' gave empty answers for {node} (asked {tries}): choose another {model_name}.",
    Outcome.INVALID_JSON: "'{model}' gave no readable JSON for {node} (asked {tries}): choose another {model_name} "
    "or set {fallback_name}.",
    Outcome.SCHEMA_MISMATCH: "'{model}' gave JSON that does not fit for {node} (asked {tries}): choose another "
    "{model_name} or set {fallback_name}.",
    Outcome.TRUNCATED: "'{model}' was cut off in {node}, also with twice the room: choose another {model_name}.",
    Outcome.REFUSAL: "'{model}' declined to answer {node}: change the premise or set {fallback_name}.",
    Outcome.CONTENT_FILTER: "The content filter of {host} stopped {node}: change the premise or set {fallback_name}.",
}
