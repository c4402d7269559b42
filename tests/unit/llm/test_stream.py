import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.domain.llm_call import Outcome, Usage
from chorus.llm.stream import ChatStream
from chorus.llm.wire import ChatReply


def event(value: Any) -> bytes:
    return b"data: " + (value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()) + b"\n\n"


def piece(text: str | None = None, finish: str | None = None, **delta: Any) -> bytes:
    return event({"choices": [{"delta": {"content": text, **delta}, "finish_reason": finish}]})


def read(*chunks: bytes) -> ChatReply:
    stream = ChatStream()
    for chunk in chunks:
        stream.feed(chunk)
    return stream.reply()


DONE = event(b"[DONE]")
SAID = ["delta", "message", "content", "text", "refusal", "finish_reason", "error", "code"]
COUNTED = ["usage", "prompt_tokens", "completion_tokens", "prompt_tokens_details", "cached_tokens"]
NAMES = st.sampled_from(["choices", *SAID, *COUNTED])
USAGE = event({"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 3}})


@given(cuts=st.lists(st.integers(0, 400), max_size=12))
def test_it_does_not_matter_where_the_bytes_are_cut(cuts: list[int]) -> None:
    whole = b": hello\r\n\r\n" + piece("Ende  gut,") + piece(" alles\u2028 gut 🌊") + piece(None, "stop") + USAGE + DONE
    edges = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    reply = read(*(whole[a:b] for a, b in pairwise(edges)))
    assert (reply.outcome, reply.text) == (Outcome.OK, "Ende  gut, alles\u2028 gut 🌊")
    assert reply.usage == Usage(prompt_tokens=9, completion_tokens=3)


@pytest.mark.parametrize(
    ("chunks", "outcome", "text"),
    [
        ([piece("a"), piece(None, "length"), DONE], Outcome.TRUNCATED, "a"),
        ([piece("a", "max_tokens")], Outcome.TRUNCATED, "a"),
        ([piece("a", "content_filter"), DONE], Outcome.CONTENT_FILTER, "a"),
        ([piece(None, "stop", refusal="No."), DONE], Outcome.REFUSAL, "No."),
        ([piece("a"), DONE], Outcome.OK, "a"),
        ([piece("a")], Outcome.STREAM_CUT, "a"),
        ([], Outcome.STREAM_CUT, ""),
        ([piece("a"), event({"error": {"message": "x", "code": 503}})], Outcome.SERVER_ERROR, "a"),
        ([event({"error": {"message": "Rate limit reached"}})], Outcome.RATE_LIMITED, ""),
        ([event({"error": "context_length exceeded"})], Outcome.CONTEXT_OVERFLOW, ""),
        ([piece("a\x00b", "stop")], Outcome.OK, "ab"),
        ([piece(None, "stop", content=[{"type": "text", "text": "a"}])], Outcome.OK, "a"),
        ([piece(None, "stop", reasoning_content="hm", content="a")], Outcome.OK, "a"),
        ([event(b"{oops"), event(b"{oops")], Outcome.NOT_AN_LLM, ""),
        ([b"<!doctype html><p>Sign in"], Outcome.NOT_AN_LLM, ""),
        ([b'{"hello": "world"}'], Outcome.NOT_AN_LLM, ""),
        ([b'{"choices": [{"message": {"content": "a"}, ', b'"finish_reason": "stop"}]}'], Outcome.OK, "a"),
        ([b'{\n "error": {"message": "overloaded"}}'], Outcome.SERVER_ERROR, ""),
        ([b'{"choices": [null]}'], Outcome.NOT_AN_LLM, ""),
        ([b'{"choices": ["hi"]}'], Outcome.NOT_AN_LLM, ""),
        ([b'{"choices": "hi"}'], Outcome.NOT_AN_LLM, ""),
        ([b'{"choices": [{"message": "hi", "finish_reason": "stop"}]}'], Outcome.NOT_AN_LLM, ""),
        ([event({"choices": [{"delta": "hi"}]}), DONE], Outcome.NOT_AN_LLM, ""),
        ([event({"choices": [None]}), DONE], Outcome.NOT_AN_LLM, ""),
        ([event({"choices": [None]}), piece("a", "stop")], Outcome.OK, "a"),
        ([event(b"[" * 200_000)], Outcome.NOT_AN_LLM, ""),
        ([b"[" * 200_000], Outcome.NOT_AN_LLM, ""),
    ],
)
def test_every_ending_has_a_name(chunks: list[bytes], outcome: Outcome, text: str) -> None:
    reply = read(*chunks)
    assert (reply.outcome, reply.text) == (outcome, text)


def test_a_cut_keeps_what_had_come() -> None:
    stream = ChatStream()
    stream.feed(piece("Once"))
    reply = stream.broken_off(Outcome.TIMEOUT, "too slow")
    assert (reply.outcome, reply.text, reply.error) == (Outcome.TIMEOUT, "Once", "too slow")


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(said=st.lists(ANY_JSON, max_size=4), is_events=st.booleans(), ends=st.booleans())
def test_whatever_json_comes_it_has_a_name_and_can_be_kept(said: list[Any], is_events: bool, ends: bool) -> None:
    lines = [json.dumps(value).encode() for value in said]
    reply = read(*(map(event, lines) if is_events else lines), *([DONE] if ends and is_events else []))
    kept = (reply.text, reply.finish_reason or "", reply.error or "")
    assert all("\x00" not in text and text.encode() is not None for text in kept)
    assert len(reply.finish_reason or "") <= 60
    assert reply.usage is None or 0 < reply.usage.prompt_tokens + reply.usage.completion_tokens < 2**31


@pytest.mark.parametrize("count", [b"NaN", b"1e999", b"-Infinity", b"99999999999999", b"1" * 400, b'"9"', b"[]"])
def test_a_count_that_cannot_be_is_not_believed(count: bytes) -> None:
    usage = event(b'{"choices": [], "usage": {"prompt_tokens": %s, "completion_tokens": %s}}' % (count, count))
    reply = read(piece("a", "stop"), usage, DONE)
    assert (reply.outcome, reply.text, reply.usage) == (Outcome.OK, "a", None)


def test_what_postgres_cannot_keep_is_dropped() -> None:
    choice = {"delta": {"content": "a"}, "finish_reason": "st\x00op\ud800" + "x" * 500}
    reply = read(event(json.dumps({"choices": [choice]}).encode()))
    assert reply.finish_reason == "stop" + "x" * 56
    error = read(event(json.dumps({"error": {"message": "no \x00 \ud800 way", "code": 500}}).encode())).error
    assert error == "no   way"


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": None}, {"prompt_tokens": "many"}, [1]])
def test_missing_usage_is_none(usage: object) -> None:
    assert read(piece("a", "stop"), event({"choices": [], "usage": usage}), DONE).usage is None
