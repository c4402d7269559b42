"""Pieces of OTLP in JSON that spans and histograms have in common."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from chorus import __version__
from chorus.domain.llm_call import LLMCall, Outcome
from chorus.metrics import conventions as names

SCOPE = {"name": "chorus", "version": __version__}

type Json = dict[str, Any]


def resource() -> Json:
    """Who tells."""
    return {"attributes": attributes({names.SERVICE_NAME: "chorus", names.SERVICE_VERSION: __version__})}


def attributes(told: Mapping[str, Any]) -> list[Json]:
    """What is told, without what is not known."""
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


def asked_of(call: LLMCall) -> Json:
    """Whom a call asked for what; error.type, if it did not get it."""
    host, _, port = call.endpoint.rpartition(":") if ":" in call.endpoint else (call.endpoint, "", "")
    return {
        names.OPERATION_NAME: names.CHAT,
        names.PROVIDER_NAME: names.OPENAI,
        names.REQUEST_MODEL: call.model,
        names.AGENT_NAME: call.agent,
        names.SERVER_ADDRESS: host or None,
        names.SERVER_PORT: int(port) if port.isdecimal() else None,
        names.ERROR_TYPE: error_of(call),
    }


def error_of(call: LLMCall) -> str | None:
    """The class of error that a call ended with."""
    return None if call.outcome is Outcome.OK else call.outcome.value


def invocations(calls: Sequence[LLMCall]) -> list[list[LLMCall]]:
    """The calls by what they were made for: an agent's work on a scene, or on the plan."""
    found: dict[tuple[str, int | None], list[LLMCall]] = {}
    for call in calls:
        found.setdefault((call.agent, call.scene_number), []).append(call)
    return list(found.values())


def ended(call: LLMCall) -> datetime:
    """When a call was over."""
    if call.latency_ms is not None:
        return call.started_at + timedelta(milliseconds=call.latency_ms)
    return call.ended_at or call.started_at


def stretch(calls: Sequence[LLMCall]) -> tuple[datetime, datetime]:
    """From when to when calls were made."""
    return min(call.started_at for call in calls), max(ended(call) for call in calls)


def nano(moment: datetime) -> str:
    """A moment as the protocol has it."""
    return str(int(moment.timestamp() * 1_000_000) * 1000)


def span_id(name: str) -> str:
    """An id that is the same whoever tells of it."""
    return sha256(name.encode()).hexdigest()[:16]
