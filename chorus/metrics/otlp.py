"""Calls of a run as OTLP spans in JSON, nested workflow > agent > call; what was said only if that is asked for.

Ids are made of ours: the trace's is the run's, so that all processes that worked on a run tell of one trace.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from chorus.domain.llm_call import LLMCall
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
    span_id,
    stretch,
)

_INTERNAL, _CLIENT = 1, 3
_ERROR = 2


def trace_of(calls: Sequence[LLMCall], *, prose: bool = False) -> Json:
    """The calls as one OTLP traces document: a span for each, those of agents above, and their runs'.

    ``prose``: prompts and answers too, as far as they were not removed.
    """
    spans: list[Json] = []
    for run_id in dict.fromkeys(call.run_id for call in calls):
        spans += _spans_of_run(run_id, [call for call in calls if call.run_id == run_id], prose=prose)
    return {"resourceSpans": [{"resource": resource(), "scopeSpans": [{"scope": SCOPE, "spans": spans}]}]}


def span_id_of(call: LLMCall) -> str:
    """The id of a call's span."""
    return span_id(call.id.hex)


def _spans_of_run(run_id: UUID | None, calls: Sequence[LLMCall], *, prose: bool) -> list[Json]:
    trace_id = (run_id or calls[0].story_id).hex
    root_id = span_id(f"{trace_id}/{calls[0].id}")  # a run that was told of in parts has a root for each
    told = {
        names.OPERATION_NAME: names.INVOKE_WORKFLOW,
        names.WORKFLOW_NAME: names.WORKFLOW,
        names.CONVERSATION_ID: str(calls[0].story_id),
        names.RUN_ID: str(run_id) if run_id else None,
    }
    name = f"{names.INVOKE_WORKFLOW} {names.WORKFLOW}"
    spans = [_span((trace_id, root_id, None), name, _INTERNAL, calls, told)]
    for theirs in invocations(calls):
        spans += _spans_of_agent(trace_id, root_id, theirs, prose=prose)
    return spans


def _spans_of_agent(trace_id: str, root_id: str, calls: Sequence[LLMCall], *, prose: bool) -> list[Json]:
    """An agent's work on one scene (or on the plan), and its calls; it failed if its last call did."""
    first, last = calls[0], calls[-1]
    agent_id = span_id(f"{trace_id}/{first.agent}/{first.scene_number}/{first.id}")
    told = {
        names.OPERATION_NAME: names.INVOKE_AGENT,
        names.AGENT_NAME: first.agent,
        names.CONVERSATION_ID: str(first.story_id),
        names.ERROR_TYPE: error_of(last),
        names.RUN_ID: str(first.run_id) if first.run_id else None,
        names.SCENE_NUMBER: first.scene_number,
    }
    own = _span((trace_id, agent_id, root_id), f"{names.INVOKE_AGENT} {first.agent}", _INTERNAL, calls, told)
    return [own, *(_span_of_call(call, trace_id, agent_id, prose=prose) for call in calls)]


def _span_of_call(call: LLMCall, trace_id: str, parent_id: str, *, prose: bool) -> Json:
    ids = (trace_id, span_id_of(call), parent_id)
    told = {**_by_convention(call), **_of_ours(call), **(_what_was_said(call) if prose else {})}
    return _span(ids, f"{names.CHAT} {call.model}", _CLIENT, [call], told)


def _what_was_said(call: LLMCall) -> Json:
    """Prompt and answer in the shapes of the conventions, each as JSON; None for what there is none of."""
    asked: Sequence[Json] = call.request.get("messages") or ()
    system = [_part(message["content"]) for message in asked if message["role"] == "system"]
    others = [
        {"role": message["role"], "parts": [_part(message["content"])]}
        for message in asked
        if message["role"] != "system"
    ]
    answer = {"role": "assistant", "parts": [_part(call.response_text)], "finish_reason": call.finish_reason or ""}
    return {
        names.SYSTEM_INSTRUCTIONS: _as_json(system),
        names.INPUT_MESSAGES: _as_json(others),
        names.OUTPUT_MESSAGES: _as_json([answer] if call.response_text else []),
    }


def _part(content: object) -> Json:
    return {"type": "text", "content": content}


def _as_json(parts: Sequence[Json]) -> str | None:
    return json.dumps(parts, ensure_ascii=False) if parts else None


def _by_convention(call: LLMCall) -> Json:
    return {
        **asked_of(call),
        names.CONVERSATION_ID: str(call.story_id),
        names.OUTPUT_TYPE: names.JSON if "response_format" in call.request else names.TEXT,
        names.REQUEST_TEMPERATURE: call.settings.get("temperature"),
        names.REQUEST_MAX_TOKENS: call.settings.get("max_tokens"),
        names.REQUEST_STREAM: None if call.ttft_ms is None else True,
        names.RESPONSE_TIME_TO_FIRST_CHUNK: None if call.ttft_ms is None else call.ttft_ms / 1000,
        names.RESPONSE_FINISH_REASONS: [call.finish_reason] if call.finish_reason else None,
        names.USAGE_INPUT_TOKENS: call.prompt_tokens,
        names.USAGE_OUTPUT_TOKENS: call.completion_tokens,
        names.USAGE_CACHED_TOKENS: call.cached_tokens,
        names.USAGE_REASONING_TOKENS: call.reasoning_tokens,
    }


def _of_ours(call: LLMCall) -> Json:
    return {
        names.CALL_ID: str(call.id),
        names.RUN_ID: str(call.run_id) if call.run_id else None,
        names.NODE: call.node,
        names.NODE_PATH: call.node_path,
        names.SCENE_NUMBER: call.scene_number,
        names.PROMPT_VERSION: call.prompt_version,
        names.OUTCOME: call.outcome.value,
        names.ATTEMPT: call.attempt,
        names.TAKE: call.take,
        names.ESTIMATED: call.usage_estimated or None,
        names.COST_USD: None if call.cost_usd is None else float(call.cost_usd),
        **{f"{names.WAITED_MS}.{why}": waited_ms for why, waited_ms in call.waits.items()},
    }


def _span(
    ids: tuple[str, str, str | None], name: str, kind: int, calls: Sequence[LLMCall], told: Mapping[str, Any]
) -> Json:
    """A span around calls; ``ids`` are the trace's, its own and its parent's. Only an error is a status."""
    trace_id, own_id, parent_id = ids
    began, ended = stretch(calls)
    return {
        "traceId": trace_id,
        "spanId": own_id,
        **({"parentSpanId": parent_id} if parent_id else {}),
        "name": name,
        "kind": kind,
        "startTimeUnixNano": nano(began),
        "endTimeUnixNano": nano(max(began, ended)),
        "attributes": attributes(told),
        **({"status": {"code": _ERROR}} if told.get(names.ERROR_TYPE) else {}),
    }
