"""How much the HTTP API bears: reading, writing and following at rising numbers of clients. A table on stdout.

    python -m benchmarks.api_load [--clients 10 50 200] [--followers 20] [--seconds 10] [--stories 30]

A real ``chorus api`` before a database of its own that has some stories, with a test endpoint and one worker behind it.
Each client asks without a pause: nine in ten requests read (library, story, scenes, search, calls, metrics), one writes
(an estimate, a text imported, a story begun and cancelled). Beside them some follow a run's events until the step is
over. CPU is the API's, as a share of one core; figures of a machine that does other work as well are upper bounds.
"""

import argparse
import asyncio
import itertools
import os
import socket
import statistics
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import psycopg

from benchmarks.scaling import started
from chorus.embedded import EmbeddedPostgres
from chorus.store import upgrade
from tests.figures import show

WARM_UP_S = 300.0
TEXT = "# The Quay {number}\n\n## One\n\nMara held a silver key. A grebe dived.\n\n## Two\n\nThe sea was quiet.\n"
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname = 'chorus'"
WRITES_EVERY = 10


@dataclass
class Tally:
    """What clients met in one step."""

    read_s: list[float] = field(default_factory=list)
    write_s: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    """Requests without an answer, and streams that ended before their time."""
    frames: int = 0

    @property
    def errors(self) -> int:
        """Answers of 500 and above, and what had no answer."""
        return self.broken + sum(count for status, count in self.statuses.items() if status >= 500)

    def row(self, clients: int, took_s: float) -> dict[str, object]:
        """The step as a line of the table."""
        return {
            "clients": clients,
            "requests/s": sum(self.statuses.values()) / took_s,
            "read p50 ms": 1000 * statistics.median(self.read_s),
            "read p95 ms": 1000 * _p95(self.read_s),
            "write p95 ms": 1000 * _p95(self.write_s),
            "errors": self.errors,
            "frames": self.frames,
        }


class House:
    """A running API with stories in it."""

    def __init__(self, url: str, process: psutil.Process, rows: psycopg.Connection, stories: int) -> None:
        self.url = url
        self.process = process
        self._rows = rows
        with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
            self.stories = [
                str(client.post("/api/stories/import", json={"text": TEXT.format(number=number)}).json()["story_id"])
                for number in range(stories)
            ]
            self.run = client.post("/api/stories", json={"premise": "A keeper.", "scenes": 4, "words": 60}).json()

    def held(self) -> dict[str, object]:
        """What the API and the server hold now."""
        found = self._rows.execute(CONNECTIONS).fetchone()
        return {"RSS MB": self.process.memory_info().rss / 2**20, "connections": found[0] if found else 0}

    def cpu_s(self) -> float:
        """What the API has worked so far."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


async def step(house: House, clients: int, followers: int, seconds: float) -> Tally:
    """Let so many clients ask for so long, and others follow."""
    tally, until_s = Tally(), time.monotonic() + seconds
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=house.url, timeout=60, trust_env=False, limits=limits) as client:
        asking = [_ask(client, house, tally, until_s, number) for number in range(clients)]
        await asyncio.gather(*asking, *(_follow(client, house, tally, until_s) for _ in range(followers)))
    return tally


async def _ask(client: httpx.AsyncClient, house: House, tally: Tally, until_s: float, number: int) -> None:
    story = house.stories[number % len(house.stories)]
    reads = itertools.cycle(
        [
            "/api/stories?limit=20",
            f"/api/stories/{story}",
            f"/api/stories/{story}/scenes",
            f"/api/memories/search?q=a%20silver%20key&story_id={story}",
            "/api/llm-calls?limit=20",
            f"/api/stories/{story}/memories?limit=20",
            "/api/metrics",
            f"/api/stories/{story}/manuscript",
            "/api/runs?limit=20",
        ]
    )
    for turn in itertools.count(number):
        if time.monotonic() > until_s:
            return
        began_s, writes = time.monotonic(), turn % WRITES_EVERY == 0
        try:
            answers = await _write(client, turn) if writes else [await client.get(next(reads))]
        except httpx.HTTPError:
            tally.broken += 1
            continue
        (tally.write_s if writes else tally.read_s).append((time.monotonic() - began_s) / len(answers))
        tally.statuses.update(answer.status_code for answer in answers)


async def _write(client: httpx.AsyncClient, turn: int) -> list[httpx.Response]:
    """Change something; what a worker would only do for the figures' sake is taken back at once."""
    match turn // WRITES_EVERY % 3:
        case 0:
            return [await client.post("/api/stories/estimate", json={"premise": "A keeper.", "scenes": 4})]
        case 1:
            return [await client.post("/api/stories/import", json={"text": TEXT.format(number=turn)})]
    begun = await client.post("/api/stories", json={"premise": "A keeper.", "scenes": 1, "words": 60})
    return [begun, await client.post(f"/api/runs/{begun.json()['run_id']}/cancel")]


