"""How many stories an hour one, two and four workers finish, and what is busy meanwhile: a table on stdout.

    python -m benchmarks.scaling [--workers 1 2 4] [--stories 40] [--scenes 6] [--runs 2] [--latency 0.5] [--pgbouncer]

Each line has a database and an endpoint of its own; with ``--pgbouncer`` the workers reach it through one (Debian's),
in transaction pooling. CPU is a share of one core: the workers' together, the endpoint's, and the machine's busy share
of all its cores. A second table has the workers' memory and the server's connections, minute by minute. Figures of a
machine that does other work as well say nothing.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
import psycopg
from pydantic import SecretStr

from benchmarks.throughput import ROOT
from chorus.embedded import EmbeddedPostgres
from chorus.settings import AgentModelConfig, ChorusConfig, DatabaseConfig, LLMConfig
from chorus.store import upgrade
from chorus.studio import open_studio
from tests.figures import show
from tests.pooler import find_pgbouncer, pooled

WORDS = 60
LOOK_S = 0.2
NOTED_S = 5.0
"""How often memory and connections are noted."""
WARM_UP_S = 300.0
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname = 'chorus'"
UNFINISHED = "SELECT count(*) FROM run WHERE status <> 'complete'"
STUCK = "SELECT status::text, error FROM run WHERE status IN ('paused', 'failed', 'cancelled')"


@contextmanager
def started(*arguments: str, environment: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """Run a module of ours in a process of its own until the block ends; only its first lines are read."""
    command = [sys.executable, "-m", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


class Held(NamedTuple):
    """What the workers hold at one moment."""

    workers: int
    second: int
    mb_a_worker: float
    connections: int


class Watch:
    """What the workers hold, as long as they work."""

    def __init__(self, crew: Sequence[subprocess.Popen[str]], rows: psycopg.Connection) -> None:
        self._crew, self._rows, self._began_s = crew, rows, time.monotonic()
        self.held: list[Held] = []

    def look(self) -> None:
        """Note how it is, every few seconds."""
        passed_s = time.monotonic() - self._began_s
        if passed_s < NOTED_S * len(self.held):
            return
        rss = [psutil.Process(process.pid).memory_info().rss for process in self._crew]
        found = self._rows.execute(CONNECTIONS).fetchone()
        connections = int(found[0]) if found else 0
        self.held.append(Held(len(self._crew), round(passed_s), sum(rss) / len(rss) / 2**20, connections))


class Figures(NamedTuple):
    """What so many workers did: for a table, and stories an hour; and what they held meanwhile."""

    table: dict[str, object]
    stories_per_hour: float
    unfinished: int
    held: list[Held]


def measure(url: str, direct: str, *, workers: int, stories: int, scenes: int, runs: int, latency_s: float) -> Figures:
    """Hand so many stories to so many workers and wait for the last; ``direct``: the server, whatever is before it."""
    with ExitStack() as open_:
        endpoint = open_.enter_context(started("tests.endpoint", "--latency", str(latency_s)))
        assert endpoint.stdout
        api_base = f"http://127.0.0.1:{endpoint.stdout.readline().strip()}/v1"
        environment = _environment(url, api_base)
        crew = [
            open_.enter_context(started("chorus", "worker", "--concurrency", str(runs), environment=environment))
            for _ in range(workers)
        ]
        rows = open_.enter_context(psycopg.connect(direct.replace("+psycopg", ""), autocommit=True))
        _wait(rows, "SELECT %s - count(*) FROM worker", workers, within_s=WARM_UP_S)
        before, began = _cpu_s(crew), time.monotonic()
        endpoint_before = _cpu_s([endpoint])
        psutil.cpu_percent()
        asyncio.run(_hand_over(url, api_base, stories, scenes))
        watch = Watch(crew, rows)
        _wait(rows, UNFINISHED, look=watch.look)
        took_s = time.monotonic() - began
        calls = rows.execute("SELECT count(*) FROM llm_call WHERE outcome = 'ok'").fetchone()
        assert calls
        per_hour = 3600 * stories / took_s
        table: dict[str, object] = {
            "workers": workers,
            "stories/h": per_hour,
            "seconds": took_s,
            "calls": calls[0],
            "workers' CPU": (_cpu_s(crew) - before) / took_s,
            "endpoint's CPU": (_cpu_s([endpoint]) - endpoint_before) / took_s,
            "machine %": psutil.cpu_percent(),
        }
        unfinished = rows.execute(UNFINISHED).fetchone()
        return Figures(table, per_hour, unfinished[0] if unfinished else 0, watch.held)


def _environment(url: str, api_base: str) -> dict[str, str]:
    models = {f"{agent}_MODEL": "test-model" for agent in ("STORY_ARCHITECT", "SCENE_GENERATOR", "CONTINUITY_EDITOR")}
    ours = {"DATABASE_URL": url, "OPENAI_API_BASE": api_base, "OPENAI_API_KEY": "none", "LLM_CONCURRENCY": "64"}
    return {**os.environ, **models, **ours}


async def _hand_over(url: str, api_base: str, stories: int, scenes: int) -> None:
    config = ChorusConfig(
        database=DatabaseConfig(url=url),
        llm=LLMConfig(api_base=api_base, api_key=SecretStr("none")),
        agents=AgentModelConfig(story_architect_model="test-model"),
    )
    async with open_studio(config) as studio:
        settings = studio.default_settings(scenes=scenes, words=WORDS, fresh=True)
        for number in range(stories):
            await studio.start_run(f"Story {number}: a keeper finds a door.", settings=settings, dispatch=True)


def _wait(
    rows: psycopg.Connection, query: str, *given: int, within_s: float = 3600, look: Callable[[], None] = lambda: None
) -> None:
    """Wait until the query says 0; a run that stops for a person would never end."""
    deadline = time.monotonic() + within_s
    while (found := rows.execute(query, given).fetchone()) and found[0]:
        if stuck := rows.execute(STUCK).fetchone():
            raise SystemExit(f"A run is {stuck[0]}: {stuck[1]}")
        if time.monotonic() > deadline:
            raise SystemExit(f"Not done in {within_s:.0f} s.")
        look()
        time.sleep(LOOK_S)


def _cpu_s(processes: Sequence[subprocess.Popen[str]]) -> float:
    times = [psutil.Process(process.pid).cpu_times() for process in processes]
    return sum(each.user + each.system for each in times)


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description="Stories an hour by the number of workers.")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--stories", type=int, default=40)
    parser.add_argument("--scenes", type=int, default=6)
    parser.add_argument("--runs", type=int, default=2, help="of one worker at once")
    parser.add_argument("--latency", type=float, default=0.5, help="seconds of an answer")
    parser.add_argument("--pgbouncer", action="store_true", help="through one, in transaction pooling")
    given = parser.parse_args()
    if given.pgbouncer and not find_pgbouncer():
        raise SystemExit("There is no pgbouncer: apt-get install -y pgbouncer")
    measured = [
        on_a_server(
            workers=workers,
            stories=given.stories,
            scenes=given.scenes,
            runs=given.runs,
            latency_s=given.latency,
            pgbouncer=find_pgbouncer() if given.pgbouncer else None,
        )
        for workers in given.workers
    ]
    what = f"{given.stories} stories of {given.scenes} scenes, {given.runs} runs a worker, {given.latency} s"
    show(what + ", through PgBouncer" * given.pgbouncer, [figures.table for figures in measured])
    held = [held for figures in measured for held in figures.held if held.second % 60 < NOTED_S]
    show("Memory and connections", [each._asdict() for each in held])


def on_a_server(
    *, workers: int, stories: int, scenes: int, runs: int, latency_s: float, pgbouncer: str | None = None
) -> Figures:
    """Measure with a server of its own, through this PgBouncer if there is one."""
    with tempfile.TemporaryDirectory(prefix="chorus-bench-", ignore_cleanup_errors=True) as home, ExitStack() as open_:
        Path(home).chmod(0o711)
        postgres = EmbeddedPostgres(Path(home))
        try:
            url = postgres.ensure()
            upgrade(url)
            through = open_.enter_context(pooled(url, pgbouncer)) if pgbouncer else url
            return measure(
                through, url, workers=workers, stories=stories, scenes=scenes, runs=runs, latency_s=latency_s
            )
        finally:
            open_.close()
            postgres.stop()


if __name__ == "__main__":
    main()
