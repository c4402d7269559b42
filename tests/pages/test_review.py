"""The queue of questions: quotes in their places, every answer, and what happens then."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from chorus.domain.canon import Finding, FindingCategory, Severity
from chorus.domain.run import ReviewItem, ReviewKind, ReviewStatus, RunStatus, Stage
from chorus.domain.value import new_id
from chorus.editing.scene_text import edit_scene
from chorus.store import Database
from tests.pages.conftest import Open, markup_of
from tests.pages.seed import seed_tale
from tests.pages.tales import THE_GLASS_ORCHARD

type Seed = Callable[[Callable[[Database], Any]], Any]


def test_a_finding_is_shown_in_its_place_and_dismissed_with_a_reason(open_page: Open, seed: Seed) -> None:
    story_id, item_id, quote = seed(lambda database: asked(database, ReviewKind.FINDING))
    page = open_page("review", story_id=story_id)
    shown = markup_of(page)
    assert not page.exception
    assert f"<mark>{quote}</mark>" in shown
    assert "<mark>the &lt;i&gt;green&lt;/i&gt; lamp</mark>" in shown
    press(page, "Dismiss this question")
    assert "Say why it is dismissed." in markup_of(page)
    page.text_input[0].set_value("It is a dream.")
    press(page, "Dismiss this question")
    assert not page.exception
    assert item_of(seed, story_id, item_id).resolution == {
        "decision": "dismiss",
        "by": "person",
        "note": "It is a dream.",
    }
    answered = markup_of(open_page("review", story_id=story_id, status="answered"))
    assert "dismissed by person" in answered
    assert "It is a dream." in answered


@pytest.mark.parametrize(
    ("scope", "unit", "most", "field"),
    [
        ("run", "USD", 9.0, "budget_usd"),
        ("day", "tokens", 9000, "budget_tokens_per_day"),
        ("scene", "USD", 7.5, "budget_usd_per_scene"),
    ],
)
def test_the_budget_that_is_short_is_raised(
    open_page: Open, seed: Seed, scope: str, unit: str, most: float, field: str
) -> None:
    figures = {"budget": scope, "unit": unit, "limit": 5.0, "used": 4.8, "needed": 0.7}
    story_id, _, _ = seed(lambda database: asked(database, ReviewKind.BUDGET, **figures))
    page = open_page("review")
    page.number_input[0].set_value(most)
    press(page, "Raise it and go on")
    assert not page.exception
    run = seed(lambda database: latest(database, story_id))
    assert (run.status, getattr(run.settings, field)) == (RunStatus.QUEUED, most)


def test_a_budget_is_raised_and_the_run_goes_on(open_page: Open, seed: Seed) -> None:
    figures = {"unit": "tokens", "limit": 5000.0, "used": 4800.0, "needed": 700.0}
    story_id, item_id, _ = seed(lambda database: asked(database, ReviewKind.BUDGET, **figures))
    page = open_page("review")
    page.number_input[0].set_value(9000)
    press(page, "Raise it and go on")
    assert not page.exception
    assert item_of(seed, story_id, item_id).status is ReviewStatus.RESOLVED
    run = seed(lambda database: latest(database, story_id))
    assert run.status is RunStatus.QUEUED
    assert run.settings.budget_tokens == 9000


def test_a_scene_is_approved_edited_or_written_again(open_page: Open, seed: Seed) -> None:
    for button, field in (
        ("Approve this scene", None),
        ("Save this text and go on", "An edit."),
        ("Write the scene again", "Slower."),
    ):
        story_id, _, _ = seed(lambda database: asked(database, ReviewKind.SCENE))
        page = open_page("review", story_id=story_id)
        if field:
            page.text_area[0 if button.startswith("Save") else 1].set_value(field)
        press(page, button)
        assert not page.exception
        assert "ch-note-failed" not in markup_of(page), button


def test_an_answer_by_hand_begins_with_the_text_that_readers_see(open_page: Open, seed: Seed) -> None:
    story_id, first_id, quote = seed(lambda database: asked(database, ReviewKind.FINDING))
    first = item_of(seed, story_id, first_id)
    seed(lambda database: rewrite(database, story_id, "A newer text."))
    seed(lambda database: ask(database, first.model_copy(update={"id": new_id()})))
    page = open_page("review", story_id=story_id)
    assert f"<mark>{quote}</mark>" in markup_of(page)
    assert "asked about text 1; readers now see text 2" in markup_of(page)
    assert page.text_area[0].value == "A newer text."


def test_what_an_answer_by_hand_touches_is_shown_and_no_newer_text_is_lost(open_page: Open, seed: Seed) -> None:
    story_id, item_id, _ = seed(lambda database: asked(database, ReviewKind.SCENE))
    page = open_page("review", story_id=story_id)
    page.text_area[0].set_value("By hand.")
    press(page, "See what it touches")
    assert "What this edit would touch" in markup_of(page)
    assert item_of(seed, story_id, item_id).status is ReviewStatus.OPEN
    seed(lambda database: rewrite(database, story_id, "The newest text."))
    press(page, "Save this text and go on")
    assert "ch-note-failed" in markup_of(page)
    assert item_of(seed, story_id, item_id).status is ReviewStatus.OPEN
    assert page.text_area[0].value == "By hand."
    press(page, "Take the newest text")
    assert page.text_area[0].value == "The newest text."
    page.text_area[0].set_value("The newest text, by hand.")
    press(page, "Save this text and go on")
    assert item_of(seed, story_id, item_id).status is ReviewStatus.RESOLVED
    assert seed(lambda database: text_of(database, story_id)) == "The newest text, by hand."


def test_answered_questions_come_the_last_answer_first_and_page_by_page(open_page: Open, seed: Seed) -> None:
    story_id = seed(many_answered)
    page = open_page("review", story_id=story_id, status="answered")
    assert re.findall(r"Number (\d+)\?", markup_of(page)) == [str(number) for number in range(20, 5, -1)]
    assert "Answered questions 1 to 15" in markup_of(page)
    page.query_params["page"] = "2"
    assert re.findall(r"Number (\d+)\?", markup_of(page.run())) == ["5", "4", "3", "2", "1"]
    page.selectbox(key="review-status").select("Open").run()
    assert "page" not in page.query_params


async def many_answered(database: Database) -> UUID:
    story_id = await seed_tale(database, THE_GLASS_ORCHARD)
    async with database.transaction() as tx:
        run = await tx.runs.find_latest(story_id)
        assert run is not None
        for number in range(1, 21):
            question = f"Number {number}?"
            item = ReviewItem(story_id=story_id, run_id=run.id, kind=ReviewKind.FAILURE, question=question)
            await tx.runs.ask(item)
    for item in await asked_of(database, story_id):
        async with database.transaction() as tx:
            await tx.runs.answer(item.id, {"decision": "accept", "by": "person"})
    return story_id


async def ask(database: Database, item: ReviewItem) -> None:
    async with database.transaction() as tx:
        await tx.runs.ask(item)


async def asked_of(database: Database, story_id: UUID) -> list[ReviewItem]:
    async with database.reading() as tx:
        return await tx.runs.list_questions(story_id=story_id)


async def rewrite(database: Database, story_id: UUID, text: str) -> None:
    async with database.transaction() as tx:
        await edit_scene(tx, story_id, 2, text)


async def text_of(database: Database, story_id: UUID) -> str:
    async with database.reading() as tx:
        revision_id = (await tx.stories.load_scene(story_id, 2)).revision_id
        assert revision_id is not None
        return (await tx.stories.load_revision(revision_id)).text


def press(page: Any, label: str) -> None:
    next(button for button in page.button if button.label == label).click().run()


def item_of(seed: Seed, story_id: UUID, item_id: UUID) -> ReviewItem:
    async def load(database: Database) -> ReviewItem:
        async with database.transaction() as tx:
            items = await tx.runs.list_questions(story_id=story_id, status=None)
        return next(item for item in items if item.id == item_id)

    found: ReviewItem = seed(load)
    return found


async def latest(database: Database, story_id: UUID) -> Any:
    async with database.transaction() as tx:
        return await tx.runs.find_latest(story_id)


async def asked(database: Database, kind: ReviewKind, **details: Any) -> tuple[UUID, UUID, str]:
    """A paused run with an open question about its scene 2, in which something was found."""
    story_id = await seed_tale(database, THE_GLASS_ORCHARD, status=RunStatus.PAUSED, stage=Stage.SCENES, done=3)
    async with database.transaction() as tx:
        run = await tx.runs.find_latest(story_id)
        scene = await tx.stories.load_scene(story_id, 2)
        assert run is not None
        assert scene.revision_id is not None
        quote = (await tx.stories.load_revision(scene.revision_id)).text[40:80]
        about = {} if kind is ReviewKind.BUDGET else {"revision_id": str(scene.revision_id)}
        finding = Finding(
            story_id=story_id,
            scene_id=scene.id,
            revision_id=scene.revision_id,
            category=FindingCategory.WORLD,
            severity=Severity.MAJOR,
            description="Two lamps.",
            quote=quote,
            other_quote="the <i>green</i> lamp",
            other_scene=1,
        )
        await tx.canon.add_findings([finding])
        item = ReviewItem(
            story_id=story_id,
            run_id=run.id,
            scene_id=None if kind is ReviewKind.BUDGET else scene.id,
            kind=kind,
            question="Which <b>lamp</b> is it?",
            details=about | details,
        )
        await tx.runs.ask(item)
    return story_id, item.id, quote.replace("“", "“")
