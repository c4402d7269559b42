"""One chat completion of the test endpoint: the answer, the fault laid over it, and how it is sent."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from tests.endpoint.faults import STATUSES, Fault, Kind
from tests.endpoint.http import Request, Responder

_PIECES = 8


@dataclass(frozen=True)
class Plan:
    """What is going to be said, and how the saying ends."""

    text: str
    finish_reason: str | None = "stop"
    refusal: str | None = None
    usage: bool = True
    cut: bool = False


def plan(text: str, kind: Kind | None, *, is_json: bool) -> Plan:
    """Lay a fault of content over an answer; those that are about JSON leave prose alone."""
    plans: dict[Kind | None, Plan] = {
        Kind.EMPTY: Plan(""),
        Kind.LENGTH: Plan(text[: len(text) // 2], "length"),
        Kind.NO_USAGE: Plan(text, usage=False),
        Kind.CUT_STREAM: Plan(text[: len(text) // 2], None, usage=False, cut=True),
        Kind.REFUSAL: Plan("", "stop", refusal="I'm sorry, but I can't assist with that request."),
        Kind.CONTENT_FILTER: Plan(text[: len(text) // 3], "content_filter"),
    }
    return plans.get(kind, Plan(_spoiled(text, kind) if is_json else text))


def _spoiled(text: str, kind: Kind | None) -> str:
    spoilt: dict[Kind | None, str] = {
        Kind.TRUNCATED_JSON: text[: len(text) * 2 // 3],
        Kind.BROKEN_JSON: f"{text[: len(text) // 2]} and so on, as agreed.",
        Kind.SLOPPY_JSON: f"```json\n{text[:-1]},}}\n```",
        Kind.WRONG_SHAPE: '{"something": "else", "altogether": [1, 2]}',
        Kind.PROSE_AROUND: f"Certainly! Here is {{what}} you want:\n\n{text}\n\nI hope this helps [a lot].",
    }
    return spoilt.get(kind, text)


def usage_of(body: dict[str, Any], text: str) -> dict[str, Any]:
    prompt = sum(len(str(message.get("content", ""))) for message in body.get("messages", [])) // 4 + 8
    return {
        "prompt_tokens": prompt,
        "completion_tokens": len(text) // 4 + 1,
        "total_tokens": prompt + len(text) // 4 + 1,
        "prompt_tokens_details": {"cached_tokens": prompt // 2},
        "completion_tokens_details": {"reasoning_tokens": 0},
    }


async def refuse(responder: Responder, fault: Fault, request: Request) -> int | None:
    """Answer with an HTTP error if the fault is one; gives the status."""
    if fault.kind is Kind.HTML:
        await responder.send(200, b"<!doctype html><title>Sign in</title><p>Please sign in.</p>", "text/html")
        return 200
    if fault.kind is Kind.ECHO_KEY_HTML:
        page = f"<!doctype html><p>Who is {request.headers.get('authorization')}?</p>"
        await responder.send(200, page.encode(), "text/html")
        return 200
    if fault.kind in (Kind.RAW_BODY, Kind.RAW_EVENTS):
        await _say_as_it_is(responder, fault)
        return 200
    if fault.kind is Kind.JSON_LIST:
        await responder.send_json(200, [{"answer": "of another kind"}])
        return 200
    if fault.kind not in STATUSES:
        return None
    status, message, code = STATUSES[fault.kind]
    if fault.kind is Kind.ECHO_KEY:
        message += f" for {request.headers.get('authorization')}"
    headers = {**dict(fault.headers), **({"retry-after": fault.retry_after} if fault.retry_after else {})}
    await responder.send_json(status, {"error": {"message": message, "code": code, "type": code}}, headers)
    return status


async def _say_as_it_is(responder: Responder, fault: Fault) -> None:
    if fault.kind is Kind.RAW_BODY:
        await responder.send(200, "".join(fault.raw).encode(), "application/json")
        return
    await responder.begin_events()
    for data in fault.raw:
        await responder.event(data)
    await responder.end_events()


async def send_plain(responder: Responder, body: dict[str, Any], said: Plan) -> None:
    message = {"role": "assistant", "content": said.text or None, "refusal": said.refusal}
    choice = {"index": 0, "message": message, "finish_reason": said.finish_reason}
    answer: dict[str, Any] = {**_frame(body, "chat.completion"), "choices": [choice]}
    if said.usage:
        answer["usage"] = usage_of(body, said.text)
    await responder.send_json(200, answer)


async def send_stream(
    responder: Responder, body: dict[str, Any], said: Plan, rest_s: float, fault: Fault | None, key: str = ""
) -> None:
    """Say it in pieces over ``rest_s`` seconds."""
    is_odd = fault is not None and fault.kind is Kind.OTHER_TYPE
    await responder.begin_events("text/plain" if is_odd else "text/event-stream")
    frame = _frame(body, "chat.completion.chunk")

    async def say(delta: dict[str, Any], finish_reason: str | None = None) -> None:
        await responder.event({**frame, "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}]})

    await say({"role": "assistant", "content": "", **({"refusal": said.refusal} if said.refusal else {})})
    size = max(1, -(-len(said.text) // _PIECES))
    for start in range(0, len(said.text), size):
        await asyncio.sleep(rest_s / _PIECES)
        await say({"content": said.text[start : start + size]})
        await _interrupt(responder, fault, key)
    if said.cut:
        responder.reset()
    await say({}, said.finish_reason)
    if said.usage and (body.get("stream_options") or {}).get("include_usage"):
        await responder.event({**frame, "choices": [], "usage": usage_of(body, said.text)})
    await responder.event("[DONE]")
    await responder.end_events()


async def _interrupt(responder: Responder, fault: Fault | None, key: str) -> None:
    """Stop in the middle, in the way of the fault."""
    kind = fault.kind if fault else None
    if kind is Kind.HALF_CLOSED:
        responder.half_close()
    if fault and kind is Kind.DRIP:
        for _ in range(1000):
            await asyncio.sleep(fault.pause_s)
            await responder.raw(b":")
    if kind in (Kind.ERROR_IN_STREAM, Kind.ECHO_KEY_IN_STREAM):
        of = f" of {key}" if kind is Kind.ECHO_KEY_IN_STREAM else ""
        await responder.event({"error": {"message": f"the worker{of} died", "code": 500}})
        await asyncio.sleep(0.02)  # or the reset would take the words with it
        responder.reset()


def _frame(body: dict[str, Any], kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-test", "object": kind, "created": 0, "model": body.get("model")}


def rejected(body: dict[str, Any], rejects: frozenset[str]) -> str | None:
    """The first parameter that this endpoint does not know, by its name or as ``name.type``."""
    kind = (body.get("response_format") or {}).get("type")
    present = [*body, f"response_format.{kind}"] if kind else [*body]
    return next((name for name in present if name in rejects), None)


def log_line(record: Any) -> str:
    return json.dumps(record, default=str, ensure_ascii=False)
