"""Spans and histograms have the names, kinds, attributes, units and bounds that the conventions ask for (bar 5).

The names are spelt out here once more, as the conventions' text has them, so that a slip in ours is seen.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from chorus.domain.llm_call import LLMCall, Outcome
from chorus.metrics.otlp import span_id_of, trace_of
from chorus.metrics.otlp_histograms import metrics_of

BEGAN = datetime(2026, 11, 22, tzinfo=UTC)
STORY, RUN = uuid4(), uuid4()
CANARY = "The lantern burned without oil."
INFERENCE = {
    "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "gen_ai.request.temperature",
    "gen_ai.request.max_tokens", "gen_ai.request.stream", "gen_ai.response.time_to_first_chunk",
    "gen_ai.response.finish_reasons", "gen_ai.output.type", "gen_ai.conversation.id", "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens", "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.agent.name", "server.address", "server.port",
}  # fmt: skip
CALL_S = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]
METRICS = {
    "gen_ai.client.token.usage": ("{token}", [4**n for n in range(14)]),
    "gen_ai.client.operation.duration": ("s", CALL_S),
    "gen_ai.client.operation.time_to_first_chunk": ("s", CALL_S),
    "gen_ai.invoke_agent.duration": ("s", [0.1 * 2**n for n in range(13)]),
    "gen_ai.workflow.duration": ("s", [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200]),
}


def made(after_s: float, outcome: Outcome = Outcome.OK, **told: Any) -> LLMCall:
    given: dict[str, Any] = {
        "story_id": STORY, "run_id": RUN, "scene_number": 1, "agent": "scene_generator", "node": "draft_scene",
        "node_path": "scene:1/draft_scene", "prompt_version": "draft-1", "prompt_hash": "p", "model": "a-model",
        "settings": {"temperature": 0.7, "max_tokens": 900}, "settings_hash": "s", "endpoint": "api.example.org:443",
        "request": {"messages": [{"role": "user", "content": CANARY}]}, "response_text": CANARY, "outcome": outcome,
        "finish_reason": "stop", "prompt_tokens": 100, "completion_tokens": 50, "ttft_ms": 400.0, "latency_ms": 2_000.0,
        "started_at": BEGAN + timedelta(seconds=after_s),
    }  # fmt: skip
    return LLMCall.model_validate({**given, **told})


CALLS = [
    made(0, scene_number=None, agent="story_architect", node="generate_concepts", request={"response_format": {}}),
    made(2, Outcome.SERVER_ERROR, finish_reason=None, ttft_ms=None, prompt_tokens=0, completion_tokens=0),
    made(5),
    made(8, Outcome.TIMEOUT, agent="continuity_editor", node="coherence_check", finish_reason=None, ttft_ms=None),
]


def told_of(holder: dict[str, Any]) -> dict[str, Any]:
    return {each["key"]: next(iter(each["value"].values())) for each in holder["attributes"]}


@pytest.fixture(name="spans")
def all_spans() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = trace_of(CALLS)["resourceSpans"][0]["scopeSpans"][0]["spans"]
    return found


def test_spans_are_named_and_nested_as_the_conventions_say(spans: list[dict[str, Any]]) -> None:
    assert [(span["name"], span["kind"]) for span in spans] == [
        ("invoke_workflow chorus", 1),
        ("invoke_agent story_architect", 1),
        ("chat a-model", 3),
        ("invoke_agent scene_generator", 1),
        ("chat a-model", 3),
        ("chat a-model", 3),
        ("invoke_agent continuity_editor", 1),
        ("chat a-model", 3),
    ]
    assert told_of(spans[0])["gen_ai.workflow.name"] == "chorus"
    assert [told_of(span)["gen_ai.operation.name"] for span in spans[:3]] == ["invoke_workflow", "invoke_agent", "chat"]
    assert {span["parentSpanId"] for span in spans if span["kind"] == 1 and span is not spans[0]} == {
        spans[0]["spanId"]
    }
    assert [span["spanId"] for span in spans if span["kind"] == 3] == [span_id_of(call) for call in CALLS]


def test_a_call_tells_what_the_conventions_ask_for(spans: list[dict[str, Any]]) -> None:
    told = told_of(next(span for span in spans if span["spanId"] == span_id_of(CALLS[2])))
    assert {name for name in told if not name.startswith("chorus.")} == INFERENCE
    assert (told["server.address"], told["server.port"]) == ("api.example.org", "443")
    assert (told["gen_ai.provider.name"], told["gen_ai.output.type"]) == ("openai", "text")
    assert (told["gen_ai.request.stream"], told["gen_ai.response.time_to_first_chunk"]) == (True, 0.4)
    planned = told_of(next(span for span in spans if span["spanId"] == span_id_of(CALLS[0])))
    assert planned["gen_ai.output.type"] == "json"


def test_only_what_failed_has_an_error(spans: list[dict[str, Any]]) -> None:
    failed = {span["spanId"]: told_of(span)["error.type"] for span in spans if "error.type" in told_of(span)}
    assert sorted(failed.values()) == [
        "server_error",
        "timeout",
        "timeout",
    ]  # the call, and the agent it was the last of
    assert {span["spanId"] for span in spans if span.get("status") == {"code": 2}} == failed.keys()
    assert all("status" not in span or span["spanId"] in failed for span in spans)


def test_histograms_have_the_units_and_bounds_of_the_conventions() -> None:
    metrics = metrics_of(CALLS)["resourceMetrics"][0]["scopeMetrics"][0]["metrics"]
    assert [metric["name"] for metric in metrics] == list(METRICS)
    for metric in metrics:
        unit, bounds = METRICS[metric["name"]]
        assert metric["unit"] == unit
        for point in metric["histogram"]["dataPoints"]:
            assert point["explicitBounds"] == pytest.approx(bounds)
            assert sum(map(int, point["bucketCounts"])) == int(point["count"])
            assert len(point["bucketCounts"]) == len(bounds) + 1


def test_histograms_add_up_to_the_calls_and_their_spans() -> None:
    metrics = {
        metric["name"]: metric["histogram"]["dataPoints"]
        for metric in metrics_of(CALLS)["resourceMetrics"][0]["scopeMetrics"][0]["metrics"]
    }
    used = {
        (told_of(p)["gen_ai.agent.name"], told_of(p)["gen_ai.token.type"]): p["sum"]
        for p in metrics["gen_ai.client.token.usage"]
    }
    assert used[("scene_generator", "input")] == 100
    assert sum(used.values()) == sum(call.prompt_tokens + call.completion_tokens for call in CALLS)
    durations = {
        told_of(p).get("error.type"): p
        for p in metrics["gen_ai.client.operation.duration"]
        if told_of(p)["gen_ai.agent.name"] == "scene_generator"
    }
    assert {kind: point["sum"] for kind, point in durations.items()} == {None: 2.0, "server_error": 2.0}
    assert sum(int(point["count"]) for point in metrics["gen_ai.client.operation.time_to_first_chunk"]) == 2
    assert [point["sum"] for point in metrics["gen_ai.workflow.duration"]] == [10.0]
    assert {told_of(p)["gen_ai.agent.name"]: p["sum"] for p in metrics["gen_ai.invoke_agent.duration"]} == {
        "story_architect": 2.0,
        "scene_generator": 5.0,
        "continuity_editor": 2.0,
    }


def test_nothing_that_was_said_is_told() -> None:
    assert "lantern" not in f"{trace_of(CALLS)}{metrics_of(CALLS)}"
