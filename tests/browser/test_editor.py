"""What an editor does, in Chromium: edit, compare, answer, take a book along that EPUBCheck accepts."""

import subprocess
import zipfile
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from chorus.domain.run import ReviewItem, ReviewKind, RunStatus, Stage
from chorus.store import Database
from tests.browser.conftest import InDatabase, open_up
from tests.epubcheck import epubcheck_command
from tests.pages.seed import seed_memories, seed_tale
from tests.pages.tales import THE_GLASS_ORCHARD, THE_TIDE_LEDGER

pytestmark = pytest.mark.browser
TYPED = "It cost $5 and $6, she said, :red[x] and <b>not bold</b> 🦉 שלום."


def test_a_scene_is_edited_compared_and_restored_and_the_story_rolled_back(
    page: Page, address: str, in_database: InDatabase
) -> None:
    story_id: UUID = in_database(remembered)
    page.goto(f"{address}/read?story_id={story_id}&scene=2")
    before = page.locator("#scene-2 p").first.inner_text()
    page.locator("#scene-2").get_by_role("link", name="edit").click()
    text = page.get_by_role("textbox", name="The text of this scene")
    text.fill(TYPED)
    page.get_by_role("button", name="See what it touches").click()
    expect(page.get_by_text("What this edit would touch")).to_be_visible()
    page.get_by_role("button", name="Save this text").click()
    expect(page.get_by_role("heading", name="Saved as text 2")).to_be_visible()

    page.get_by_role("link", name="Versions").click()
    expect(page.locator(".dk-side ins").first).to_be_visible()
    page.get_by_text("In one text").click()
    expect(page.locator(".dk-inline del").first).to_be_visible()
    assert "layout=one" in page.url
    restore = page.get_by_role("button", name="Yes, restore text 1")
    open_up(page, "Bring text 1 back", restore)
    restore.click()
    expect(page.get_by_text("Text 1 is back.")).to_be_visible()
    page.get_by_role("link", name="In the book").click()
    expect(page.locator("#scene-2 p").first).to_have_text(before)

    page.goto(f"{address}/memory?story_id={story_id}")
    page.get_by_role("textbox", name="What shall be recalled?").fill("the ledger")
    page.get_by_role("textbox", name="What shall be recalled?").press("Enter")
    later = page.locator(", ".join(f".ch-hit a[href*='&scene={number}']" for number in range(4, 10)))
    expect(later.first).to_be_visible()
    page.get_by_role("spinbutton", name="As of scene").fill("3")
    page.get_by_role("spinbutton", name="As of scene").press("Enter")
    expect(later).to_have_count(0)
    expect(page.locator(".ch-hit mark").first).to_be_visible()
    assert "as_of=3" in page.url
    page.locator(".ch-hit a").first.click()
    expect(page.locator(".bk-target")).to_be_in_viewport()

    page.goto(f"{address}/story?story_id={story_id}")
    last_kept = page.get_by_role("spinbutton", name="To the end of scene")
    open_up(page, "Roll back", last_kept)
    last_kept.fill("4")
    page.get_by_role("button", name="Take it back").click()
    expect(page.locator(".ch-scene-good")).to_have_count(4)
    expect(page.get_by_text("Back to the end of scene 4")).to_be_visible()


def test_a_question_is_answered(page: Page, address: str, in_database: InDatabase) -> None:
    story_id: UUID = in_database(asked)
    page.goto(f"{address}/review?story_id={story_id}")
    expect(page.get_by_role("heading", name="Which <b>lamp</b> is it?")).to_be_visible()
    why = page.get_by_role("textbox", name="Why")
    open_up(page, "Dismiss", why)
    why.fill("It is a dream.")
    page.get_by_role("button", name="Dismiss this question").click()
    expect(page.get_by_text("Nobody waits for you")).to_be_visible()


def test_a_plan_is_changed_and_accepted_at_its_gate(page: Page, address: str, in_database: InDatabase) -> None:
    story_id: UUID = in_database(planned)
    page.goto(f"{address}/story?story_id={story_id}&view=plan&scene=2")
    expect(page.get_by_role("heading", name="The crew waits for your word on this plan")).to_be_visible()
    page.get_by_role("textbox", name="Title", exact=True).fill("The <b>Second</b> Tide")
    page.get_by_role("button", name="Save this plan").click()
    expect(page.locator(".pl-scene h3").nth(1)).to_have_text("The <b>Second</b> Tide")
    page.get_by_role("button", name="Up", exact=True).click()
    expect(page.locator(".pl-scene h3").first).to_have_text("The <b>Second</b> Tide")
    assert "scene=1" in page.url
    page.get_by_role("button", name="Lock", exact=True).click()
    expect(page.get_by_role("button", name="Unlock", exact=True)).to_be_visible()
    page.get_by_role("button", name="Accept this outline and write").click()
    expect(page.locator(".ch-stages")).to_be_visible()

    async def kept(database: Database) -> tuple[str, bool, bool]:
        async with database.reading() as tx:
            run, scene = await tx.runs.find_latest(story_id), await tx.stories.load_scene(story_id, 1)
            assert run is not None
            return scene.title, scene.locked, run.dispatched

    assert in_database(kept) == ("The <b>Second</b> Tide", True, True)
    page.goto(f"{address}/review?story_id={story_id}")
    expect(page.get_by_text("Nobody waits for you")).to_be_visible()


@pytest.mark.timeout(300)  # a Java machine has to wake up
def test_a_book_that_is_downloaded_is_accepted(
    page: Page, address: str, in_database: InDatabase, tmp_path: Path
) -> None:
    story_id = in_database(lambda database: seed_tale(database, THE_TIDE_LEDGER))
    page.goto(f"{address}/story?story_id={story_id}")
    epub = page.get_by_role("button", name="EPUB 3, for e-readers")
    open_up(page, "Export", epub)
    with page.expect_download() as begun:
        epub.click()
    book = tmp_path / "book.epub"
    begun.value.save_as(book)
    assert begun.value.suggested_filename.endswith(".epub")
    assert zipfile.ZipFile(book).testzip() is None
    checked = subprocess.run([*epubcheck_command(), str(book)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


async def remembered(database: Database) -> UUID:
    story_id = await seed_tale(database, THE_TIDE_LEDGER)
    await seed_memories(database, story_id)
    return story_id


async def planned(database: Database) -> UUID:
    story_id = await seed_tale(database, THE_GLASS_ORCHARD, status=RunStatus.PAUSED, stage=Stage.OUTLINE, done=0)
    async with database.transaction() as tx:
        run = await tx.runs.find_latest(story_id)
        assert run is not None
        await tx.runs.ask(
            ReviewItem(story_id=story_id, run_id=run.id, kind=ReviewKind.OUTLINE, question="Is this plan good?")
        )
    return story_id


async def asked(database: Database) -> UUID:
    story_id = await seed_tale(database, THE_GLASS_ORCHARD, status=RunStatus.PAUSED, stage=Stage.SCENES, done=3)
    async with database.transaction() as tx:
        run = await tx.runs.find_latest(story_id)
        scene = await tx.stories.load_scene(story_id, 2)
        assert run is not None
        item = ReviewItem(
            story_id=story_id,
            run_id=run.id,
            scene_id=scene.id,
            kind=ReviewKind.FINDING,
            question="Which <b>lamp</b> is it?",
            details={"revision_id": str(scene.revision_id)},
        )
        await tx.runs.ask(item)
    return story_id
