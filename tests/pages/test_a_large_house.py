"""Every page on a thousand stories: how long its script takes, and how that grows with the calls. Only ``./run soak``.

``CHORUS_TEST_HOUSE`` may name a database that ``benchmarks/seed_house`` has filled, in place of making one.
"""

import asyncio
import os
import statistics
import time

import psycopg
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from benchmarks.seed_house import LONG_STORY, build
from chorus.store import Database
from tests.conftest import ROOT
from tests.databases import Server
from tests.figures import show
from tests.pages.conftest import forget

CALLS, MANY_CALLS = 10_000, 1_000_000
TRIES = 20
LONGEST_MS = 400.0
MOST_GROWTH = 2.0
NOTICEABLE_MS = 100.0
"""Below this nobody notices how often a small figure fits into another."""

type Visit = tuple[str, dict[str, object]]


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_pages_stay_quick_on_a_large_house(server: Server, forgetful: None, monkeypatch: pytest.MonkeyPatch) -> None:
    few = _measure(_house(server, CALLS), monkeypatch)
    many = _measure(os.environ.get("CHORUS_TEST_HOUSE") or _house(server, MANY_CALLS), monkeypatch)
    rows = [
        {"page": name, "p95 ms": few[name], "p95 ms, 1M calls": many[name], "growth": many[name] / few[name]}
        for name in many
    ]
    show("Scripts on 1,000 stories and 100,000 memories, with 10,000 and 1,000,000 calls; nothing cached", rows)
    assert not {name: took for name, took in many.items() if took > LONGEST_MS}
    grown = {name: took for name, took in many.items() if took > MOST_GROWTH * max(few[name], NOTICEABLE_MS)}
    assert not grown


def _house(server: Server, calls: int) -> str:
    url = server.url(server.create())
    build(url, calls=calls)
    asyncio.run(_add_up(url))
    return url


async def _add_up(url: str) -> None:
    """What a worker does every few minutes."""
    store = Database(url.replace("postgresql:", "postgresql+psycopg:"))
    async with store.reading() as tx:
        days = await tx.rollups.list_open()
    for day in days:
        async with store.transaction() as tx:
            await tx.rollups.roll(day)
    await store.close()


def _measure(url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """The 95th percentile of each page's script in milliseconds, after the first; all that it reads is read anew."""
    forget()
    monkeypatch.setenv("DATABASE_URL", url)
    return {name: _p95_ms(name, *visit) for name, visit in _visits(url).items()}


def _p95_ms(name: str, page_name: str, parameters: dict[str, object]) -> float:
    page = AppTest.from_file(str(ROOT / "pages" / f"{page_name}.py"), default_timeout=120)
    for parameter, value in parameters.items():
        page.query_params[parameter] = str(value)
    took = []
    for _ in range(TRIES + 1):
        st.cache_data.clear()
        began = time.perf_counter()
        page.run()
        took.append(1000 * (time.perf_counter() - began))
        assert not page.exception, name
    return statistics.quantiles(took[1:], n=20)[-1]


def _visits(url: str) -> dict[str, Visit]:
    """Every page, and once more those that read something else when the link asks for it."""
    with psycopg.connect(url) as connection:
        query = "SELECT run_id, id FROM llm_call WHERE story_id = %s ORDER BY started_at LIMIT 1"
        run_id, call_id = connection.execute(query, [LONG_STORY]).fetchone() or (None, None)
    of_one: dict[str, object] = {"story_id": LONG_STORY}
    return {
        "stories": ("stories", {}),
        "stories, searched": ("stories", {"q": "lamp 7"}),
        "stories, the last": ("stories", {"page": 41}),
        "story": ("story", of_one),
        "outline": ("story", {**of_one, "view": "plan"}),
        "read": ("read", of_one),
        "cause": ("read", {**of_one, "scene": 3, "desk": "cause"}),
        "codex": ("codex", of_one),
        "memory": ("memory", {**of_one, "q": "who kept the lamp"}),
        "memory, everywhere": ("memory", {"q": "who kept the lamp"}),
        "review": ("review", {}),
        "metrics": ("metrics", {}),
        "metrics, one story": ("metrics", of_one),
        "trace": ("trace", {"run_id": run_id}),
        "trace, one call": ("trace", {"run_id": run_id, "call_id": call_id}),
        "experiments": ("experiments", {}),
        "system": ("system", {}),
    }
