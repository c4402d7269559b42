"""From premise to last page in Chromium, beside a real worker: tabs close, servers are replaced, the run goes on."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

from chorus.domain.run import Run, RunStatus
from chorus.store import Database
from tests.browser.conftest import InDatabase, Serve, new_tab, open_up, python_path
from tests.endpoint import EndpointServer

pytestmark = pytest.mark.browser

PREMISE = "A clockmaker's apprentice finds an hour that nobody has used, and somebody who is looking for it."
SOAK = [pytest.param(time, marks=pytest.mark.soak) for time in range(2, 11)]
HEARD_S = 60_000  # so long may a busy machine take until a page has heard of it


class HeldEndpoint(EndpointServer):
    """An endpoint that makes its callers wait while it is held, so that a run is where a test wants it."""

    def __init__(self) -> None:
        super().__init__(latency_s=0.02)
        self._go = threading.Event()
        self._first_held = 0

    def hold(self, after: int) -> None:
        """Answer so many calls more, and let the rest wait."""
        self._first_held = len(self.calls) + after
        self._go.clear()

    def release(self) -> None:
        self._go.set()

    async def _say(self, call: Any, *exchange: Any) -> None:
        while call.index >= self._first_held and not self._go.is_set():  # noqa: ASYNC110 - set by another thread
            await asyncio.sleep(0.02)
        await super()._say(call, *exchange)


@pytest.fixture
def endpoint() -> Iterator[HeldEndpoint]:
    with HeldEndpoint() as server:
        yield server
        server.release()


@pytest.fixture
def worker(database_address: str, endpoint: HeldEndpoint, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """``chorus worker``, as a process of its own."""
    models = {f"{agent}_MODEL": "test-model" for agent in ("STORY_ARCHITECT", "SCENE_GENERATOR", "CONTINUITY_EDITOR")}
    ours = {"DATABASE_URL": database_address, "OPENAI_API_BASE": endpoint.base_url, "OPENAI_API_KEY": "sk-test"}
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "chorus", "worker"],
            env={**os.environ, **models, **ours, "PYTHONPATH": python_path()},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    yield process
    endpoint.release()
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.mark.timeout(300)  # two servers, a worker and three runs
@pytest.mark.parametrize("time", [1, *SOAK])
def test_a_run_survives_its_tab_and_its_server(
    browser: Browser,
    serve: Serve,
    in_database: InDatabase,
    endpoint: HeldEndpoint,
    worker: subprocess.Popen[bytes],
    time: int,
) -> None:
    endpoint.hold(after=8)
    first = serve()
    with new_tab(browser) as page:
        story_id = begin(page, first.address, "The Spare Hour")
        expect(status(page)).to_contain_text("Being written", timeout=HEARD_S)
    first.stop()

    second = serve()
    with new_tab(browser) as page:
        page.goto(f"{second.address}/story?story_id={story_id}")
        expect(status(page)).to_contain_text("Being written")
        expect(page.get_by_role("region", name="What runs now")).to_be_visible()
        endpoint.release()
        expect(status(page)).to_contain_text("Complete", timeout=HEARD_S)
        expect(page.locator(".ch-scene-good")).to_have_count(2)
        expect(page.get_by_role("button", name="Pause")).to_have_count(0)
        page.get_by_role("link", name="Manuscript", exact=True).click()
        expect(page.locator("#scene-2 p").first).to_be_visible()

        page.goto(f"{second.address}/read?story_id={story_id}&scene=2&desk=again")
        page.get_by_role("textbox", name="Note to the writer (optional)").fill("Slower.")
        page.get_by_role("button", name="Write this scene again").click()
        expect(status(page)).to_contain_text("Complete", timeout=HEARD_S)
        page.goto(f"{second.address}/read?story_id={story_id}&scene=2&desk=versions")
        expect(page.locator(".dk-side ins").first).to_be_visible()

        endpoint.hold(after=4)
        other_id = begin(page, second.address, "The Hour After")
        expect(status(page)).to_contain_text("Being written", timeout=HEARD_S)
        sure = page.get_by_role("button", name="Yes, cancel this run")
        open_up(page, "Cancel", sure)
        sure.click()
        expect(status(page)).to_contain_text("Cancelled", timeout=HEARD_S)
        expect(page.get_by_role("button", name="Cancel")).to_have_count(0)

    assert run_of(in_database, story_id).status is RunStatus.COMPLETE
    assert run_of(in_database, other_id).status is RunStatus.CANCELLED
    assert worker.poll() is None


def begin(page: Page, address: str, title: str) -> UUID:
    """Fill in the form as a person would; the page that follows is the story's."""
    page.goto(address)
    form = page.locator("details", has_text="Begin a new story").first
    expect(form).to_be_visible(timeout=HEARD_S)
    if form.get_attribute("open") is None:  # it stands open where there is no story yet
        form.locator("summary").first.click()
    page.get_by_role("textbox", name="Premise", exact=True).fill(PREMISE)
    page.get_by_role("textbox", name="Title (optional)").fill(title)
    page.get_by_role("spinbutton", name="Scenes").fill("2")
    page.get_by_role("spinbutton", name="Words per scene").fill("60")
    page.get_by_role("button", name="Write this story").click()
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible(timeout=HEARD_S)
    return UUID(page.url.rpartition("story_id=")[2])


def status(page: Page) -> Any:
    return page.locator(".ch-masthead .ch-status")


def run_of(in_database: InDatabase, story_id: UUID) -> Run:
    async def load(database: Database) -> Run:
        async with database.transaction() as tx:
            run = await tx.runs.find_latest(story_id)
        assert run is not None
        return run

    found: Run = in_database(load)
    return found
