"""Calls of a run as the histograms of the conventions: tokens, and how long calls, agents and the run took."""

from collections.abc import Iterable, Sequence

from chorus.domain.llm_call import LLMCall, Outcome
from chorus.metrics import conventions as names
from chorus.metrics.otlp_values import (
    SCOPE,
    Json,
    asked_of,
    attributes,
    error_of,
    invocations,
    nano,
    resource,
    stretch,
)

_DELTA = 1
_TOKENS = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864]
_CALL_S = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]
_AGENT_S = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 409.6]
_WORKFLOW_S = [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200]

type Measured = tuple[Json, Sequence[LLMCall], float]
"""What is told of a value, the calls it is of, and the value."""


def metrics_of(calls: Sequence[LLMCall]) -> Json:
    """The calls as one OTLP metrics document; those of each run are one stretch of its workflow."""
    sent = [call for call in calls if call.outcome is not Outcome.IN_FLIGHT]
    metrics = [
        _histogram(names.METRIC_TOKEN_USAGE, "{token}", _TOKENS, _tokens(sent)),
        _histogram(names.METRIC_OPERATION_DURATION, "s", _CALL_S, _durations(sent)),
        _histogram(names.METRIC_TIME_TO_FIRST_CHUNK, "s", _CALL_S, _first_chunks(sent)),
        _histogram(names.METRIC_AGENT_DURATION, "s", _AGENT_S, _agents(sent)),
        _histogram(names.METRIC_WORKFLOW_DURATION, "s", _WORKFLOW_S, _workflows(sent)),
    ]
    filled = [metric for metric in metrics if metric["histogram"]["dataPoints"]]
    return {"resourceMetrics": [{"resource": resource(), "scopeMetrics": [{"scope": SCOPE, "metrics": filled}]}]}


def _tokens(calls: Iterable[LLMCall]) -> Iterable[Measured]:
    for call in calls:
        for kind, used in (("input", call.prompt_tokens), ("output", call.completion_tokens)):
            if used:
                yield {**asked_of(call), names.ERROR_TYPE: None, names.TOKEN_TYPE: kind}, [call], float(used)


def _durations(calls: Iterable[LLMCall]) -> Iterable[Measured]:
    return ((asked_of(call), [call], call.latency_ms / 1000) for call in calls if call.latency_ms is not None)


def _first_chunks(calls: Iterable[LLMCall]) -> Iterable[Measured]:
    for call in calls:
        if call.ttft_ms is not None:
            yield {**asked_of(call), names.ERROR_TYPE: None}, [call], call.ttft_ms / 1000


def _agents(calls: Sequence[LLMCall]) -> Iterable[Measured]:
    for run_calls in _by_run(calls):
        for theirs in invocations(run_calls):
            told = {names.AGENT_NAME: theirs[0].agent, names.ERROR_TYPE: error_of(theirs[-1])}
            yield told, theirs, _seconds(theirs)


def _workflows(calls: Sequence[LLMCall]) -> Iterable[Measured]:
    return (({names.WORKFLOW_NAME: names.WORKFLOW}, theirs, _seconds(theirs)) for theirs in _by_run(calls))


def _by_run(calls: Sequence[LLMCall]) -> list[list[LLMCall]]:
    return [[call for call in calls if call.run_id == run_id] for run_id in dict.fromkeys(c.run_id for c in calls)]


def _seconds(calls: Sequence[LLMCall]) -> float:
    began, ended = stretch(calls)
    return (ended - began).total_seconds()


def _histogram(name: str, unit: str, bounds: Sequence[float], measured: Iterable[Measured]) -> Json:
    series: dict[str, list[Measured]] = {}
    for each in measured:
        series.setdefault(repr(each[0]), []).append(each)
    points = [_point(bounds, members) for members in series.values()]
    return {"name": name, "unit": unit, "histogram": {"aggregationTemporality": _DELTA, "dataPoints": points}}


def _point(bounds: Sequence[float], members: Sequence[Measured]) -> Json:
    counts = [0] * (len(bounds) + 1)
    for _, _, value in members:
        counts[sum(value > bound for bound in bounds)] += 1
    began, ended = stretch([call for _, calls, _ in members for call in calls])
    return {
        "attributes": attributes(members[0][0]),
        "startTimeUnixNano": nano(began),
        "timeUnixNano": nano(ended),
        "count": str(len(members)),
        "sum": sum(value for _, _, value in members),
        "explicitBounds": list(bounds),
        "bucketCounts": [str(count) for count in counts],
    }
