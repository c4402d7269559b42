"""The bars of the story engine that are about time and growth: ``./run soak tests/acceptance/test_engine.py``."""

import gc
import math
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from pydantic import SecretStr

from chorus.domain.run import Continuity, RunEvent, RunStatus
from chorus.settings import AgentModelConfig, ChorusConfig, DatabaseConfig, LLMConfig
from chorus.studio import Studio, open_studio
from chorus.worker.garbage import collect_seldom
from tests.databases import Server
from tests.endpoint import Call, EndpointServer, idle_share
from tests.figures import show

PREMISE = "A lighthouse keeper finds a letter in a bottle."
CALM = {"CheckAnswer": ['{"consistent": true, "findings": []}'] * 500}
"""Every scene is a clean one."""
MOST_AT_ONCE = 8
RUNS = 20
pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]


@pytest.fixture(autouse=True)
def a_tidy_process() -> Iterator[None]:
    """Let the collector look as seldom as in a worker, and not at all that pytest holds."""
    before = gc.get_threshold()
    collect_seldom()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


class Clock:
    """A watcher that keeps when things happened."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, RunEvent]] = []

    def event(self, event: RunEvent) -> None:
        self.heard.append((time.time(), event))

    def prose(self, scene_number: int, piece: str) -> None:
        pass

    def committed_s(self, number: int) -> float:
        return next(at for at, event in self.heard if (event.kind, event.scene_number) == ("scene_committed", number))


def config_of(url: str, endpoint: EndpointServer) -> ChorusConfig:
    return ChorusConfig(
        database=DatabaseConfig(url=url),
        llm=LLMConfig(api_base=endpoint.base_url, api_key=SecretStr("canary-key")),
        agents=AgentModelConfig(story_architect_model="test-model"),
    )


async def write(url: str, endpoint: EndpointServer, clock: Clock, **chosen: Any) -> UUID:
    async with open_studio(config_of(url, endpoint)) as studio:
        summary = await studio.write_story(PREMISE, settings=studio.default_settings(**chosen), watcher=clock)
        assert summary.status is RunStatus.COMPLETE
        return summary.story_id


def span_s(calls: list[Call]) -> float:
    return max(call.ended_s or 0 for call in calls) - min(call.began_s for call in calls)


async def test_twelve_scenes_one_after_another(server: Server) -> None:
    """Bar 1: at most 50 calls, and the endpoint idle for at most 5 % of the time."""
    with EndpointServer(latency_s=1.0, says=CALM) as endpoint:
        await write(server.url(server.create()), endpoint, Clock(), scenes=12, words=300)
    idle = idle_share(endpoint.calls)
    row = {"calls": len(endpoint.calls), "span s": span_s(endpoint.calls), "idle": idle}
    show("serial, 12 scenes, 1 s a call", [row])
    assert len(endpoint.calls) <= 50
    assert idle <= 0.05


async def test_twenty_four_scenes_in_a_window_of_eight(server: Server) -> None:
    """Bar 2: 19.5 s from the first to the last call, at most 86 of them, never more than 8 at once."""
    clock = Clock()
    with EndpointServer(latency_s=1.0, says=CALM) as endpoint:
        await write(server.url(server.create()), endpoint, clock, scenes=24, words=120, **_window())
    again = sum(event.kind == "look_again" for _, event in clock.heard)
    row = {
        "calls": len(endpoint.calls),
        "span s": span_s(endpoint.calls),
        "most at once": endpoint.most_in_flight,
        "checked again": again,
    }
    show("parallel, 24 scenes, 1 s a call, window 8", [row])
    assert len(endpoint.calls) <= 86
    assert endpoint.most_in_flight <= MOST_AT_ONCE
    assert row["span s"] <= 19.5


async def test_forty_scenes_keep_the_window_busy(server: Server) -> None:
    """Bar 2: from the first draft to the last commit at most 1.15 x what the endpoint's latency leaves possible."""
    clock, scenes = Clock(), 40
    with EndpointServer(latency_s=1.0, says=CALM) as endpoint:
        await write(server.url(server.create()), endpoint, clock, scenes=scenes, words=120, **_window())
    began = min(call.began_s for call in endpoint.calls if call.schema_name is None)
    ended = clock.committed_s(scenes)
    work = sum((c.ended_s or c.began_s) - c.began_s for c in endpoint.calls if began <= c.began_s < ended)
    possible = max(2.0 * math.ceil(scenes / MOST_AT_ONCE), work / MOST_AT_ONCE)
    row = {"took s": ended - began, "possible s": possible, "ratio": (ended - began) / possible}
    show("parallel, 40 scenes, window 8: first draft to last commit", [row])
    assert row["ratio"] <= 1.15