async def _follow(client: httpx.AsyncClient, house: House, tally: Tally, until_s: float) -> None:
    """Follow the run of the house until the time is over; a run that has ended is followed from the start again."""
    with suppress(TimeoutError):
        async with asyncio.timeout(max(0.0, until_s - time.monotonic())):
            while True:
                try:
                    async with client.stream("GET", f"/api/runs/{house.run['run_id']}/events") as answer:
                        tally.statuses[answer.status_code] += 1
                        async for line in answer.aiter_lines():
                            tally.frames += line.startswith("event:")
                except httpx.HTTPError:
                    tally.broken += 1
                await asyncio.sleep(1)


def measure(
    clients: Sequence[int], *, followers: int, seconds: float, stories: int
) -> tuple[list[dict[str, object]], list[Tally]]:
    """Run a house, step by step; a line and a tally for each."""
    with tempfile.TemporaryDirectory(prefix="chorus-load-", ignore_cleanup_errors=True) as home, ExitStack() as open_:
        Path(home).chmod(0o711)
        postgres = EmbeddedPostgres(Path(home))
        try:
            url = postgres.ensure()
            upgrade(url)
            house = _open_house(open_, url, stories)
            lines, tallies = [], []
            for many in clients:
                cpu_s, began_s = house.cpu_s(), time.monotonic()
                tally = asyncio.run(step(house, many, followers, seconds))
                took_s = time.monotonic() - began_s
                cpu = {"API's CPU": (house.cpu_s() - cpu_s) / took_s}
                lines.append({**tally.row(many, took_s), **cpu, **house.held()})
                tallies.append(tally)
            return lines, tallies
        finally:
            open_.close()
            postgres.stop()


def _open_house(open_: ExitStack, url: str, stories: int) -> House:
    endpoint = open_.enter_context(started("tests.endpoint", "--latency", "0.05"))
    assert endpoint.stdout
    api_base = f"http://127.0.0.1:{endpoint.stdout.readline().strip()}/v1"
    models = {f"{agent}_MODEL": "test-model" for agent in ("STORY_ARCHITECT", "SCENE_GENERATOR", "CONTINUITY_EDITOR")}
    environment = {**os.environ, **models, "DATABASE_URL": url, "OPENAI_API_BASE": api_base, "OPENAI_API_KEY": "none"}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    api = open_.enter_context(started("chorus", "api", "--port", str(port), environment=environment))
    open_.enter_context(started("chorus", "worker", environment=environment))
    rows = open_.enter_context(psycopg.connect(url.replace("+psycopg", ""), autocommit=True))
    _until_well(f"http://127.0.0.1:{port}", api)
    return House(f"http://127.0.0.1:{port}", psutil.Process(api.pid), rows, stories)


def _until_well(url: str, api: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + WARM_UP_S
    while True:
        with suppress(httpx.HTTPError):
            if httpx.get(f"{url}/health", timeout=20, trust_env=False).status_code == 200:
                return
        if time.monotonic() > deadline or api.poll() is not None:
            raise SystemExit("The API does not get well.")
        time.sleep(0.2)


def _p95(seconds: Sequence[float]) -> float:
    return sorted(seconds)[int(0.95 * (len(seconds) - 1))] if seconds else 0.0


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description="How much the HTTP API bears.")
    parser.add_argument("--clients", type=int, nargs="+", default=[10, 50, 200])
    parser.add_argument("--followers", type=int, default=20, help="streams of events beside them")
    parser.add_argument("--seconds", type=float, default=10, help="of each step")
    parser.add_argument("--stories", type=int, default=30)
    given = parser.parse_args()
    load = psutil.getloadavg()[0]
    lines, tallies = measure(given.clients, followers=given.followers, seconds=given.seconds, stories=given.stories)
    show(f"{given.followers} followers beside the clients; the machine's load before it: {load:.1f}", lines)
    told = sum((tally.statuses for tally in tallies), Counter())
    show("Answers", [{"status": status, "count": count} for status, count in sorted(told.items())])


if __name__ == "__main__":
    main()
