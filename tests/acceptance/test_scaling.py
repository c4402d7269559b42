"""How far workers go (bar 7): more of them write more stories an hour, and none holds more for it."""

import statistics
from collections.abc import Sequence

import pytest

from benchmarks.scaling import Figures, Held, on_a_server
from tests.figures import show
from tests.pooler import POOL_SIZE, find_pgbouncer, require_program

WORKERS = (1, 2, 4)
AT_LEAST = {2: 1.8, 4: 3.2}
"""By workers: as many times the stories an hour of one worker."""
MOST_GROWTH = 1.10


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("way", ["direct", "through PgBouncer"])
def test_twice_the_workers_write_nearly_twice_the_stories(way: str) -> None:
    pgbouncer = None if way == "direct" else require_program("pgbouncer", find_pgbouncer())
    measured = {
        workers: on_a_server(workers=workers, stories=40, scenes=6, runs=2, latency_s=0.5, pgbouncer=pgbouncer)
        for workers in WORKERS
    }
    show(f"Stories an hour by workers, {way}", [figures.table for figures in measured.values()])
    show("Memory and connections", [held._asdict() for figures in measured.values() for held in figures.held])
    for workers, figures in measured.items():
        stays_flat(figures, most_connections=POOL_SIZE + 2 if pgbouncer else 1 + 20 * workers)
    one = measured[1].stories_per_hour
    times = {workers: round(measured[workers].stories_per_hour / one, 2) for workers in AT_LEAST}
    assert all(times[workers] >= least for workers, least in AT_LEAST.items()), times


def stays_flat(figures: Figures, *, most_connections: int) -> None:
    """Nothing was left, and neither memory nor connections grew once all was warm."""
    assert figures.unfinished == 0
    middle, last = _thirds(figures.held)
    memory = [statistics.mean(held.mb_a_worker for held in part) for part in (middle, last)]
    assert memory[1] <= memory[0] * MOST_GROWTH, memory
    connections = [max(held.connections for held in part) for part in (middle, last)]
    assert connections[1] <= connections[0] + 2, connections
    assert max(held.connections for held in figures.held) <= most_connections


def _thirds(held: Sequence[Held]) -> tuple[Sequence[Held], Sequence[Held]]:
    """What was held in the middle, and at the end."""
    third = max(1, len(held) // 3)
    return held[third : 2 * third] or held, held[-third:]


@pytest.mark.timeout(600)
def test_a_worker_more_takes_stories_over() -> None:
    figures = on_a_server(workers=2, stories=3, scenes=1, runs=1, latency_s=0.02)
    assert (figures.unfinished, figures.table["workers"]) == (0, 2)
    assert figures.held
