"""Reads a chat completion from raw bytes: server-sent events, a plain JSON body, or something that is neither."""

import json
import math
import re
import time
from collections.abc import Callable
from typing import Any

from chorus.domain.llm_call import Outcome, Usage
from chorus.domain.value import storable
from chorus.llm.faults import outcome_of_status
from chorus.llm.wire import ChatReply

_EVENT_FIELDS = (b"data:", b"event:", b"id:", b"retry:", b":")
_BODY_BYTES_KEPT = 20_000_000
_MOST_TOKENS = 100_000_000
"""Of one call: more is a slip of whoever counted."""
_REASON_CHARS = 60
_FINISH = {"max_tokens": "length", "model_length": "length", "MAX_TOKENS": "length", "end_turn": "stop", "eos": "stop"}


class ChatStream:
    """One answer while it arrives. Feed it bytes; ask it for the reply at the end."""

    def __init__(
        self, on_text: Callable[[str], None] | None = None, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        """Start the clock for the time to the first token."""
        self._on_text = on_text
        self._clock = clock
        self._started = clock()
        self._unread = bytearray()
        self._is_events: bool | None = None
        self._is_over = False
        self._garbled = False
        self._parts: list[str] = []
        self._refusal: list[str] = []
        self._finish_reason: str | None = None
        self._usage: Usage | None = None
        self._error: Any = None
        self._ttft_ms: float | None = None

    @property
    def has_begun(self) -> bool:
        """Whether anything has arrived."""
        return self._is_events is not None

    def feed(self, chunk: bytes) -> bool:
        """Take in some bytes; True once the endpoint has said that this is all."""
        self._unread += chunk
        if self._is_events is None and self._unread.strip():
            self._is_events = bytes(self._unread.lstrip()).startswith(_EVENT_FIELDS)
        if self._is_events:
            self._read_events()
        elif len(self._unread) > _BODY_BYTES_KEPT:
            del self._unread[_BODY_BYTES_KEPT:]
        return self._is_over

    def reply(self) -> ChatReply:
        """Say what came, after the endpoint has closed in good order."""
        if self._is_events:
            self._read_events(last=True)
        elif self.has_begun and not self._read_body():
            start = self._unread[:300].decode("utf-8", "replace")
            return ChatReply(outcome=Outcome.NOT_AN_LLM, error=f"no chat completion came but: {start}")
        if self._error is not None:
            return self._reply(*_named(self._error))
        if self._garbled and not self._parts and not self._refusal:
            return self._reply(Outcome.NOT_AN_LLM, "what came is not made like a chat completion")
        if self._finish_reason is None and not self._is_over:
            return self._reply(Outcome.STREAM_CUT, "the stream ended before the answer did")
        return self._reply(self._outcome())

    def broken_off(self, outcome: Outcome, error: str, retry_after_s: float | None = None) -> ChatReply:
        """Say what had come when something went wrong; a reason the endpoint itself gave counts for more."""
        if self._error is not None:
            outcome, error = _named(self._error)
        return self._reply(outcome, error, retry_after_s)

    def _reply(self, outcome: Outcome, error: str | None = None, retry_after_s: float | None = None) -> ChatReply:
        return ChatReply(
            outcome=outcome,
            error=storable(error) if error else error,
            retry_after_s=retry_after_s,
            text=storable("".join(self._parts) or "".join(self._refusal)),
            finish_reason=self._finish_reason,
            usage=self._usage,
            ttft_ms=self._ttft_ms,
        )

    def _outcome(self) -> Outcome:
        if self._finish_reason == "content_filter":
            return Outcome.CONTENT_FILTER
        if self._refusal:
            return Outcome.REFUSAL
        return Outcome.TRUNCATED if self._finish_reason == "length" else Outcome.OK

    def _read_events(self, *, last: bool = False) -> None:
        *lines, rest = bytes(self._unread).split(b"\n")
        self._unread = bytearray(b"" if last else rest)
        for line in [*lines, rest] if last else lines:
            if line.startswith(b"data:") and not self._is_over:
                self._read_data(line[5:].strip())

    def _read_data(self, data: bytes) -> None:
        if data == b"[DONE]":
            self._is_over = True
            return
        event = _read_json(data)
        if isinstance(event, dict):
            self._take(event)
        else:
            self._garbled = True

    def _read_body(self) -> bool:
        """Read a plain JSON body; False if it is none."""
        body = _read_json(self._unread)
        if not isinstance(body, dict) or not (body.get("choices") or body.get("error")):
            return False
        self._take(body)
        self._is_over = True
        return True

    def _take(self, event: dict[str, Any]) -> None:
        self._error = event.get("error") or self._error
        self._usage = read_usage(event.get("usage")) or self._usage
        choices = event.get("choices") or []
        if not isinstance(choices, list):
            self._garbled = True
            return
        for choice in choices:
            self._take_choice(choice)

    def _take_choice(self, choice: Any) -> None:
        said = (choice.get("delta") or choice.get("message") or {}) if isinstance(choice, dict) else None
        if not isinstance(said, dict):
            self._garbled = True
            return
        if isinstance(said.get("refusal"), str):
            self._refusal.append(said["refusal"])
        self._hear(_text_of(said.get("content")))
        if reason := choice.get("finish_reason"):
            named = storable(str(reason))[:_REASON_CHARS]
            self._finish_reason = _FINISH.get(named, named)

    def _hear(self, text: str) -> None:
        if not text:
            return
        if self._ttft_ms is None:
            self._ttft_ms = (self._clock() - self._started) * 1000
        self._parts.append(text)
        if self._on_text:
            self._on_text(text)


def _read_json(data: bytes | bytearray) -> Any:
    """Read a JSON value; None where there is none, or one nested deeper than anybody means."""
    try:
        return json.loads(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def read_usage(usage: Any) -> Usage | None:
    """Read the token counts an endpoint reports; None if it reports none, or one that cannot be."""
    if not isinstance(usage, dict):
        return None
    counts = {
        "prompt_tokens": _count(usage, "prompt_tokens"),
        "completion_tokens": _count(usage, "completion_tokens"),
        "cached_tokens": _count(usage.get("prompt_tokens_details"), "cached_tokens"),
        "reasoning_tokens": _count(usage.get("completion_tokens_details"), "reasoning_tokens"),
    }
    said_any = counts["prompt_tokens"] or counts["completion_tokens"]
    return Usage(**counts) if said_any and max(counts.values()) <= _MOST_TOKENS else None


def _count(counts: Any, name: str) -> int:
    value = counts.get(name) if isinstance(counts, dict) else None
    if isinstance(value, float) and not math.isfinite(value):
        return 0
    return max(0, int(value)) if isinstance(value, int | float) else 0


def _text_of(content: Any) -> str:
    """Give the text of a content field; some endpoints send a list of parts."""
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _named(error: Any) -> tuple[Outcome, str]:
    """Name an error that came inside a 200."""
    fields = error if isinstance(error, dict) else {}
    text = str(fields.get("message") or error)
    code = fields.get("code", fields.get("status"))
    status = int(str(code)) if re.fullmatch(r"[45]\d\d", str(code)) else 500
    known = f"{text} {code} {fields.get('type')}"
    if status == 500 and "rate" in known.lower() and "limit" in known.lower():
        status = 429
    return outcome_of_status(400 if status == 500 and "content_filter" in known else status, known), text
