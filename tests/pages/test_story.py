"""The story page in every state a run can be in, and what its buttons do."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from streamlit.testing.v1 import AppTest

from chorus.domain.run import LiveDraft, ReviewItem, ReviewKind, Run, RunStatus, Stage
from chorus.domain.worker import Worker
from chorus.store import Database
from tests.pages.conftest import Open, forget, markup_of
from tests.pages.seed import seed_tale
from tests.pages.tales import SHORT, SMALL_HOURS, THE_GLASS_ORCHARD, THE_TIDE_LEDGER

type Seed = Callable[[Callable[[Database], Any]], Any]


def test_a_running_story_shows_stages_scenes_and_events(open_page: Open, seed: Seed) -> None:
    story_id = seed(running)
    page = open_page("story", story_id=story_id)
    shown = markup_of(page)
    assert not page.exception
    assert shown.count('aria-current="step"') == 1
    assert 'ch-stage-now" aria-current="step"><span class="ch-stage-mark" aria-hidden="true">●</span>' in shown
    assert shown.count("ch-scene-good") == 3
    assert shown.count("ch-scene-busy") == 1
    assert "Finished scene 3" in shown
    assert "How it stands: 3 of " in shown
    assert f"read?story_id={story_id}&amp;scene=3" in shown
    assert "Writing scene 4, “A Borrowed Breath”" in shown
    assert "about " in shown.split("Still to go")[1]
    assert keys_of(page) == {"pause", "cancel-yes"}


def test_the_draft_is_shown_as_typed_while_it_grows(open_page: Open, seed: Seed) -> None:
    story_id = seed(running)
    seed(lambda database: draft(database, story_id, "He paid $5 and <b>left</b> :red[x].\n\n*She* did"))
    shown = markup_of(open_page("story", story_id=story_id))
    assert "He paid $5 and &lt;b&gt;left&lt;/b&gt; :red[x].</p>" in shown
    assert "8 words of about 200" in shown


def test_a_story_waits_for_a_worker_and_says_what_to_do(open_page: Open, seed: Seed) -> None:
    story_id = seed(queued)
    page = open_page("story", story_id=story_id)
    shown = markup_of(page)
    assert "No worker is there to write" in shown
    assert "<code>chorus worker</code>" in shown
    assert "<code>chorus app</code>" in shown
    assert keys_of(page) == {"pause", "cancel-yes"}
    seed(employ)
    forget()
    shown = markup_of(open_page("story", story_id=story_id))
    assert "This story waits for its turn" in shown
    assert "1 story in line" in shown


def test_a_run_that_nobody_took_up_can_be_handed_over(open_page: Open, seed: Seed) -> None:
    story_id = seed(partial(queued, dispatched=False))
    page = open_page("story", story_id=story_id)
    assert "Nobody has begun yet" in markup_of(page)
    page.button(key="go-on").click().run()
    assert not page.exception
    assert run_of(seed, story_id).dispatched
    assert "No worker is there to write" in markup_of(page)


def test_an_abandoned_run_can_be_handed_over(open_page: Open, seed: Seed) -> None:
    story_id = seed(abandoned)
    page = open_page("story", story_id=story_id)
    assert "Nobody works on this run just now" in markup_of(page)
    page.button(key="go-on").click().run()
    assert run_of(seed, story_id).status is RunStatus.QUEUED


def test_a_run_is_paused_and_goes_on(open_page: Open, seed: Seed) -> None:
    story_id = seed(queued)
    page = open_page("story", story_id=story_id)
    page.button(key="pause").click().run()
    assert not page.exception
    assert run_of(seed, story_id).status is RunStatus.PAUSED
    assert "This run is paused" in markup_of(page)
    page.button(key="go-on").click().run()
    assert run_of(seed, story_id).status is RunStatus.QUEUED


def test_who_works_on_a_run_is_asked_to_halt(open_page: Open, seed: Seed) -> None:
    story_id = seed(running)
    page = open_page("story", story_id=story_id)
    page.button(key="pause").click().run()
    assert run_of(seed, story_id).requested is RunStatus.PAUSED
    assert "Coming to a halt" in markup_of(page)
    assert keys_of(page) == {"cancel-yes"}
    page.button(key="cancel-yes").click().run()
    assert run_of(seed, story_id).requested is RunStatus.CANCELLED
    assert "Being cancelled" in markup_of(page)
    assert keys_of(page) == set()


def test_a_run_is_cancelled_after_a_second_thought(open_page: Open, seed: Seed) -> None:
    story_id = seed(queued)
    page = open_page("story", story_id=story_id)
    page.button(key="cancel-yes").click().run()
    assert run_of(seed, story_id).status is RunStatus.CANCELLED
    assert "Cancelled" in markup_of(page)
    assert keys_of(page) == set()


def test_a_button_that_comes_too_late_says_so(open_page: Open, seed: Seed) -> None:
    story_id = seed(queued)
    page = open_page("story", story_id=story_id)
    seed(lambda database: cancel(database, story_id))
    page.button(key="pause").click().run()
    assert not page.exception
    assert "there is nothing to pause" in page.toast[0].value


def test_a_paused_run_asks_its_question(open_page: Open, seed: Seed) -> None:
    story_id = seed(
        lambda database: seed_tale(database, THE_GLASS_ORCHARD, status=RunStatus.PAUSED, stage=Stage.OUTLINE)
    )
    seed(lambda database: ask(database, story_id, "Is this outline <good>?"))
    page = open_page("story", story_id=story_id)
    assert "This run waits for you" in markup_of(page)
    assert "Is this outline &lt;good&gt;?" in markup_of(page)
    assert page.button(key="go-on").label == "Approve and go on"
    page.button(key="go-on").click().run()
    assert run_of(seed, story_id).status is RunStatus.QUEUED
    assert "waits for you" not in markup_of(page)


def test_a_failed_story_says_why_and_how_to_go_on(open_page: Open, seed: Seed) -> None:
    story_id = seed(failed)
    page = open_page("story", story_id=story_id)
    assert "nobody answered &lt;here&gt;" in markup_of(page)
    assert keys_of(page) == {"go-on"}
    page.button(key="go-on").click().run()
    assert run_of(seed, story_id).status is RunStatus.QUEUED


def test_a_story_that_is_over_has_no_buttons(open_page: Open, seed: Seed) -> None:
    for status, word in ((RunStatus.COMPLETE, "Complete"), (RunStatus.CANCELLED, "Cancelled")):
        story_id = seed(partial(over, status=status))
        page = open_page("story", story_id=story_id)
        assert not page.exception
        assert word in markup_of(page)
        assert keys_of(page) == set()
        assert "ch-work" not in markup_of(page)


def test_an_imported_story_has_scenes_and_no_run(open_page: Open, seed: Seed) -> None:
    story_id = seed(lambda database: seed_tale(database, THE_TIDE_LEDGER, status=None))
    page = open_page("story", story_id=story_id)
    assert not page.exception
    assert "Imported" in markup_of(page)
    assert "ch-stages" not in markup_of(page)
    assert keys_of(page) == set()


AT_SCENES: dict[str, Any] = {"status": RunStatus.RUNNING, "stage": Stage.SCENES, "done": 3}


async def queued(database: Database, dispatched: bool = True) -> UUID:
    tale = (*SHORT[0], ())
    return await seed_tale(database, tale, status=RunStatus.QUEUED, stage=Stage.CONCEPT, dispatched=dispatched)


def keys_of(page: AppTest) -> set[str | None]:
    """The buttons that steer; taking a story back is a form of its own, and removing one is for those that rest."""
    aside = ("roll-back-form", "remove-yes")
    return {button.key for button in page.button if not any(key in str(button.key) for key in aside)}


def run_of(seed: Seed, story_id: UUID) -> Run:
    async def load(database: Database) -> Run:
        async with database.transaction() as tx:
            run = await tx.runs.find_latest(story_id)
        assert run is not None
        return run

    found: Run = seed(load)
    return found


async def running(database: Database) -> UUID:
    return await seed_tale(database, THE_GLASS_ORCHARD, **AT_SCENES)


async def abandoned(database: Database) -> UUID:
    return await seed_tale(database, THE_GLASS_ORCHARD, **AT_SCENES, dispatched=False, lease=timedelta())


async def over(database: Database, status: RunStatus) -> UUID:
    return await seed_tale(database, THE_TIDE_LEDGER, status=status)


async def failed(database: Database) -> UUID:
    return await seed_tale(
        database, SMALL_HOURS, status=RunStatus.FAILED, stage=Stage.SCENES, done=0, error="nobody answered <here>"
    )


async def draft(database: Database, story_id: UUID, text: str) -> None:
    async with database.transaction() as tx:
        run = await tx.runs.find_latest(story_id)
        assert run is not None
        await tx.runs.save_draft(LiveDraft(run_id=run.id, scene_number=4, text=text))


async def employ(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.jobs.keep_worker(Worker(owner="desk:7:1.0", host="desk", pid=7, version="1", concurrency=1))


async def cancel(database: Database, story_id: UUID) -> None:
    async with database.transaction() as tx:
        run = await tx.runs.find_latest(story_id)
        assert run is not None
        await tx.runs.settle(run.id, RunStatus.CANCELLED)


async def ask(database: Database, story_id: UUID, question: str) -> None:
    async with database.transaction() as tx:
        run = await tx.runs.find_latest(story_id)
        assert run is not None
        await tx.runs.ask(ReviewItem(story_id=story_id, run_id=run.id, kind=ReviewKind.OUTLINE, question=question))
