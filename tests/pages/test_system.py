"""The system page: who works on what, every part, and how a better model is connected; also when little works."""

import time

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from chorus.domain.rate import Rate, Wish
from chorus.domain.run import RunStatus, Stage
from chorus.domain.worker import Worker
from chorus.store import Database
from tests.conftest import ROOT
from tests.pages.conftest import Open, markup_of
from tests.pages.seed import seed_tale
from tests.pages.tales import HOSTILE, HOSTILE_TITLE, THE_GLASS_ORCHARD
from tests.pages.test_story import Seed

KEY = "sk-a-key-that-nobody-may-see"


def inspected(page: AppTest) -> str:
    """Run the page until the inspection behind it is done."""
    give_up = time.monotonic() + 60
    while "looked at" not in markup_of(page):
        assert time.monotonic() < give_up, "the inspection takes too long"
        time.sleep(0.1)
        page.run()
    assert not page.exception
    return markup_of(page)


def test_without_workers_it_says_how_to_get_one(open_page: Open) -> None:
    page = open_page("system")
    assert "No worker is there" in markup_of(page)
    assert "<code>chorus worker</code>" in markup_of(page)
    assert [block.value.splitlines()[0] for block in page.code] == [
        "OPENAI_API_BASE=https://api.openai.com/v1",
        "OPENAI_API_BASE=http://localhost:11434/v1",
    ]
    shown = inspected(page)
    for part in ("Python", "pgvector", "Tables", "Embedder", "StoryArchitect", "GB free"):
        assert part in shown


def test_workers_show_what_they_work_on(open_page: Open, seed: Seed) -> None:
    seed(employ)
    shown = markup_of(open_page("system"))
    assert "<b>atelier</b>, process 4711" in shown
    assert shown.count("The Glass Orchard") == 2
    assert "a worker on atelier, process 4711" in shown
    assert "the next free worker" in shown
    assert "No worker is there" not in shown
    assert HOSTILE_TITLE not in shown
    assert "$5 and $6 :red[x] &lt;script&gt;" in shown


def test_it_says_which_endpoint_is_in_trouble_and_how_far_limits_are_used(open_page: Open, seed: Seed) -> None:
    assert "No model was asked yet" in markup_of(open_page("system"))
    seed(trouble)
    st.cache_data.clear()
    shown = markup_of(open_page("system"))
    assert "http://a.example/v1 large</span>" in shown
    assert "open: calls wait, one call tries in" in shown
    assert "closed: calls pass" in shown
    assert "json object" in shown
    assert "turns are given away for the next" in shown
    assert shown.index("a.example") < shown.index("b.example")


async def trouble(database: Database) -> None:
    rate = Rate(60)
    async with database.transaction() as tx:
        await tx.endpoints.trip("http://a.example/v1 large", 30.0)
        await tx.endpoints.keep_dialect("http://b.example/v1 small", {"format": "json_object"})
        for _ in range(20):
            await tx.endpoints.take("llm http://b.example/v1", Wish(events=rate.toll(), longest_wait_s=60))


def test_no_key_is_shown(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_BASE", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("STORY_ARCHITECT_MODEL", "a-large-model")
    shown = inspected(open_page("system"))
    assert "a-large-model" in shown
    assert "does not answer" in shown
    assert "what to do stands beside each" in shown
    assert KEY not in shown


def test_every_part_is_shown_without_a_database_too(forgetful: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/nothing")
    page = AppTest.from_file(str(ROOT / "pages/system.py"), default_timeout=30).run()
    shown = inspected(page)
    assert "The archive is closed just now" in shown
    assert "unreachable" in shown
    assert "Connect a better model" in shown


async def employ(database: Database) -> None:
    owner = "atelier:4711:1.0"
    writing = await seed_tale(
        database, THE_GLASS_ORCHARD, status=RunStatus.RUNNING, stage=Stage.SCENES, done=3, owner=owner
    )
    await seed_tale(database, HOSTILE, status=RunStatus.QUEUED, stage=Stage.CONCEPT)
    async with database.transaction() as tx:
        run = await tx.runs.find_latest(writing)
        assert run is not None
        worker = Worker(owner=owner, host="atelier", pid=4711, version="1", concurrency=2, runs=(run.id,))
        await tx.jobs.keep_worker(worker)
