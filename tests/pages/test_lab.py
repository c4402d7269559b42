"""Metrics, traces and experiments as pages: what they show, what their links keep, and what stays blind."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from chorus.domain.experiment import Choice
from chorus.domain.run import RunSummary
from chorus.store import Database
from tests.pages.conftest import Open, markup_of
from tests.pages.lab import seed_experiment
from tests.pages.seed import seed_library

type Seed = Callable[[Callable[[Database], Any]], Any]


def test_the_metrics_add_up(open_page: Open, seed: Seed) -> None:
    ids = seed(seed_library)
    page = open_page("metrics")
    assert not page.exception
    assert "<dt>Calls (n)</dt><dd>56</dd>" in markup_of(page)
    assert len(page.get("plotly_chart")) == 6
    assert len(page.get("download_button")) == len(page.dataframe) == 3
    one = open_page("metrics", story_id=ids["ledger"], by="Step", time="Last day")
    assert "<dt>Calls (n)</dt><dd>31</dd>" in markup_of(one)
    assert "By step" in markup_of(one)


def test_a_metrics_filter_is_kept_in_the_url_and_read_from_it(open_page: Open, seed: Seed) -> None:
    ids = seed(seed_library)
    page = open_page("metrics")
    page.selectbox(key="metrics-story").select(ids["orchard"]).run()
    assert page.query_params["story_id"] == str(ids["orchard"])
    page.selectbox(key="metrics-story").select(None).run()
    assert "story_id" not in page.query_params
    page.multiselect(key="ledger-agents").set_value(["scene_generator"]).run()
    assert page.query_params["agent"] == "scene_generator"
    linked = open_page("metrics", agent="scene_generator|nobody")
    assert linked.multiselect(key="ledger-agents").value == ["scene_generator"]
    assert markup_of(linked).count("<dt>Calls (n)</dt><dd>56</dd>") == 0
    nothing = open_page("metrics", agent="story_architect", outcome="quota_exhausted")
    assert "No call fits" in markup_of(nothing)


async def newest_runs(database: Database) -> list[RunSummary]:
    async with database.reading() as tx:
        return await tx.runs.list_summaries()


def test_a_trace_shows_every_call_and_all_of_one(open_page: Open, seed: Seed) -> None:
    ids = seed(seed_library)
    run_id, other = (run.run_id for run in seed(newest_runs) if run.story_id in (ids["ledger"], ids["orchard"]))
    page = open_page("trace", run_id=run_id)
    shown = markup_of(page)
    assert not page.exception
    assert shown.count("ch-fall-facts") in (13, 31)
    assert "ch-fall-critical" in shown
    call_id = shown.split("call_id=")[1].split('"')[0]
    with_call = open_page("trace", run_id=run_id, call_id=call_id, beside=other)
    assert not with_call.exception
    assert "Held back by" in markup_of(with_call)
    assert markup_of(with_call).count("ch-fall-facts") == 13 + 31


def test_links_that_name_no_run_or_call_are_explained(open_page: Open, seed: Seed) -> None:
    seed(seed_library)
    nobody = "00000000-0000-0000-0000-000000000000"
    for odd in ({"run_id": nobody}, {"call_id": nobody}):
        page = open_page("trace", **odd)
        assert not page.exception
        assert "This page is missing" in markup_of(page)
    assert not open_page("trace", run_id="x", call_id="y", beside="z").exception


def test_before_there_is_anything_the_pages_say_how_to_begin(open_page: Open) -> None:
    assert "There is no run yet" in markup_of(open_page("trace"))
    assert "No experiment was begun yet" in markup_of(open_page("experiments"))


def test_an_experiment_says_what_may_be_said(open_page: Open, seed: Seed) -> None:
    experiment_id = seed(seed_experiment)
    page = open_page("experiments", experiment_id=experiment_id)
    shown = markup_of(page)
    assert not page.exception
    assert "Cool or &lt;b&gt;warm&lt;/b&gt;" in shown
    assert "ch-verdict-not_enough" in shown  # two primary measures at six premises: Holm wants more
    assert len(page.dataframe) == 3


async def votes(database: Database, experiment_id: UUID) -> list[Choice]:
    async with database.reading() as tx:
        return [vote.choice for vote in await tx.experiments.list_votes(experiment_id)]


def test_stories_are_read_blind_and_votes_kept(open_page: Open, seed: Seed) -> None:
    experiment_id = seed(seed_experiment)
    page = open_page("experiments", experiment_id=experiment_id)
    assert "Tale" not in markup_of(page)
    next(button for button in page.button if button.label == "Neither").click().run()
    assert not page.exception
    assert "Your last vote is kept" in markup_of(page)
    next(button for button in page.button if button.label.startswith("The first")).click().run()
    assert seed(lambda database: votes(database, experiment_id)) == [Choice.NEITHER, Choice.FIRST]
