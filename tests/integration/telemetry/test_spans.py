"""A collector in the test hears of every call once, by the names of the conventions, and of no prose (bar 5)."""

import asyncio
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from chorus.domain.llm_call import LLMCall
from chorus.domain.run import RunSettings
from chorus.experiments.design import design_of
from chorus.metrics import conventions as names
from chorus.metrics.otlp import span_id_of
from chorus.redaction import redact
from chorus.settings import AgentModelConfig, ChorusConfig, DatabaseConfig, LLMConfig, SystemConfig
from chorus.studio import open_studio
from tests.endpoint import EndpointServer
from tests.endpoint.faults import Fault, Kind

KEY = "sk-canary-otel"


class Collected:
    """What a collector was told, by signal."""

    def __init__(self) -> None:
        self.documents: dict[str, list[dict[str, Any]]] = {"traces": [], "metrics": []}
        self.headers: list[dict[str, str]] = []
        told, brought = self.documents, self.headers

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                brought.append({name.lower(): value for name, value in self.headers.items()})
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


def config_of(database_url: str, base_url: str, collector: str | None, **told: Any) -> ChorusConfig:
    return ChorusConfig(
        database=DatabaseConfig(url=database_url),
        llm=LLMConfig(api_base=base_url, api_key=SecretStr(KEY)),
        agents=AgentModelConfig(story_architect_model="test-model"),
        system=SystemConfig(otlp_endpoint=collector, **told),
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


async def test_prose_is_told_to_who_asks_for_it_and_the_key_to_the_collector_only(
    database_url: str, collected: Collected, caplog: pytest.LogCaptureFixture
) -> None:
    secret = SecretStr("authorization=Bearer%20collector-canary-1, x-team=lamp")
    with EndpointServer(api_key=KEY) as endpoint:
        config = config_of(database_url, endpoint.base_url, collected.url, otlp_headers=secret, otlp_prose=True)
        async with open_studio(config) as studio:
            summary = await studio.write_story("A lantern burns without oil.", settings=RunSettings(scenes=1, words=60))
            async with studio.store.reading() as tx:
                calls = {span_id_of(call): call for call in await tx.calls.list_of_run(summary.run_id)}
    assert {(told["authorization"], told["x-team"]) for told in collected.headers} == {
        ("Bearer collector-canary-1", "lamp")
    }
    chats = [span for span in collected.spans() if span["spanId"] in calls]
    assert len(chats) == len(calls)
    for span in chats:
        told, call = told_of(span), calls[span["spanId"]]
        (answer,) = json.loads(told[names.OUTPUT_MESSAGES])
        assert answer["parts"] == [{"type": "text", "content": call.response_text}]
        said = [part["content"] for part in json.loads(told.get(names.SYSTEM_INSTRUCTIONS, "[]"))]
        said += [part["content"] for each in json.loads(told[names.INPUT_MESSAGES]) for part in each["parts"]]
        assert sorted(said) == sorted(message["content"] for message in call.request["messages"])
    everything = json.dumps(collected.documents) + repr(config) + caplog.text
    assert "lantern" in everything
    assert "canary" not in everything
    assert "collector-canary-1" not in redact("It says: collector-canary-1!", config.secrets())
    assert "lamp" not in redact("x-team: lamp", config.secrets())


async def test_one_run_is_taken_away_from_the_terminal(database_url: str, tmp_path: Path) -> None:
    with EndpointServer(api_key=KEY) as endpoint:
        config = config_of(database_url, endpoint.base_url, None)
        async with open_studio(config) as studio:
            summary = await studio.write_story("A lantern burns without oil.", settings=RunSettings(scenes=1, words=60))
            async with studio.store.reading() as tx:
                calls = await tx.calls.list_of_run(summary.run_id)
    plain, whole = tmp_path / "plain.json", tmp_path / "whole.json"
    for said in (["-o", plain], ["--prose", "-o", whole]):
        command = [sys.executable, "-m", "chorus", "trace", str(summary.run_id)[:8], *map(str, said)]
        environment = {**os.environ, "DATABASE_URL": database_url}
        await asyncio.to_thread(subprocess.run, command, env=environment, check=True, timeout=60)
    for file in (plain, whole):
        (resource,) = json.loads(file.read_text(encoding="utf-8"))["resourceSpans"]
        spans = {span["spanId"] for scope in resource["scopeSpans"] for span in scope["spans"]}
        assert {span_id_of(call) for call in calls} <= spans
    assert "lantern" not in plain.read_text(encoding="utf-8")
    assert "lantern" in whole.read_text(encoding="utf-8")


async def test_what_a_judge_was_asked_is_told_once_though_no_run_asked_it(
    database_url: str, collected: Collected
) -> None:
    design = design_of(
        {
            "name": "Judged",
            "premises": ["A lantern burns without oil."],
            "settings": {"scenes": 1, "words": 60},
            "arms": [{"name": "plain"}, {"name": "hot", "temperature": 1.5}],
        }
    )
    with EndpointServer(api_key=KEY) as endpoint:
        async with open_studio(config_of(database_url, endpoint.base_url, collected.url)) as studio:
            experiment = await studio.begin_experiment(design)
            outcome = await studio.conduct_experiment(experiment.id)
            before = len(collected.spans())
            for _ in range(2):
                await studio.judge_experiment(experiment.id)
            stories = [trial.story_id for trial in outcome.trials if trial.story_id]
            async with studio.store.reading() as tx:
                calls = [call for story_id in stories for call in await tx.calls.list_without_run(story_id)]
    told = collected.spans()[before:]
    chats = [span["spanId"] for span in told if span["name"].startswith("chat ")]
    assert calls
    assert sorted(chats) == sorted(span_id_of(call) for call in calls)
    assert {span["traceId"] for span in told} <= {story_id.hex for story_id in stories}
