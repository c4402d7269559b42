"""How many stories an hour one, two and four workers finish, and what is busy meanwhile: a table on stdout.

    python -m benchmarks.scaling [--workers 1 2 4] [--stories 40] [--scenes 6] [--runs 2] [--latency 0.5]

Each line has a database and an endpoint of its own. CPU is a share of one core: the workers' together, the endpoint's,
and the machine's busy share of all its cores. Figures of a machine that does other work as well say nothing.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import psycopg
from pydantic import SecretStr

from benchmarks.throughput import ROOT
from chorus.embedded import EmbeddedPostgres
from chorus.settings import AgentModelConfig, ChorusConfig, DatabaseConfig, LLMConfig
from chorus.store import upgrade
from chorus.studio import open_studio
from tests.figures import show

WORDS = 60
LOOK_S = 0.2
WARM_UP_S = 120.0
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


def measure(url: str, *, workers: int, stories: int, scenes: int, runs: int, latency_s: float) -> dict[str, object]:
    """Hand so many stories to so many workers and wait for the last."""
    with ExitStack() as open_:
        endpoint = open_.enter_context(started("tests.endpoint", "--latency", str(latency_s)))
        assert endpoint.stdout
        api_base = f"http://127.0.0.1:{endpoint.stdout.readline().strip()}/v1"
        environment = _environment(url, api_base)
        crew = [
            open_.enter_context(started("chorus", "worker", "--concurrency", str(runs), environment=environment))
            for _ in range(workers)
        ]
        rows = open_.enter_context(psycopg.connect(url.replace("+psycopg", ""), autocommit=True))
        _wait(rows, "SELECT %s - count(*) FROM worker", workers, within_s=WARM_UP_S)
        before, began = _cpu_s(crew), time.monotonic()
        endpoint_before = _cpu_s([endpoint])
        psutil.cpu_percent()
        asyncio.run(_hand_over(url, api_base, stories, scenes))
        _wait(rows, UNFINISHED)
        took_s = time.monotonic() - began
        calls = rows.execute("SELECT count(*) FROM llm_call WHERE outcome = 'ok'").fetchone()
        assert calls
        return {
            "workers": workers,
            "stories/h": 3600 * stories / took_s,
            "seconds": took_s,
            "calls": calls[0],
            "workers' CPU": (_cpu_s(crew) - before) / took_s,
            "endpoint's CPU": (_cpu_s([endpoint]) - endpoint_before) / took_s,
            "machine %": psutil.cpu_percent(),
        }


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


def _wait(rows: psycopg.Connection, query: str, *given: int, within_s: float = 3600) -> None:
    """Wait until the query says 0; a run that stops for a person would never end."""
    deadline = time.monotonic() + within_s
    while (found := rows.execute(query, given).fetchone()) and found[0]:
        if stuck := rows.execute(STUCK).fetchone():
            raise SystemExit(f"A run is {stuck[0]}: {stuck[1]}")
        if time.monotonic() > deadline:
            raise SystemExit(f"Not done in {within_s:.0f} s.")
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
    given = parser.parse_args()
    lines = [_on_a_server(given, workers) for workers in given.workers]
    show(f"{given.stories} stories of {given.scenes} scenes, {given.runs} runs a worker, {given.latency} s", lines)


def _on_a_server(given: argparse.Namespace, workers: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="chorus-bench-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o711)
        postgres = EmbeddedPostgres(Path(home))
        try:
            url = postgres.ensure()
            upgrade(url)
            return measure(
                url,
                workers=workers,
                stories=given.stories,
                scenes=given.scenes,
                runs=given.runs,
                latency_s=given.latency,
            )
        finally:
            postgres.stop()


if __name__ == "__main__":
    main()
