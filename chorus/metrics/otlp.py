"""Calls of a run as OTLP in JSON: spans nested workflow > agent > call, and histograms; never what was said.

Ids are made of ours: the trace's is the run's, so that all processes that worked on a run tell of one trace.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from chorus import __version__
from chorus.domain.llm_call import LLMCall, Outcome
from chorus.metrics import conventions as names

_SCOPE = {"name": "chorus", "version": __version__}
_INTERNAL, _CLIENT = 1, 3
_OK, _ERROR = 1, 2
_DELTA = 1
_TOKEN_BOUNDS = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864]
_SECOND_BOUNDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]

type Json = dict[str, Any]


def trace_of(calls: Sequence[LLMCall]) -> Json:
    """The calls as one OTLP traces document: a span for each, those of agents above, and their runs'."""
    spans: list[Json] = []
    for run_id in dict.fromkeys(call.run_id for call in calls):
        spans += _spans_of_run(run_id, [call for call in calls if call.run_id == run_id])
    return {"resourceSpans": [{"resource": _resource(), "scopeSpans": [{"scope": _SCOPE, "spans": spans}]}]}


def metrics_of(calls: Sequence[LLMCall]) -> Json:
    """The calls as one OTLP metrics document: token usage, duration, time to the first chunk."""
    sent = [call for call in calls if call.outcome is not Outcome.IN_FLIGHT]
    tokens = [
        (kind, call, float(value))
        for call in sent
        for kind, value in (("input", call.prompt_tokens), ("output", call.completion_tokens))
        if value
    ]
    metrics = [
        _histogram(names.METRIC_TOKEN_USAGE, "{token}", _TOKEN_BOUNDS, tokens),
        _histogram(
            names.METRIC_OPERATION_DURATION,
            "s",
            _SECOND_BOUNDS,
            [("", call, call.latency_ms / 1000) for call in sent if call.latency_ms is not None],
        ),
        _histogram(
            names.METRIC_TIME_TO_FIRST_CHUNK,
            "s",
            _SECOND_BOUNDS,
            [("", call, call.ttft_ms / 1000) for call in sent if call.ttft_ms is not None],
        ),
    ]
    filled = [metric for metric in metrics if metric["histogram"]["dataPoints"]]
    return {"resourceMetrics": [{"resource": _resource(), "scopeMetrics": [{"scope": _SCOPE, "metrics": filled}]}]}


def _spans_of_run(run_id: UUID | None, calls: Sequence[LLMCall]) -> list[Json]:
    trace_id = (run_id or calls[0].story_id).hex
    root_id = _span_id(f"{trace_id}/{calls[0].id}")  # a run that was told of in parts has a root for each
    common = {names.CONVERSATION_ID: str(calls[0].story_id), names.RUN_ID: str(run_id) if run_id else None}
    spans = []
    for agent, place in dict.fromkeys((call.agent, call.scene_number) for call in calls):
        theirs = [call for call in calls if (call.agent, call.scene_number) == (agent, place)]
        agent_id = _span_id(f"{trace_id}/{agent}/{place}/{theirs[0].id}")
        told = {names.OPERATION_NAME: names.INVOKE_AGENT, names.AGENT_NAME: agent, names.SCENE_NUMBER: place, **common}
        spans.append(
            _span(
                trace_id,
                agent_id,
                root_id,
                f"{names.INVOKE_AGENT} {agent}",
                _INTERNAL,
                _begin(theirs),
                _end(theirs),
                told,
            )
        )
        spans += [_span_of_call(call, trace_id, agent_id) for call in theirs]
    told = {names.OPERATION_NAME: names.INVOKE_WORKFLOW, names.PROVIDER_NAME: names.OPENAI, **common}
    root = _span(
        trace_id, root_id, None, f"{names.INVOKE_WORKFLOW} chorus", _INTERNAL, _begin(calls), _end(calls), told
    )
    return [root, *spans]


