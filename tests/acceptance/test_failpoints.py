"""Killed at every named boundary between a question and the book, a run loses nothing and buys nothing twice."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest

from chorus.domain.run import Continuity, RunStatus
from chorus.failpoints import Failpoint
from chorus.settings import ChorusConfig
from chorus.studio import Studio, open_studio
from tests.acceptance.victim import Victims, config_of
from tests.databases import Server
from tests.endpoint import EndpointServer
from tests.figures import show

pytestmark = pytest.mark.timeout(900)
AT_ONCE = 2
WINDOW = 3
type Book = list[tuple[str, list[str]]]
"""Chapters by title, with the texts of their scenes."""
PREMISE = "A lantern burns without oil, and somebody tends it."


@dataclass(frozen=True)
class Trial:
    """One story to be killed: how long it is, how often it dies, what draws where, and whether in parallel."""

    seed: int
    scenes: int = 4
    kills: int = 5
    window: int = 1
    """How many scenes may be at work at once."""


@dataclass
class Tally:
    """What the kills of one run cost."""

    kills: Counter[Failpoint] = field(default_factory=Counter)
    in_flight: int = 0
    """Calls that the endpoint was asked and whose answer was not in the ledger when the process died."""
    calls: int = 0
    bought_again: int = 0


def what_was_asked(messages: Any) -> str:
    return json.dumps(messages, sort_keys=True)


@pytest.fixture(scope="module")
def victims() -> Victims:
    return Victims()


async def begin(studio: Studio, scenes: int, window: int) -> UUID:
    continuity = Continuity.PARALLEL if window > 1 else Continuity.SERIAL
    settings = studio.default_settings(scenes=scenes, words=60, continuity=continuity, concurrency=window)
    return (await studio.start_run(PREMISE, settings=settings)).id


async def read_book(studio: Studio, run_id: UUID) -> Book:
    summary = await studio.summarise(run_id)
    assert (summary.status, summary.scenes) == (RunStatus.COMPLETE, summary.scenes_planned)
    manuscript = await studio.load_manuscript(summary.story_id)
    return [(chapter.title, [scene.text for scene in chapter.scenes]) for chapter in manuscript.chapters]


async def recorded(studio: Studio, run_id: UUID) -> Counter[str]:
    story_id = (await studio.summarise(run_id)).story_id
    async with studio.store.reading() as tx:
        calls = await tx.calls.list_of(story_id)
    return Counter(what_was_asked(call.request["messages"]) for call in calls if call.outcome.is_answer)


async def undisturbed(config: ChorusConfig, scenes: int, window: int) -> Book:
    async with open_studio(config) as studio:
        run_id = await begin(studio, scenes, window)
        await studio.work_on(run_id)
        return await read_book(studio, run_id)


async def killed(config: ChorusConfig, endpoint: EndpointServer, victims: Victims, trial: Trial) -> tuple[Tally, Book]:
    """Write a story with kills at the boundaries, each of them before any comes again, and finish it."""
    dice, tally = Random(trial.seed), Tally()  # noqa: S311
    points = dice.sample(list(Failpoint), len(Failpoint)) + dice.choices(list(Failpoint), k=trial.kills)
    async with open_studio(config) as studio:
        run_id = await begin(studio, trial.scenes, trial.window)
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
        tally.calls = len(endpoint.calls)
        return tally, await read_book(studio, run_id)


async def count_costs(
    studio: Studio, run_id: UUID, endpoint: EndpointServer, asked: int, known: Counter[str], tally: Tally
) -> None:
    since = Counter(what_was_asked(call.messages) for call in endpoint.calls[asked:])
    tally.bought_again += sum((since & known).values())
    tally.in_flight += sum((since - (await recorded(studio, run_id) - known)).values())


@dataclass(frozen=True)
class Undisturbed:
    """A story that nobody was killed in writing: what it says, and how often the endpoint was asked."""

    book: Book
    calls: int


type References = dict[tuple[int, int], Undisturbed]
"""By the number of scenes and the window."""


@pytest.fixture(scope="module")
def references() -> References:
    """What the killed stories are held against; the endpoint says the same to the same."""
    return {}


async def reference_of(references: References, server: Server, home: Path, trial: Trial) -> Undisturbed:
    kind = (trial.scenes, trial.window)
    if kind not in references:
        with EndpointServer(latency_s=0.02) as endpoint, fresh(server) as url:
            book = await undisturbed(config_of(url, endpoint.base_url, home), *kind)
            references[kind] = Undisturbed(book, len(endpoint.calls))
    return references[kind]


@pytest.mark.parametrize(("seed", "window"), [(0, 1), (1, 1), (2, WINDOW)])
async def test_fifteen_kills_lose_nothing_and_buy_nothing_twice(
    server: Server, tmp_path: Path, victims: Victims, references: References, seed: int, window: int
) -> None:
    trial = Trial(seed, window=window)
    tally = await check(server, tmp_path, victims, await reference_of(references, server, tmp_path, trial), trial)
    assert tally.kills.total() == len(Failpoint)


@pytest.mark.soak
@pytest.mark.timeout(1200)
async def test_two_hundred_kills(server: Server, tmp_path: Path, victims: Victims, references: References) -> None:
    """Stories are killed two at a time: a victim that starts leaves the other core to one that works."""
    trials = [Trial(seed, scenes=6, kills=6, window=WINDOW if seed % 2 else 1) for seed in range(100, 134)]
    clean = [await reference_of(references, server, tmp_path, trial) for trial in trials]
    places = asyncio.Semaphore(AT_ONCE)

    async def one(trial: Trial, whole: Undisturbed) -> Tally:
        async with places:
            return await check(server, tmp_path, victims, whole, trial)

    began_s = time.monotonic()
    tallies = await asyncio.gather(*map(one, trials, clean))
    took_s = time.monotonic() - began_s
    kills = sum((tally.kills for tally in tallies), Counter[Failpoint]())
    show(
        "kill -9 at the boundaries",
        [{"boundary": point.value, "kills": times} for point, times in sorted(kills.items())],
    )
    figures = {
        "stories": len(trials),
        "kills": kills.total(),
        "extra calls": sum(tally.calls - whole.calls for tally, whole in zip(tallies, clean, strict=True)),
        "in flight": sum(tally.in_flight for tally in tallies),
        "bought again": sum(tally.bought_again for tally in tallies),
        "seconds": round(took_s),
    }
    show("what they cost", [figures])
    assert kills.total() >= 200


async def check(server: Server, home: Path, victims: Victims, clean: Undisturbed, trial: Trial) -> Tally:
    """Hold a story killed several times against the same one undisturbed; gives what the kills cost."""
    with EndpointServer(latency_s=0.02) as endpoint, fresh(server) as url:
        tally, book = await killed(config_of(url, endpoint.base_url, home), endpoint, victims, trial)
    assert book == clean.book
    assert tally.bought_again == 0
    assert tally.calls - clean.calls <= tally.in_flight
    return tally


@contextmanager
def fresh(server: Server) -> Iterator[str]:
    name = server.create()
    try:
        yield server.url(name)
    finally:
        server.drop(name)
