"""Take the pictures of the README: ``DATABASE_URL=<an empty database> python -m tests.browser.screenshots``."""

import asyncio
import os
import tempfile
from pathlib import Path
from uuid import UUID

from PIL import Image
from playwright.sync_api import Browser, expect, sync_playwright

from chorus.domain.run import LiveDraft
from chorus.store import Database, upgrade
from chorus.studio import open_studio
from tests.browser.conftest import CHROMIUM, Server
from tests.conftest import ROOT
from tests.pages.lab import seed_experiment
from tests.pages.people import ask_about_a_finding, people_the_ledger
from tests.pages.seed import seed_library, seed_memories

DRAFT = (
    "The pipe was older than the furnace and lighter than it looked. Mirel turned it once, so that the gather at "
    "its end kept its shape, and said nothing, and held it out across the bench.\n\n"
    "Teodor had never taken a breath from anybody. He took the pipe. The glass had gone the colour of a late plum, "
    "and where it thinned there was already something in it like the beginning of a leaf.\n\n"
    "“Slowly,” she said. “It remembers how it is"
)
FOLDER = ROOT / "docs" / "screenshots"
PICTURES = {
    "stories": ("", 900),
    "story": ("story?story_id={orchard}", 1180),
    "read": ("read?story_id={ledger}", 980),
    "cause": ("read?story_id={ledger}&scene=2&desk=cause", 980),
    "versions": ("read?story_id={ledger}&scene=2&desk=versions", 980),
    "codex": ("codex?story_id={ledger}", 1180),
    "review": ("review", 980),
    "plan": ("story?story_id={ledger}&view=plan&scene=2", 1100),
    "experiments": ("experiments?experiment_id={experiment}", 1180),
    "memory": ("memory?q=who%20went%20down%20with%20the%20lamp%3F&story_id={ledger}&k=8", 1000),
    "metrics": ("metrics", 1180),
}
"""By name: where the page is, and how high the picture."""


async def furnish(url: str) -> dict[str, UUID]:
    """Fill the database with stories, and with what is remembered of them."""
    upgrade(url)
    async with open_studio() as studio:
        experiment = await seed_experiment(studio.store, name="Cool or warm")  # first: the library shows the latest
        ids = {**await seed_library(studio.store), "experiment": experiment}
        await begin_draft(studio.store, ids["orchard"])
        for name in ("orchard", "ledger"):
            await seed_memories(studio.store, ids[name])
            await studio.embed_memories(ids[name])
        await people_the_ledger(studio.store, ids["ledger"])
        await studio.edit_scene(ids["ledger"], 2, await edited(studio.store, ids["ledger"]))
        async with studio.store.transaction() as tx:
            quote, other = "Bronze is bronze", (1, "the town had saved when the library went")
            await ask_about_a_finding(tx, ids["ledger"], 3, quote, other)
    return ids


async def edited(store: Database, story_id: UUID) -> str:
    """The second scene as an editor leaves it."""
    async with store.reading() as tx:
        scene = await tx.stories.load_scene(story_id, 2)
        assert scene.revision_id is not None
        text = (await tx.stories.load_revision(scene.revision_id)).text
    lamp = "The lamp stood between his feet, small and caged in brass, and both of them pretended not to see it."
    return text.replace("did not look up.", f"did not look up. {lamp}")


async def begin_draft(store: Database, story_id: UUID) -> None:
    """Let the draft of a scene be seen."""
    async with store.transaction() as tx:
        run = await tx.runs.find_latest(story_id)
        assert run is not None
        await tx.runs.save_draft(LiveDraft(run_id=run.id, scene_number=4, text=DRAFT))


def take(browser: Browser, address: str, name: str, ids: dict[str, UUID]) -> None:
    path, height = PICTURES[name]
    context = browser.new_context(viewport={"width": 1280, "height": height}, color_scheme="light")
    page = context.new_page()
    page.goto(f"{address}/{path.format(**ids)}")
    page.locator("h1").first.wait_for()
    page.get_by_test_id("stStatusWidget").wait_for(state="detached")
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=60_000)  # charts come later than the rest
    page.wait_for_timeout(2500)
    page.screenshot(path=FOLDER / f"{name}.png")
    context.close()
    picture = Image.open(FOLDER / f"{name}.png").convert("RGB")
    picture.quantize(192, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True)


def main() -> None:
    url = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
    ids = asyncio.run(furnish(url))
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(url, Path(folder) / "server.log")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            for name in PICTURES:
                take(browser, server.address, name, ids)
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main()
