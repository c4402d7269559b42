"""How long the questions of the metrics page take with a million calls, and how that grows (bar 6). Only soaks.

``CHORUS_TEST_HOUSE`` may name a database that ``benchmarks/seed_house`` has filled, in place of making one.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from benchmarks.seed_house import LONG_STORY, build
from chorus.domain.llm_call import Outcome
from chorus.domain.metrics import CallFilter, GroupedBy
from chorus.domain.value import now
from chorus.store import Database, Transaction
from chorus.ui.rest import set_aside
from tests.databases import Server
from tests.figures import show

CALLS, MANY_CALLS = 10_000, 1_000_000
MEMORIES = 2_000
TRIES = 20
LONGEST_MS = 300.0
MOST_GROWTH = 2.0
NOTICEABLE_MS = 100.0
"""Below this nobody notices how often a small figure fits into another."""

type Question = Callable[[Transaction, CallFilter], Awaitable[object]]
QUESTIONS: dict[str, Question] = {
    **{f"by {by.value}": lambda tx, wanted, by=by: tx.metrics.sums(wanted, by) for by in GroupedBy},  # type: ignore[misc]
    "foreseen": lambda tx, wanted: tx.metrics.foreseen(wanted),
    "newest calls": lambda tx, wanted: tx.calls.list_points(wanted, 500),
    "what can be filtered": lambda tx, _wanted: tx.metrics.choices(),
}


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_metrics_stay_quick_with_a_million_calls(server: Server) -> None:
    few = await _measure(await asyncio.to_thread(_house, server, CALLS))
    large = os.environ.get("CHORUS_TEST_HOUSE", "")
    many = await _measure(large or await asyncio.to_thread(_house, server, MANY_CALLS))
    rows = [
        {"question": name, "p95 ms": few[name], "p95 ms, 1M calls": many[name], "growth": many[name] / few[name]}
        for name in many
    ]
    show("Questions of the metrics page with 10,000 and 1,000,000 calls", rows)
    assert not {name: took for name, took in many.items() if took > LONGEST_MS}
    assert not {name: took for name, took in many.items() if took > MOST_GROWTH * max(few[name], NOTICEABLE_MS)}


def _house(server: Server, calls: int) -> str:
    url = server.url(server.create())
    build(url, calls=calls, memories=MEMORIES)
    return url


async def _measure(url: str) -> dict[str, float]:
    """The 95th percentile of each question in milliseconds, when the days that are over are added up."""
    store = Database(url.replace("postgresql:", "postgresql+psycopg:"))
    began = time.perf_counter()
    async with store.reading() as tx:
        days = await tx.rollups.list_open()
    for day in days:
        async with store.transaction() as tx:
            await tx.rollups.roll(day)
    show("Adding up", [{"days": len(days), "seconds": time.perf_counter() - began}])
    took = {
        f"{name}, {which}": await _p95_ms(store, ask, wanted)
        for which, wanted in _filters().items()
        for name, ask in QUESTIONS.items()
    }
    await store.close()
    return took


def _filters() -> dict[str, CallFilter]:
    return {
        "always": CallFilter(),
        "30 days": CallFilter(since=now() - timedelta(days=30)),
        "7 days": CallFilter(since=now() - timedelta(days=7)),
        "one model": CallFilter(models=("gpt-4o-mini",)),
        "timeouts": CallFilter(outcomes=(Outcome.TIMEOUT,)),
        "one story": CallFilter(story_id=LONG_STORY),
    }


async def _p95_ms(store: Database, ask: Question, wanted: CallFilter) -> float:
    took = []
    set_aside()  # as the app does
    for _ in range(TRIES + 1):
        async with store.transaction() as tx:
            began = time.perf_counter()
            await ask(tx, wanted)
            took.append(1000 * (time.perf_counter() - began))
    return statistics.quantiles(took[1:], n=20)[-1]