async def test_sixty_scenes_do_not_grow_heavier(server: Server) -> None:
    """Bar 3: prompts, rows and work beside the calls, late in a long book against early in it."""
    url, clock = server.url(server.create()), Clock()
    empty = _sizes(url)
    with EndpointServer(latency_s=0.05, says=CALM) as endpoint:
        story_id = await write(url, endpoint, clock, scenes=60)
        async with open_studio(config_of(url, endpoint)) as studio:
            prompts, spans = await _calls_of(studio, story_id)
            prose = sum(
                len(s.text.encode()) for c in (await studio.load_manuscript(story_id)).chapters for s in c.scenes
            )
    early, late = _mean(prompts, range(6, 16)), _mean(prompts, range(51, 61))
    beside_early, beside_late = _beside(clock, spans, range(6, 16)), _beside(clock, spans, range(51, 61))
    grown = {name: size - empty.get(name, 0) for name, size in _sizes(url).items()}
    heaviest = sorted(grown.items(), key=lambda entry: -entry[1])[:8]
    show("what 60 scenes take", [{"table": name, "bytes": size, "x prose": size / prose} for name, size in heaviest])
    row = {
        "prompt 6-15": early,
        "prompt 51-60": late,
        "ratio": late / early,
        "beside calls 6-15 s": beside_early,
        "beside calls 51-60 s": beside_late,
        "ratio of time": beside_late / beside_early,
        "growth / prose": sum(grown.values()) / prose,
    }
    show("serial, 60 scenes", [row])
    assert row["ratio"] <= 1.3
    assert row["ratio of time"] <= 1.3
    assert row["growth / prose"] <= 10


async def test_twenty_runs_make_the_same_book(server: Server) -> None:
    """Bar 7: the same answers at any latency, the same texts, facts, states and memories."""
    books = []
    for seed in range(RUNS):
        with EndpointServer(latency_s=0.03, jitter=seed, ties=True) as endpoint:
            url = server.url(server.create())
            story_id = await write(url, endpoint, Clock(), scenes=8, words=80, **_window(4))
            async with open_studio(config_of(url, endpoint)) as studio:
                books.append(await book_of(studio, story_id))
    show("the same answers, random latencies", [{"runs": RUNS, "different books": len({repr(b) for b in books})}])
    assert len(books[0]["ties"]) > 8, "several at a time, so that their order tells"
    assert all(book == books[0] for book in books)


async def book_of(studio: Studio, story_id: UUID) -> dict[str, Any]:
    """Text, canon and memory of a story, without ids."""
    manuscript = await studio.load_manuscript(story_id)
    async with studio.store.reading() as tx:
        names = {c.id: c.name for c in await tx.stories.list_characters(story_id)}
        states = [s for number in range(9) for s in await tx.canon.list_states(story_id, number)]
        return {
            "texts": [s.text for c in manuscript.chapters for s in c.scenes],
            "facts": [(f.statement, f.valid_from, f.valid_to) for f in await tx.canon.list_facts(story_id)],
            "ties": [
                (tie.valid_from, names[tie.character_id], names[tie.other_id], tie.kind, tie.valid_to)
                for tie in await tx.stories.list_relationships(story_id)
            ],
            "prompts": sorted((call.node_path, call.prompt_hash) for call in await tx.calls.list_of(story_id)),
            "states": [(names[s.character_id], s.scene_number, s.place, s.condition, s.alive) for s in states],
            "memories": sorted((m.scene_number, m.kind, m.number, m.text) for m in await tx.memories.list_of(story_id)),
        }


def _window(scenes: int = MOST_AT_ONCE) -> dict[str, Any]:
    return {"continuity": Continuity.PARALLEL, "concurrency": scenes}


def _sizes(url: str) -> dict[str, int]:
    """Bytes of every table but the ledger, without indexes."""
    query = "SELECT relname, pg_table_size(oid) FROM pg_class WHERE relkind = 'r' AND relname <> 'llm_call'"
    with psycopg.connect(url) as connection:
        return {str(name): int(size) for name, size in connection.execute(query).fetchall()}


async def _calls_of(studio: Studio, story_id: UUID) -> tuple[dict[int, int], list[tuple[datetime, datetime]]]:
    """Characters of each scene's prompts, and from when to when the calls were out."""
    async with studio.store.reading() as tx:
        calls = await tx.calls.list_of(story_id)
    sizes: dict[int, int] = {}
    for call in calls:
        if call.scene_number:
            asked = sum(len(message["content"]) for message in call.request["messages"])
            sizes[call.scene_number] = sizes.get(call.scene_number, 0) + asked
    return sizes, [(call.started_at, call.ended_at) for call in calls if call.ended_at]


def _mean(sizes: dict[int, int], scenes: range) -> float:
    return sum(sizes[number] for number in scenes) / len(scenes)


def _beside(clock: Clock, spans: list[tuple[datetime, datetime]], scenes: range) -> float:
    """Seconds for each of these scenes in which no call was out."""
    begin, end = clock.committed_s(scenes[0] - 1), clock.committed_s(scenes[-1])
    reach, out = begin, 0.0
    for began, ended in sorted((a.timestamp(), b.timestamp()) for a, b in spans):
        out += max(0.0, min(ended, end) - max(began, reach))
        reach = max(reach, min(ended, end))
    return (end - begin - out) / len(scenes)
