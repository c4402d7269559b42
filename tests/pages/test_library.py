"""The library and the choosing of a story: searched, turned over page by page, with what each story cost."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from chorus.domain.run import Run, RunSettings
from chorus.domain.story import Story
from chorus.domain.value import now
from chorus.store import Database
from chorus.ui import reads
from tests.pages.conftest import Open, markup_of
from tests.pages.lab import seed_experiment
from tests.pages.seed import call_of, seed_tale
from tests.pages.tales import SHORT, THE_TIDE_LEDGER

type Seed = Callable[[Callable[[Database], Awaitable[Any]]], Any]
MANY = 30


@pytest.mark.parametrize("name", ["story", "read", "codex"])
def test_a_story_is_chosen_by_searching_and_turning_pages(open_page: Open, seed: Seed, name: str) -> None:
    seed(many)
    seed(seed_experiment)
    page = open_page(name)
    assert "1 to 24 of 30" in markup_of(page)
    assert "Tale 1 cool" not in markup_of(page)
    page.query_params["page"] = "2"
    assert "25 to 30 of 30" in markup_of(page.run())
    page.text_input[0].set_value("no. 7").run()
    assert not page.exception
    assert "3 stories found" in markup_of(page)
    assert "page" not in page.query_params


def test_whoever_searches_anew_begins_on_the_first_page(open_page: Open, seed: Seed) -> None:
    seed(many)
    page = open_page("stories", page=2)
    page.selectbox(key="status").select("Complete").run()
    assert "page" not in page.query_params
    assert "1 to 24 of 30" in markup_of(page)


def test_a_story_filter_offers_every_story_but_those_of_experiments(
    open_page: Open, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = seed(many)
    seed(seed_experiment)
    for name in ("memory", "metrics", "review"):
        (titles,) = (box.options for box in open_page(name).selectbox if box.label == "Story")
        assert len(titles) == MANY + 1, name
    monkeypatch.setattr(reads, "TITLES_LIMIT", 3)
    reads.titles.clear()
    oldest = ids[0]
    page = open_page("metrics", story_id=oldest)
    (box,) = (box for box in page.selectbox if box.label == "Story")
    assert (len(box.options), box.value) == (5, oldest)
    page.selectbox[0].select("Last day").run()
    assert page.query_params["story_id"] == str(oldest)


def test_a_card_says_what_its_story_cost_as_far_as_is_known(open_page: Open, seed: Seed) -> None:
    seed(priced)
    shown = {card.split("</h2>")[0]: card for card in markup_of(open_page("stories")).split('<h2 dir="auto">')[1:]}
    assert "$0.5000 · " in shown["All"]
    assert "$0.2500 or more · " in shown["Some"]
    assert "Cost not known · " in shown["None"]
    assert "not known" not in shown["Imported"]


def test_where_there_are_only_experiments_the_library_says_where_they_are(open_page: Open, seed: Seed) -> None:
    seed(seed_experiment)
    page = open_page("stories")
    assert "12 stories written for experiments" in markup_of(page)
    page.selectbox(key="status").select("Of experiments").run()
    assert "12 stories found" in markup_of(page)


async def many(database: Database) -> list[Any]:
    ages = [timedelta(hours=MANY - number) for number in range(MANY)]
    return [
        await seed_tale(database, (f"Tale no. {number}", *SHORT[0][1:], ()), age=age) for number, age in enumerate(ages)
    ]


async def priced(database: Database) -> None:
    """Stories with two calls each, of which prices are known of both, of one and of none; the first a month old."""
    half = Decimal("0.25")
    for title, prices in (("All", (half, half)), ("Some", (half, None)), ("None", (None, None))):
        story = Story(title=title, premise="A keeper.")
        run = Run(story_id=story.id, settings=RunSettings(scenes=1))
        async with database.transaction() as tx:
            await tx.stories.add(story)
            await tx.runs.add(run)
            for price, age in zip(prices, (timedelta(days=30), timedelta()), strict=True):
                dice = Random(3)  # noqa: S311 - a seed is wanted
                await tx.calls.open(call_of(run, "scene_generator", 1, now() - age, dice, cost_usd=price))
    await seed_tale(database, ("Imported", *THE_TIDE_LEDGER[1:]), status=None)
    async with database.transaction() as tx:
        assert await tx.rollups.roll((now() - timedelta(days=30)).date())
