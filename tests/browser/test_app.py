"""The app in Chromium: deep links on a cold server, a story growing before one's eyes, text shown as typed."""

from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from playwright.sync_api import Dialog, Page, expect

from chorus.domain.run import LiveDraft, RunStatus, Stage
from chorus.store import Database
from tests.browser.conftest import InDatabase, Serve, open_up
from tests.pages.seed import seed_tale, write_next
from tests.pages.tales import HOSTILE, HOSTILE_TITLE, THE_GLASS_ORCHARD, THE_TIDE_LEDGER

pytestmark = pytest.mark.browser

OVERFLOW = "document.querySelector('.stMain').scrollWidth - document.querySelector('.stMain').clientWidth"

# path and what its page says
DEEP_LINKS = {
    "story": ("story?story_id={id}", "What happened last"),
    "read": ("read?story_id={id}&scene=8", "You took"),
    "memory": ("memory?story_id={id}&k=3", "Ask, and the stories remember"),
    "metrics": ("metrics?story_id={id}", "By agent"),
    "codex": ("codex?story_id={id}&view=time", "As told"),
    "review": ("review?story_id={id}", "Nobody waits for you"),
    "system": ("system?story_id={id}", "Every part"),
    "stories": ("?q=tide&status=Complete&story_id={id}", "found"),
}


def in_frame(page: Page) -> None:
    expect(page.get_by_test_id("stSidebarNavLink")).to_have_count(10)
    expect(page.get_by_test_id("stException")).to_have_count(0)


@pytest.mark.parametrize(
    "names", [("story", "codex", "stories"), pytest.param(tuple(DEEP_LINKS), marks=pytest.mark.soak)]
)
def test_deep_links_on_cold_servers_open_in_the_frame(
    page: Page, serve: Serve, in_database: InDatabase, names: tuple[str, ...]
) -> None:
    story_id = in_database(lambda database: seed_tale(database, ("A Cold Start", *THE_TIDE_LEDGER[1:])))
    for name in names:
        server, (path, words) = serve(), DEEP_LINKS[name]
        page.goto(f"{server.address}/{path.format(id=story_id)}")
        expect(page.get_by_text(words).first).to_be_visible()
        in_frame(page)
        assert page.title().endswith("· Chorus")
        assert str(story_id) in page.url
        server.stop()


def test_one_server_serves_every_page_and_every_way_between(page: Page, address: str, in_database: InDatabase) -> None:
    story_id = in_database(lambda database: seed_tale(database, THE_TIDE_LEDGER))
    page.goto(address)
    page.get_by_role("link", name="Open The Tide Ledger").click()
    expect(page.get_by_role("heading", name="The Tide Ledger", level=1)).to_be_visible()
    assert f"/story?story_id={story_id}" in page.url
    page.get_by_role("link", name="Yellow").click()
    expect(page.locator("#scene-7")).to_be_in_viewport()
    page.set_viewport_size({"width": 375, "height": 812})
    for path, words in (("", "The Tide Ledger"), *DEEP_LINKS.values()):
        page.goto(f"{address}/{path.format(id=story_id)}")
        expect(page.get_by_text(words).first).to_be_visible()
        in_frame(page)
        assert page.evaluate(OVERFLOW) <= 0, path


def test_a_story_appears_scene_by_scene_without_a_reload(page: Page, address: str, in_database: InDatabase) -> None:
    story_id: UUID = in_database(being_written)
    page.goto(f"{address}/story?story_id={story_id}")
    done = page.locator(".ch-scene-good")
    expect(done).to_have_count(1)
    page.evaluate("window.notReloaded = true")
    for written in (2, 3):
        in_database(lambda database: write_next(database, story_id, "The next scene, in so many words."))
        expect(done).to_have_count(written, timeout=8000)
        expect(page.locator(".ch-scene-busy .ch-scene-number")).to_have_text(str(written + 1))

    reader = page.context.new_page()
    reader.goto(f"{address}/read?story_id={story_id}")
    paragraph = reader.get_by_text("in so many words").first
    paragraph.evaluate("element => { element.dataset.reading = 'here' }")
    before = paragraph.bounding_box()
    in_database(lambda database: write_next(database, story_id, "A brand new scene came in below."))
    expect(reader.get_by_text("A brand new scene came in below.")).to_be_attached(timeout=8000)
    assert paragraph.bounding_box() == before
    assert paragraph.get_attribute("data-reading") == "here"

    in_database(lambda database: end(database, story_id))
    expect(page.locator(".ch-masthead .ch-status")).to_contain_text("Complete", timeout=8000)
    assert page.evaluate("window.notReloaded") is True


