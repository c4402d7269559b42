"""A page at which nothing happens any more says nothing any more: what looks again stops with what it looks at."""

from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, WebSocket, expect

from chorus.domain.run import RunStatus, Stage
from chorus.store import Database
from tests.browser.conftest import InDatabase
from tests.pages.seed import seed_tale, write_next
from tests.pages.tales import SMALL_HOURS

pytestmark = pytest.mark.browser
LISTENING_MS = 5_000
SETTLING_MS = 3_000


class Talk:
    """What a page and its server say to each other."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.frames = 0
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", self._count)
        socket.on("framereceived", self._count)

    def _count(self, _frame: object) -> None:
        self.frames += 1

    def heard(self) -> int:
        """How much is said within a while, once the page has settled."""
        self.page.wait_for_timeout(SETTLING_MS)
        before = self.frames
        self.page.wait_for_timeout(LISTENING_MS)
        return self.frames - before


def test_a_story_is_looked_at_until_it_is_complete(page: Page, address: str, in_database: InDatabase) -> None:
    story_id: UUID = in_database(at_work)
    talk = Talk(page)
    page.goto(f"{address}/story?story_id={story_id}")
    status = page.locator(".ch-masthead .ch-status")
    expect(status).to_contain_text("Being written")
    assert talk.heard() > 2
    in_database(lambda database: end(database, story_id))
    expect(status).to_contain_text("Complete")
    assert talk.heard() == 0


def test_a_manuscript_is_looked_at_until_it_is_in_or_refused(page: Page, address: str, tmp_path: Path) -> None:
    talk = Talk(page)
    bad, good = tmp_path / "bad.epub", tmp_path / "good.md"
    bad.write_bytes(b"PK\x03\x04 this is no book")
    good.write_text("# The Lamp\n\n## One\n\nThe sea was quiet, and the lamp was out.\n", encoding="utf-8")
    page.goto(address)
    page.get_by_text("Bring in a manuscript").click()
    bring_in(page, bad)
    expect(page.get_by_role("alert").filter(has_text="Not done")).to_be_visible()
    assert talk.heard() == 0
    expect(page.get_by_role("alert").filter(has_text="Not done")).to_be_visible()
    bring_in(page, good)
    expect(page.get_by_role("heading", name="The Lamp", level=1)).to_be_visible()
    assert talk.heard() == 0


def bring_in(page: Page, file: Path) -> None:
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text(file.name).first).to_be_visible()
    page.get_by_role("button", name="Bring it in").click()


async def at_work(database: Database) -> UUID:
    return await seed_tale(database, SMALL_HOURS, status=RunStatus.RUNNING, stage=Stage.SCENES, done=0)


async def end(database: Database, story_id: UUID) -> None:
    """Finish every scene, and the run."""
    while await write_next(database, story_id, "In so many words."):
        pass
    async with database.transaction() as tx:
        run = await tx.runs.find_latest(story_id)
        assert run is not None
        await tx.runs.settle(run.id, RunStatus.COMPLETE)
