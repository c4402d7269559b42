"""The outline at the desk: changed and accepted at its gate, and later changed with what it touches shown first."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from streamlit.testing.v1 import AppTest

from chorus.domain.run import ReviewItem, ReviewKind, RunStatus, Stage
from chorus.domain.story import Concept, Outline
from chorus.store import Database
from tests.pages.conftest import Open, markup_of
from tests.pages.seed import seed_tale
from tests.pages.tales import SHORT, THE_TIDE_LEDGER

type Seed = Callable[[Callable[[Database], Any]], Any]


def test_at_its_gate_an_outline_is_changed_and_accepted(open_page: Open, seed: Seed) -> None:
    story_id = seed(at_the_gate)
    before = outline_of(seed, story_id)
    page = open_page("story", story_id=story_id, view="plan", scene=2)
    assert not page.exception
    assert "The crew waits for your word" in markup_of(page)

    field(page, "Title").set_value("A <b>bolder</b> title")
    field(page, "What happens").set_value("She counts the lamps, and one is $5.")
    press(page, "Save this plan")
    assert "This is version 2 of the outline" in markup_of(page)
    assert "A &lt;b&gt;bolder&lt;/b&gt; title" in markup_of(page)
    page.button(key="plan-down").click().run()
    assert page.query_params["scene"] == "3"
    page.button(key="plan-lock").click().run()
    field(page, "Title of the new scene").set_value("Between")
    field(page, "What happens in it").set_value("The lamp goes out.")
    press(page, "Add it")
    assert page.query_params["scene"] == "4"
    after = outline_of(seed, story_id)
    assert [scene.title for scene in after.scenes[1:4]] == [before.scenes[2].title, "A <b>bolder</b> title", "Between"]
    assert after.scenes[2].locked
    page.button(key="plan-remove").click().run()
    assert len(outline_of(seed, story_id).scenes) == len(before.scenes)

    page.button(key="plan-accept").click().run()
    assert seed(lambda database: latest(database, story_id)).status is RunStatus.QUEUED


def test_what_is_written_is_touched_only_after_it_was_shown(open_page: Open, seed: Seed) -> None:
    story_id = seed(lambda database: seed_tale(database, THE_TIDE_LEDGER))
    before = outline_of(seed, story_id)
    page = open_page("story", story_id=story_id, view="plan", mode="text")
    text = page.text_area[0].value or ""
    page.text_area[0].set_value(text.replace(before.scenes[1].brief.purpose, "Something else happens."))
    press(page, "Save this outline")
    assert not page.exception
    assert "What this would touch" in markup_of(page)
    assert outline_of(seed, story_id) == before
    page.button(key="plan-no").click().run()
    assert "What this would touch" not in markup_of(page)

    page = open_page("story", story_id=story_id, view="plan", scene=2)
    field(page, "How it ends").set_value("The <b>lamp</b> is out.")
    press(page, "Save this plan")
    assert "No text changes by it" in markup_of(page)
    assert "how it ends" in markup_of(page)
    page.button(key="plan-keep").click().run()
    assert not page.exception
    kept = outline_of(seed, story_id)
    assert kept.scenes[1].brief.exit == "The <b>lamp</b> is out."
    assert [scene.revision_id for scene in kept.scenes] == [scene.revision_id for scene in before.scenes]
    assert "begin where scene 2 ends, which is now: “The &lt;b&gt;lamp&lt;/b&gt; is out.”" in markup_of(page)
    assert [option[:2] for option in page.multiselect(key="redo-scenes").options] == ["2.", "3."]
    page.multiselect(key="redo-scenes").select(page.multiselect(key="redo-scenes").options[1])
    press(page, "Write the chosen scenes again")
    redo = seed(lambda database: latest(database, story_id))
    assert (redo.status, redo.settings.redo.scenes) == (RunStatus.QUEUED, (3,))


def test_what_is_written_is_taken_back_only_for_whoever_says_so(open_page: Open, seed: Seed) -> None:
    story_id = seed(lambda database: seed_tale(database, THE_TIDE_LEDGER))
    page = open_page("story", story_id=story_id, view="plan", scene=2)
    field(page, "What happens").set_value("Something else happens.")
    press(page, "Save this plan")
    page.button(key="plan-yes").click().run()
    assert not page.exception
    after = outline_of(seed, story_id)
    assert after.scenes[1].brief.purpose == "Something else happens."
    assert [scene.revision_id is None for scene in after.scenes[:3]] == [False, True, True]


def test_a_person_chooses_the_concept(open_page: Open, seed: Seed) -> None:
    story_id = seed(with_concepts)
    assert "Which concept" in markup_of(open_page("review"))
    page = open_page("story", story_id=story_id)
    assert "The &lt;b&gt;Second&lt;/b&gt;" in markup_of(page)
    [button for button in page.button if button.label == "Write this one"][1].click().run()
    assert not page.exception
    assert "Its run goes on as soon as a worker is free." in markup_of(page)
    assert seed(lambda database: latest(database, story_id)).status is RunStatus.QUEUED
    assert [concept.selected for concept in seed(lambda database: concepts_of(database, story_id))] == [False, True]


def press(page: AppTest, name: str) -> None:
    next(button for button in page.button if button.label == name).click().run()


def field(page: AppTest, name: str) -> Any:
    return next(each for each in (*page.text_input, *page.text_area) if each.label == name)


def outline_of(seed: Seed, story_id: UUID) -> Outline:
    async def load(database: Database) -> Outline:
        async with database.transaction() as tx:
            return await tx.stories.load_outline(story_id)

    found: Outline = seed(load)
    return found


async def latest(database: Database, story_id: UUID) -> Any:
    async with database.transaction() as tx:
        return await tx.runs.find_latest(story_id)


async def at_the_gate(database: Database) -> UUID:
    story_id = await seed_tale(database, THE_TIDE_LEDGER, status=RunStatus.PAUSED, stage=Stage.OUTLINE, done=0)
    async with database.transaction() as tx:
        run = await tx.runs.find_latest(story_id)
        assert run is not None
        asked = ReviewItem(story_id=story_id, run_id=run.id, kind=ReviewKind.OUTLINE, question="Is it good?")
        await tx.runs.ask(asked)
    return story_id


async def with_concepts(database: Database) -> UUID:
    story_id = await seed_tale(database, (*SHORT[0], ()), status=RunStatus.PAUSED, stage=Stage.CONCEPT)
    titles = ("The First", "The <b>Second</b>")
    async with database.transaction() as tx:
        run = await tx.runs.find_latest(story_id)
        assert run is not None
        concepts = [Concept(story_id=story_id, number=n, title=t, logline="L.") for n, t in enumerate(titles, 1)]
        await tx.stories.add_concepts(concepts)
        await tx.runs.ask(
            ReviewItem(story_id=story_id, run_id=run.id, kind=ReviewKind.CONCEPT, question="Which concept?")
        )
    return story_id


async def concepts_of(database: Database, story_id: UUID) -> list[Concept]:
    async with database.transaction() as tx:
        return await tx.stories.list_concepts(story_id)