def _span_of_call(call: LLMCall, trace_id: str, parent_id: str) -> Json:
    host, _, port = call.endpoint.partition(":")
    told: Json = {
        names.OPERATION_NAME: names.CHAT,
        names.PROVIDER_NAME: names.OPENAI,
        names.REQUEST_MODEL: call.model,
        names.REQUEST_TEMPERATURE: call.settings.get("temperature"),
        names.REQUEST_MAX_TOKENS: call.settings.get("max_tokens"),
        names.RESPONSE_FINISH_REASONS: [call.finish_reason] if call.finish_reason else None,
        names.USAGE_INPUT_TOKENS: call.prompt_tokens,
        names.USAGE_OUTPUT_TOKENS: call.completion_tokens,
        names.USAGE_CACHED_TOKENS: call.cached_tokens,
        names.REASONING_TOKENS: call.reasoning_tokens,
        names.AGENT_NAME: call.agent,
        names.CONVERSATION_ID: str(call.story_id),
        names.SERVER_ADDRESS: host or None,
        names.SERVER_PORT: int(port) if port.isdigit() else None,
        names.ERROR_TYPE: None if call.outcome is Outcome.OK else call.outcome.value,
        names.CALL_ID: str(call.id),
        names.RUN_ID: str(call.run_id) if call.run_id else None,
        names.NODE: call.node,
        names.NODE_PATH: call.node_path,
        names.SCENE_NUMBER: call.scene_number,
        names.PROMPT_VERSION: call.prompt_version,
        names.OUTCOME: call.outcome.value,
        names.ATTEMPT: call.attempt,
        names.TAKE: call.take,
        names.COST_USD: None if call.cost_usd is None else float(call.cost_usd),
        **{f"{names.WAITED_MS}.{why}": waited_ms for why, waited_ms in call.waits.items()},
    }
    span = _span(
        trace_id,
        span_id_of(call),
        parent_id,
        f"{names.CHAT} {call.model}",
        _CLIENT,
        call.started_at,
        _ended(call),
        told,
    )
    return {**span, "status": {"code": _OK if call.outcome is Outcome.OK else _ERROR}}


def span_id_of(call: LLMCall) -> str:
    """The id of a call's span."""
    return _span_id(call.id.hex)


def _span(
    trace_id: str,
    span_id: str,
    parent_id: str | None,
    name: str,
    kind: int,
    began: datetime,
    ended: datetime,
    told: Mapping[str, Any],
) -> Json:
    parent = {"parentSpanId": parent_id} if parent_id else {}
    return {
        "traceId": trace_id,
        "spanId": span_id,
        **parent,
        "name": name,
        "kind": kind,
        "startTimeUnixNano": _nano(began),
        "endTimeUnixNano": _nano(max(began, ended)),
        "attributes": _attributes(told),
    }


def _histogram(name: str, unit: str, bounds: Sequence[float], values: Sequence[tuple[str, LLMCall, float]]) -> Json:
    series: dict[tuple[str, str, str], list[tuple[LLMCall, float]]] = {}
    for kind, call, value in values:
        series.setdefault((kind, call.model, call.agent), []).append((call, value))
    points = [_point(kind, model, agent, bounds, members) for (kind, model, agent), members in series.items()]
    return {"name": name, "unit": unit, "histogram": {"aggregationTemporality": _DELTA, "dataPoints": points}}


def _point(
    kind: str, model: str, agent: str, bounds: Sequence[float], members: Sequence[tuple[LLMCall, float]]
) -> Json:
    counts = [0] * (len(bounds) + 1)
    for _, value in members:
        counts[sum(value > bound for bound in bounds)] += 1
    told = {
        names.OPERATION_NAME: names.CHAT,
        names.PROVIDER_NAME: names.OPENAI,
        names.REQUEST_MODEL: model,
        names.AGENT_NAME: agent,
        names.TOKEN_TYPE: kind or None,
    }
    calls = [call for call, _ in members]
    return {
        "attributes": _attributes(told),
        "startTimeUnixNano": _nano(_begin(calls)),
        "timeUnixNano": _nano(_end(calls)),
        "count": str(len(members)),
        "sum": sum(value for _, value in members),
        "explicitBounds": list(bounds),
        "bucketCounts": [str(count) for count in counts],
    }


def _resource() -> Json:
    return {"attributes": _attributes({names.SERVICE_NAME: "chorus", names.SERVICE_VERSION: __version__})}


def _attributes(told: Mapping[str, Any]) -> list[Json]:
    return [{"key": name, "value": _value(value)} for name, value in told.items() if value is not None]


def _value(value: Any) -> Json:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case list():
            return {"arrayValue": {"values": [_value(each) for each in value]}}
    return {"stringValue": str(value)}


def _ended(call: LLMCall) -> datetime:
    if call.latency_ms is not None:
        return call.started_at + timedelta(milliseconds=call.latency_ms)
    return call.ended_at or call.started_at


def _begin(calls: Sequence[LLMCall]) -> datetime:
    return min(call.started_at for call in calls)


def _end(calls: Sequence[LLMCall]) -> datetime:
    return max(_ended(call) for call in calls)


def _nano(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1_000_000) * 1000)


def _span_id(name: str) -> str:
    return sha256(name.encode()).hexdigest()[:16]
