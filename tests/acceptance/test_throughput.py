"""Many runs in one process, on an endpoint that answers at once: what a step costs, and what does not grow."""

import psutil
import pytest

from benchmarks.throughput import endpoint, measure
from tests.databases import Server
from tests.figures import show

MOST_STATEMENTS = 22
"""Per LLM-calling step, of a story of two scenes whose setup counts too."""


async def test_a_step_costs_few_statements_and_runs_share_the_pool(server: Server) -> None:
    with endpoint() as api_base:
        figures = await measure(server.url(server.create()), api_base, stories=6, at_once=6, scenes=2)
    assert figures.unfinished == 0
    assert max(figures.connections) <= figures.pool
    assert figures.statements / figures.steps < MOST_STATEMENTS


@pytest.mark.soak
@pytest.mark.timeout(1200)
async def test_fifty_runs_in_one_process(server: Server) -> None:
    """At least 100 steps a second in all; over 100 stories memory stays as it was; connections within the pool."""
    others = psutil.cpu_percent(interval=1)
    with endpoint() as api_base:
        figures = await measure(server.url(server.create()), api_base, stories=100, at_once=50, scenes=4)
    show(f"50 runs at once, 100 stories of 4 scenes; other work took {others:.0f} % of the machine", [figures.row])
    assert figures.unfinished == 0
    assert max(figures.connections) <= figures.pool
    assert figures.growth <= 0.1
    assert figures.steps_per_s >= 100
