"""A collector in the test hears of every call once, by the names of the conventions, and of no prose (bar 5)."""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from pydantic import SecretStr

from chorus.domain.llm_call import LLMCall
from chorus.domain.run import RunSettings
from chorus.metrics import conventions as names
from chorus.metrics.otlp import span_id_of
from chorus.settings import AgentModelConfig, ChorusConfig, DatabaseConfig, LLMConfig, SystemConfig
from chorus.studio import open_studio
from tests.endpoint import EndpointServer
from tests.endpoint.faults import Fault, Kind

KEY = "sk-canary-otel"


class Collected:
    """What a collector was told, by signal."""

    def __init__(self) -> None:
        self.documents: dict[str, list[dict[str, Any]]] = {"traces": [], "metrics": []}
        told = self.documents

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                told[self.path.rsplit("/", 1)[-1]].append(json.loads(body))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_said: object) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def spans(self) -> list[dict[str, Any]]:
        return [
            span
            for document in self.documents["traces"]
            for resource in document["resourceSpans"]
            for scope in resource["scopeSpans"]
            for span in scope["spans"]
        ]

    def points(self, metric: str) -> list[dict[str, Any]]:
        return [
            point
            for document in self.documents["metrics"]
            for scope in document["resourceMetrics"][0]["scopeMetrics"]
            for each in scope["metrics"]
            if each["name"] == metric
            for point in each["histogram"]["dataPoints"]
        ]


@pytest.fixture
def collected() -> Iterator[Collected]:
    collector = Collected()
    thread = threading.Thread(target=collector.server.serve_forever, daemon=True)
    thread.start()
    yield collector
    collector.server.shutdown()
    thread.join(5)
    collector.server.server_close()


def told_of(span: dict[str, Any]) -> dict[str, Any]:
    """The attributes of a span as a dictionary."""

    def plain(value: dict[str, Any]) -> Any:
        ((kind, given),) = value.items()
        return int(given) if kind == "intValue" else given

    return {each["key"]: plain(each["value"]) for each in span["attributes"]}


def config_of(database_url: str, base_url: str, collector: str | None) -> ChorusConfig:
    return ChorusConfig(
        database=DatabaseConfig(url=database_url),
        llm=LLMConfig(api_base=base_url, api_key=SecretStr(KEY)),
        agents=AgentModelConfig(story_architect_model="test-model"),
        system=SystemConfig(otlp_endpoint=collector),
    )


async def test_the_spans_of_a_run_are_its_ledger(database_url: str, collected: Collected) -> None:
    faults = [None, Fault(Kind.HTTP_500), None]
    with EndpointServer(faults=faults, api_key=KEY) as endpoint:
        async with open_studio(config_of(database_url, endpoint.base_url, collected.url)) as studio:
            summary = await studio.write_story("A lantern burns without oil.", settings=RunSettings(scenes=1, words=60))
            async with studio.store.reading() as tx:
                calls = await tx.calls.list_of_run(summary.run_id)
                texts = [
                    scene.text
                    for c in (await tx.stories.load_manuscript(summary.story_id)).chapters
                    for scene in c.scenes
                ]
            assert studio._collector is not None
            await studio._collector.tell(summary.run_id)  # nothing is told twice
    spans = collected.spans()
    by_id = {span["spanId"]: span for span in spans}
    assert len(by_id) == len(spans)
    assert {span["traceId"] for span in spans} == {summary.run_id.hex}
    chats = [span for span in spans if told_of(span)[names.OPERATION_NAME] == names.CHAT]
    assert {span["spanId"] for span in chats} == {span_id_of(call) for call in calls}
    assert len(chats) == len(calls) == len(endpoint.calls)
    for call in calls:
        matches(call, by_id[span_id_of(call)], by_id)
    assert {told_of(span)[names.ERROR_TYPE] for span in chats if "status" in span} == {"server_error"}
    tokens = sum(point["sum"] for point in collected.points(names.METRIC_TOKEN_USAGE))
    assert tokens == sum(call.prompt_tokens + call.completion_tokens for call in calls)
    durations = collected.points(names.METRIC_OPERATION_DURATION)
    assert sum(int(point["count"]) for point in durations) == len(calls)
    assert len(collected.points(names.METRIC_WORKFLOW_DURATION)) == 1
    everything = json.dumps(collected.documents)
    assert KEY not in everything
    assert "lantern" not in everything.casefold()
    assert not [sentence for text in texts for sentence in re.findall(r"[^.]{25,}\.", text) if sentence in everything]


def matches(call: LLMCall, span: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> None:
    told = told_of(span)
    assert span["name"] == f"chat {call.model}"
    assert span["kind"] == 3
    assert told[names.REQUEST_MODEL] == call.model
    assert told[names.USAGE_INPUT_TOKENS] == call.prompt_tokens
    assert told[names.USAGE_OUTPUT_TOKENS] == call.completion_tokens
    assert told[names.SERVER_ADDRESS] == "127.0.0.1"
    agent = by_id[span["parentSpanId"]]
    assert told_of(agent)[names.AGENT_NAME] == call.agent
    assert agent["name"] == f"invoke_agent {call.agent}"
    root = by_id[agent["parentSpanId"]]
    assert "parentSpanId" not in root
    assert int(root["startTimeUnixNano"]) <= int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"])


async def test_a_collector_that_is_away_costs_a_run_nothing(database_url: str) -> None:
    with EndpointServer(api_key=KEY) as endpoint:
        async with open_studio(config_of(database_url, endpoint.base_url, "http://127.0.0.1:9")) as studio:
            summary = await studio.write_story("A lantern burns without oil.", settings=RunSettings(scenes=1, words=60))
    assert summary.status == "complete"
