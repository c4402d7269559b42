"""How many LLM-calling steps one process takes each second when the endpoint answers at once: a table on stdout.

    python -m benchmarks.throughput [--stories 100] [--at-once 50] [--scenes 4]

The endpoint is a process of its own, and so is Postgres: what is measured is ours. Seconds of a machine that does
other work as well say nothing; statements, memory and connections do.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psutil
import psycopg
from pydantic import SecretStr

from chorus.embedded import EmbeddedPostgres
from chorus.settings import AgentModelConfig, ChorusConfig, DatabaseConfig, EmbeddingConfig, LLMConfig
from chorus.store import upgrade
from chorus.studio import Studio, open_studio
from chorus.worker.garbage import collect_seldom

ROOT = Path(__file__).resolve().parent.parent
LOOK_S = 0.05
WARM_UP = 0.2
"""Share of the stories after which memory is expected to be as large as it gets."""


@dataclass
class Figures:
    """What was measured; of memory and connections all that was seen, the oldest first."""

    steps: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    statements: int = 0
    pool: int = 0
    rss_mb: list[float] = field(default_factory=list)
    connections: list[int] = field(default_factory=list)
    unfinished: int = 0

    @property
    def steps_per_s(self) -> float:
        """Steps a second, of all runs together."""
        return self.steps / self.wall_s

    @property
    def growth(self) -> float:
        """How far memory strayed from where it was after the warm-up, as a share of that."""
        warm = self.rss_mb[int(len(self.rss_mb) * WARM_UP) :]
        return max(abs(mb / warm[0] - 1) for mb in warm)

    @property
    def row(self) -> dict[str, object]:
        """The figures as a line of a table."""
        return {
            "steps": self.steps,
            "steps/s": self.steps_per_s,
            "CPU ms/step": 1000 * self.cpu_s / self.steps,
            "statements/step": self.statements / self.steps,
            "RSS MB": f"{self.rss_mb[0]:.0f}-{max(self.rss_mb):.0f}",
            "RSS +-%": 100 * self.growth,
            "connections": f"{max(self.connections)} of {self.pool}",
        }


@contextmanager
def endpoint() -> Iterator[str]:
    """Serve an endpoint that answers at once, in a process of its own."""
    command = [sys.executable, "-m", "tests.endpoint"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
        finally:
            process.kill()


async def measure(url: str, api_base: str, *, stories: int, at_once: int, scenes: int) -> Figures:
    """Write so many stories, so many of them at once, and look on."""
    config = ChorusConfig(
        database=DatabaseConfig(url=url),
        llm=LLMConfig(api_base=api_base, api_key=SecretStr("none")),
        agents=AgentModelConfig(story_architect_model="test-model"),
        embedding=EmbeddingConfig(api_base=api_base, model="vectors"),
    )
    figures = Figures()
    async with open_studio(config) as studio:
        await studio.write_story("A story to warm up.", settings=studio.default_settings(scenes=scenes, words=60))
        collect_seldom()  # as every worker does
        looking = asyncio.create_task(_look(studio, figures))
        with _counting(figures):
            cpu_s, wall_s = time.process_time(), time.monotonic()
            await _write(studio, figures, stories, at_once, scenes)
            figures.cpu_s, figures.wall_s = time.process_time() - cpu_s, time.monotonic() - wall_s
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
    return figures


async def _write(studio: Studio, figures: Figures, stories: int, at_once: int, scenes: int) -> None:
    places = asyncio.Semaphore(at_once)
    settings = studio.default_settings(scenes=scenes, words=60, fresh=True)

    async def write(number: int) -> None:
        async with places:
            summary = await studio.write_story(f"Story {number}: a keeper finds a door.", settings=settings)
        figures.steps += summary.llm_calls
        figures.unfinished += summary.scenes < scenes
        figures.rss_mb.append(psutil.Process().memory_info().rss / 1e6)

    await asyncio.gather(*(write(number) for number in range(stories)))


async def _look(studio: Studio, figures: Figures) -> None:
    """Count the connections to the database again and again."""
    pool = studio.store.pool
    figures.pool = pool.most
    while True:
        figures.connections.append(pool.size)
        await asyncio.sleep(LOOK_S)


@contextmanager
def _counting(figures: Figures) -> Iterator[None]:
    """Count the statements that are sent."""
    execute = psycopg.AsyncCursor.execute

    async def counted(cursor: Any, *given: Any, **named: Any) -> Any:
        figures.statements += 1
        return await execute(cursor, *given, **named)

    with patch.object(psycopg.AsyncCursor, "execute", counted):
        yield


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description="LLM-calling steps a second in one process.")
    parser.add_argument("--stories", type=int, default=100)
    parser.add_argument("--at-once", type=int, default=50)
    parser.add_argument("--scenes", type=int, default=4)
    given = parser.parse_args()
    figures = _on_a_server(given.stories, given.at_once, given.scenes)
    for name, value in figures.row.items():
        print(f"{name:18}" + (f"{value:10.1f}" if isinstance(value, float) else f"{value!s:>10}"))


def _on_a_server(stories: int, at_once: int, scenes: int) -> Figures:
    with (
        tempfile.TemporaryDirectory(prefix="chorus-bench-", ignore_cleanup_errors=True) as home,
        endpoint() as api_base,
    ):
        Path(home).chmod(0o711)
        postgres = EmbeddedPostgres(Path(home))
        try:
            url = postgres.ensure()
            upgrade(url)
            return asyncio.run(measure(url, api_base, stories=stories, at_once=at_once, scenes=scenes))
        finally:
            postgres.stop()


if __name__ == "__main__":
    main()
