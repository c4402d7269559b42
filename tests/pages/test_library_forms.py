"""Beginning a story with all its settings and its estimate, bringing a manuscript in, taking a story along or back."""

from collections.abc import Callable
from typing import Any

from chorus.domain.run import Continuity, ReviewMode, RunStatus
from chorus.store import Database
from tests.pages.conftest import Open, markup_of
from tests.pages.seed import seed_tale
from tests.pages.tales import THE_GLASS_ORCHARD, THE_TIDE_LEDGER

type Seed = Callable[[Callable[[Database], Any]], Any]
PREMISE = "A clockmaker's apprentice finds an hour that nobody has used."


def test_a_story_is_begun_with_its_settings_after_a_look_at_what_it_takes(open_page: Open, seed: Seed) -> None:
    page = open_page("stories")
    page.text_area[0].set_value(PREMISE)
    page.selectbox(key="new-continuity").select("Scenes side by side")
    page.selectbox(key="new-review").select("Ask me about the outline")
    page.selectbox(key="new-language").select("German")
    budget = next(field for field in page.number_input if field.label == "Budget in tokens")
    budget.set_value(50_000)
    for name, text in (
        ("A sample of the voice (optional)", "It rained."),
        ("Keep away from (optional)", "dreams\n\nfog"),
    ):
        next(field for field in page.text_area if field.label == name).set_value(text)
    page.selectbox(key="new-concept").select("I choose")
    page.text_input(key="new-model-scene_generator").set_value("a-model")
    press(page, "What will it take?")
    assert not page.exception
    assert "about 25" in markup_of(page)
    press(page, "Write this story")
    assert not page.exception
    story, run = seed(newest)
    assert (story.premise, story.language) == (PREMISE, "German")
    assert run.status is RunStatus.QUEUED
    assert run.settings.continuity is Continuity.PARALLEL
    assert run.settings.review is ReviewMode.OUTLINE
    assert run.settings.budget_tokens == 50_000
    assert (story.style_sample, story.avoid) == ("It rained.", ("dreams", "fog"))
    assert run.settings.choose_concept == "ask"
    assert run.settings.models == {"scene_generator": "a-model"}


def test_a_story_is_taken_back_and_offered_as_a_file(open_page: Open, seed: Seed) -> None:
    story_id = seed(lambda database: seed_tale(database, THE_TIDE_LEDGER))
    page = open_page("story", story_id=story_id)
    assert len(page.get("download_button")) == 6 + 5  # the book, and its bible
    assert "Expected and taken" not in markup_of(page)
    page.number_input[0].set_value(2)
    press(page, "Take it back")
    assert not page.exception
    assert "2 of 9" in markup_of(page)


def test_a_story_is_removed_for_good_once_nobody_writes_it(open_page: Open, seed: Seed) -> None:
    story_id = seed(lambda database: seed_tale(database, THE_TIDE_LEDGER))
    writing = seed(lambda database: seed_tale(database, THE_GLASS_ORCHARD, status=RunStatus.RUNNING, done=2))
    assert "remove-yes" not in {button.key for button in open_page("story", story_id=writing).button}
    page = open_page("story", story_id=story_id)
    assert "Nothing brings it back" in markup_of(page)
    press(page, "Yes, remove this story")
    assert not page.exception
    assert [card.id for card in seed(cards)] == [writing]


def press(page: Any, label: str) -> None:
    next(button for button in page.button if button.label == label).click().run()


async def cards(database: Database) -> Any:
    async with database.reading() as tx:
        return await tx.stories.list_cards(9)


async def newest(database: Database) -> Any:
    async with database.transaction() as tx:
        card = (await tx.stories.list_cards(1))[0]
        run = await tx.runs.find_latest(card.id)
        return await tx.stories.load(card.id), run
