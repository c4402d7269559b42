"""Killed at every named boundary between a question and the book, a run loses nothing and buys nothing twice."""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest

from chorus.domain.run import RunStatus
from chorus.failpoints import Failpoint
from chorus.settings import ChorusConfig
from chorus.studio import Studio, open_studio
from tests.acceptance.victim import Victims, config_of
from tests.databases import Server
from tests.endpoint import EndpointServer
from tests.figures import show

pytestmark = pytest.mark.timeout(900)
PREMISE = "A lantern burns without oil, and somebody tends it."


@dataclass(frozen=True)
class Trial:
    """One story to be killed: how long it is, how often it dies, and what draws where."""

    seed: int
    scenes: int = 4
    kills: int = 5


@dataclass
class Tally:
    """What the kills of one run cost."""

    kills: Counter[Failpoint] = field(default_factory=Counter)
    in_flight: int = 0
    """Calls that the endpoint was asked and whose answer was not in the ledger when the process died."""
    extra_calls: int = 0
    bought_again: int = 0


def what_was_asked(messages: Any) -> str:
    return json.dumps(messages, sort_keys=True)


@pytest.fixture(scope="module")
def victims() -> Victims:
    return Victims()


async def begin(studio: Studio, scenes: int) -> UUID:
    run = await studio.start_run(PREMISE, settings=studio.default_settings(scenes=scenes, words=60))
    return run.id


async def read_book(studio: Studio, run_id: UUID) -> list[tuple[str, list[str]]]:
    summary = await studio.summarise(run_id)
    assert (summary.status, summary.scenes) == (RunStatus.COMPLETE, summary.scenes_planned)
    manuscript = await studio.load_manuscript(summary.story_id)
    return [(chapter.title, [scene.text for scene in chapter.scenes]) for chapter in manuscript.chapters]


async def recorded(studio: Studio, run_id: UUID) -> Counter[str]:
    story_id = (await studio.summarise(run_id)).story_id
    async with studio.store.reading() as tx:
        calls = await tx.calls.list_of(story_id)
    return Counter(what_was_asked(call.request["messages"]) for call in calls if call.outcome.is_answer)


async def undisturbed(config: ChorusConfig, scenes: int) -> tuple[list[tuple[str, list[str]]], UUID]:
    async with open_studio(config) as studio:
        run_id = await begin(studio, scenes)
        await studio.work_on(run_id)
        return await read_book(studio, run_id), run_id


async def killed(config: ChorusConfig, endpoint: EndpointServer, victims: Victims, trial: Trial) -> tuple[Tally, Any]:
    """Write a story with kills at the boundaries, each of them before any comes again, and finish it."""
    dice, tally = Random(trial.seed), Tally()  # noqa: S311
    points = dice.sample(list(Failpoint), len(Failpoint)) + dice.choices(list(Failpoint), k=trial.kills)
    before = len(endpoint.calls)
    async with open_studio(config) as studio:
        run_id = await begin(studio, trial.scenes)
        for point in points[: trial.kills]:
            asked = len(endpoint.calls)
            known = await recorded(studio, run_id)
            if not await asyncio.to_thread(victims.die, config, run_id, point, dice.randint(0, 5)):
                break
            tally.kills[point] += 1
            await count_costs(studio, run_id, endpoint, asked, known, tally)
        asked, known = len(endpoint.calls), await recorded(studio, run_id)
        await studio.work_on(run_id)
        await count_costs(studio, run_id, endpoint, asked, known, tally)
        tally.extra_calls = len(endpoint.calls) - before
        return tally, await read_book(studio, run_id)


async def count_costs(
    studio: Studio, run_id: UUID, endpoint: EndpointServer, asked: int, known: Counter[str], tally: Tally
) -> None:
    since = Counter(what_was_asked(call.messages) for call in endpoint.calls[asked:])
    tally.bought_again += sum((since & known).values())
    tally.in_flight += sum((since - (await recorded(studio, run_id) - known)).values())


@pytest.mark.parametrize("seed", range(3))
async def test_fifteen_kills_lose_nothing_and_buy_nothing_twice(
    server: Server, tmp_path: Path, victims: Victims, seed: int
) -> None:
    tally, calls = await check(server, tmp_path, victims, Trial(seed))
    assert tally.kills.total() == len(Failpoint)
    assert calls > 0


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_two_hundred_kills(server: Server, tmp_path: Path, victims: Victims) -> None:
    kills: Counter[Failpoint] = Counter()
    in_flight = extra = 0
    for seed in range(100, 134):
        tally, calls = await check(server, tmp_path, victims, Trial(seed, scenes=8, kills=6))
        kills += tally.kills
        in_flight += tally.in_flight
        extra += tally.extra_calls - calls
    show(
        "kill -9 at the boundaries",
        [{"boundary": point.value, "kills": times} for point, times in sorted(kills.items())],
    )
    show("what they cost", [{"kills": kills.total(), "extra calls": extra, "in flight": in_flight, "bought again": 0}])
    assert kills.total() >= 200


async def check(server: Server, home: Path, victims: Victims, trial: Trial) -> tuple[Tally, int]:
    """Hold a story killed several times against the same one undisturbed; gives its cost, and the other's calls."""
    names = [server.create(), server.create()]
    try:
        with EndpointServer(latency_s=0.02) as endpoint:
            book, _ = await undisturbed(config_of(server.url(names[0]), endpoint.base_url, home), trial.scenes)
            clean = len(endpoint.calls)
            tally, same = await killed(
                config_of(server.url(names[1]), endpoint.base_url, home), endpoint, victims, trial
            )
    finally:
        for name in names:
            server.drop(name)
    assert same == book
    assert tally.bought_again == 0
    assert tally.extra_calls - clean <= tally.in_flight
    return tally, clean
