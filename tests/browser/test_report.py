"""The report of an experiment opens in a browser that has no network, and asks for nothing (bar 3)."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from chorus.experiments.outcome import Outcome, read_outcome
from chorus.experiments.report import to_report
from chorus.store import Database
from tests.browser.conftest import InDatabase
from tests.pages.lab import PREMISES, seed_experiment

STORIES = 2 * len(PREMISES)


async def written(database: Database) -> tuple[Outcome, str]:
    """An experiment and its report."""
    experiment_id = await seed_experiment(database, name="Cool or <b>warm</b>")
    async with database.transaction() as tx:
        outcome = await read_outcome(tx, experiment_id)
        stories = {
            trial.trial_id: await tx.stories.load_manuscript(trial.story_id)
            for trial in outcome.trials
            if trial.story_id
        }
    return outcome, to_report(outcome, stories)


def test_the_report_opens_with_the_network_off(browser: Browser, in_database: InDatabase, tmp_path: Path) -> None:
    outcome, report = in_database(written)
    file = tmp_path / "report.html"
    file.write_text(report, encoding="utf-8")
    context = browser.new_context(offline=True, viewport={"width": 1200, "height": 900})
    page = context.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: wrong.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(file.as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_text("Cool or <b>warm</b>")
    expect(page.locator("article")).to_have_count(STORIES)
    expect(page.get_by_text("Not enough stories to tell").first).to_be_visible()
    charts = page.get_by_role("img").all()
    assert len(charts) >= 3
    for drawn in charts:
        box = drawn.bounding_box()
        assert box
        assert box["width"] > 300
        assert box["height"] > 50
    first = page.locator("details").first
    expect(first.locator("article")).to_be_hidden()
    first.locator("summary").click()
    expect(first.locator("article p").first).to_be_visible()
    coloured = page.locator("h1").evaluate("each => getComputedStyle(each).fontFamily")
    assert "Times" not in coloured, "the page has its own style"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert asked == [file.as_uri()]
    assert wrong == []
    assert outcome.comparisons
    context.close()