def test_the_draft_grows_before_ones_eyes_and_shows_as_typed(page: Page, address: str, in_database: InDatabase) -> None:
    story_id: UUID = in_database(being_written)
    page.goto(f"{address}/story?story_id={story_id}")
    draft = page.get_by_role("region", name="The draft of scene 2")
    text = "It cost $5 and $6, she said, :red[x] and <b>not bold</b>."
    for _ in range(2):
        in_database(partial(save_draft, story_id=story_id, text=text))
        expect(draft.locator("p").last).to_have_text(text)
        text += "\n\n<img src=x onerror=window.pwned=1> **And** then # more."
        in_database(partial(save_draft, story_id=story_id, text=text))
        expect(draft.locator("p").last).to_have_text("<img src=x onerror=window.pwned=1> **And** then # more.")
        text = "It began anew, with `less` of $x^2$."
    assert page.evaluate("window.pwned === undefined")
    sure = page.get_by_role("button", name="Yes, cancel this run")
    open_up(page, "Cancel", sure)
    for written in (2, 3):  # the question stays while the page goes on
        in_database(lambda database: write_next(database, story_id, "The next scene."))
        expect(page.locator(".ch-scene-good")).to_have_count(written)
    expect(sure).to_be_visible()


def test_hostile_text_shows_as_typed_and_nothing_runs(page: Page, address: str, in_database: InDatabase) -> None:
    story_id = in_database(lambda database: seed_tale(database, HOSTILE, age=timedelta(minutes=1)))
    dialogs: list[str] = []

    def note(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    for path in ("", f"story?story_id={story_id}", f"read?story_id={story_id}"):
        page.goto(f"{address}/{path}")
        expect(page.get_by_role("heading", name=HOSTILE_TITLE)).to_be_visible()
        in_frame(page)
    expect(page.get_by_text("It cost $5 and $6, she said, :red[x] and <b>not bold</b>.")).to_be_visible()
    expect(page.get_by_text("# not a heading")).to_be_visible()
    expect(page.get_by_text("&amp; :material/star: 🦉")).to_be_visible()
    page.goto(f"{address}/metrics?story_id={story_id}&by=Story")
    expect(page.locator(".js-plotly-plot .ytick text", has_text="$5 and $6 :red[x]").first).to_be_visible()
    assert page.evaluate("window.pwned === undefined")
    assert dialogs == []


async def being_written(database: Database) -> UUID:
    return await seed_tale(database, THE_GLASS_ORCHARD, status=RunStatus.RUNNING, stage=Stage.SCENES, done=1)


async def save_draft(database: Database, story_id: UUID, text: str) -> None:
    async with database.transaction() as tx:
        run = await tx.runs.find_latest(story_id)
        assert run is not None
        await tx.runs.save_draft(LiveDraft(run_id=run.id, scene_number=2, text=text))


async def end(database: Database, story_id: UUID) -> None:
    async with database.transaction() as tx:
        run = await tx.runs.find_latest(story_id)
        assert run is not None
        lease = await tx.runs.claim(run.id, "the test", from_owner=run.lease_owner)
        assert lease is not None
        await tx.runs.enter(lease, Stage.FINISHED)
        await tx.runs.finish(lease, RunStatus.COMPLETE, 0.0)
