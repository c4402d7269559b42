"""Metrics, traces and experiments as pages: what they show, what their links keep, and what stays blind."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from streamlit.testing.v1 import AppTest

from chorus.domain.experiment import Choice, TrialStatus
from chorus.domain.run import RunEvent, RunSummary
from chorus.domain.trace import REUSED
from chorus.experiments.outcome import Outcome, read_outcome
from chorus.store import Database
from chorus.ui import reads
from tests.pages.conftest import Open, markup_of
from tests.pages.lab import seed_experiment
from tests.pages.seed import seed_library

type Seed = Callable[[Callable[[Database], Any]], Any]


def test_the_metrics_add_up(open_page: Open, seed: Seed) -> None:
    ids = seed(seed_library)
    page = open_page("metrics")
    assert not page.exception
    assert "<dt>Calls (n)</dt><dd>56</dd>" in markup_of(page)
    assert len(page.get("plotly_chart")) == 5 + 4, "by agent, and over time"
    assert len(page.get("download_button")) == len(page.dataframe) == 4
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
    assert linked.multiselect(key="ledger-agents").value == ["scene_generator", "nobody"]
    assert markup_of(linked).count("<dt>Calls (n)</dt><dd>56</dd>") == 0
    nothing = open_page("metrics", agent="story_architect", outcome="quota_exhausted")
    assert "No call fits" in markup_of(nothing)


def test_a_trace_is_shown_in_time_as_a_tree_and_as_a_graph(open_page: Open, seed: Seed) -> None:
    ids = seed(seed_library)
    run_id = seed(partial(_reuse, story_id=ids["ledger"]))
    page = open_page("trace", run_id=run_id)
    assert "↺ draft_scene" in markup_of(page)
    assert "<dt>Answers used again</dt><dd>1</dd>" in markup_of(page)
    tree = markup_of(open_page("trace", run_id=run_id, view="tree"))
    assert '<details open><summary>Scenes<span class="ch-facts">' in tree
    assert "1 answer used again" in tree
    assert "view=tree" in tree
    graph = open_page("trace", run_id=run_id, view="graph")
    assert not graph.exception
    (drawn,) = graph.get("graphviz_chart")
    assert '"draft_scene" -> ' in drawn.proto.spec
    assert "peripheries=2" in drawn.proto.spec
    assert "Which step came after which" in markup_of(graph)


async def _reuse(database: Database, story_id: UUID) -> UUID:
    """A run of the story that used an answer again."""
    async with database.transaction() as tx:
        run = await tx.runs.find_latest(story_id)
        assert run
        call = next(call for call in await tx.calls.list_of_run(run.id) if call.node == "draft_scene")
        told = {"call_id": str(call.id), "node": call.node, "path": call.node_path, "kept": False}
        await tx.runs.record_all(
            [RunEvent(run_id=run.id, story_id=story_id, scene_number=1, kind=REUSED, message="again", data=told)]
        )
    return run.id


def test_a_view_of_the_metrics_is_kept_and_forgotten(open_page: Open, seed: Seed) -> None:
    ids = seed(seed_library)
    page = open_page("metrics", story_id=ids["ledger"], time="Last 7 days")
    press(page, "Keep it")
    assert "A view needs a name" in markup_of(page)
    field_of(page.text_input, "Its name").set_value("One <b>week</b> :red[x]")
    press(page, "Keep it")
    assert not page.exception
    shown = markup_of(open_page("metrics"))
    assert "One &lt;b&gt;week&lt;/b&gt; :red[x]" in shown
    assert f"metrics?time=Last+7+days&amp;story_id={ids['ledger']}" in shown
    press(page, "Forget it")
    assert "ch-views" not in markup_of(page)


def test_a_link_to_an_experiment_that_is_not_there_shows_no_other(open_page: Open, seed: Seed) -> None:
    seed(seed_experiment)
    for broken in ("nonsense", uuid4()):
        page = open_page("experiments", experiment_id=broken)
        assert not page.exception
        assert "missing from the book" in markup_of(page)
        assert "Cool or" not in markup_of(page)


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
    assert len(page.dataframe) == 4, "arms, fronts, figures, trials"
    charts = [chart.proto.id for chart in page.get("plotly_chart")]
    assert [sum(f"front-{cost}" in one for one in charts) for cost in ("tokens", "cost_usd", "active_s")] == [1, 1, 1]
    assert "What quality costs" in shown
    assert {getattr(button, "label", "") for button in page.get("download_button")} >= {
        "Report, one web page",
        "CSV, a row for each story",
        "Parquet, a row for each story",
        "JSON lines, a row for each story",
        "OTLP JSON, every call",
    }


def test_a_link_finds_an_experiment_that_is_too_old_for_the_list(
    open_page: Open, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = (seed(partial(seed_experiment, name=name)) for name in ("The old one", "The new one"))
    monkeypatch.setattr(reads, "EXPERIMENT_LIMIT", 1)
    page = open_page("experiments", experiment_id=old)
    assert not page.exception
    assert "The old one" in markup_of(page)
    assert page.query_params["experiment_id"] == str(old)
    assert open_page("experiments").query_params["experiment_id"] == str(new)


async def votes(database: Database, experiment_id: UUID) -> list[Choice]:
    async with database.reading() as tx:
        return [vote.choice for vote in await tx.experiments.list_votes(experiment_id)]


def test_the_library_keeps_the_stories_of_experiments_apart(open_page: Open, seed: Seed) -> None:
    seed(seed_experiment)
    ids = seed(seed_library)
    page = open_page("stories")
    assert f"<p>{len(ids)} stories" in markup_of(page)
    assert "Tale 1 warm" not in markup_of(page)
    page.selectbox(key="status").select("Of experiments").run()
    assert not page.exception
    assert "Tale 1 warm" in markup_of(page)
    assert "The Tide Ledger" not in markup_of(page)


def test_stories_are_read_blind_and_votes_kept(open_page: Open, seed: Seed) -> None:
    experiment_id = seed(seed_experiment)
    page = open_page("experiments", experiment_id=experiment_id)
    assert "Tale" not in markup_of(page)
    next(button for button in page.button if button.label == "Neither").click().run()
    assert not page.exception
    assert "Your last vote is kept" in markup_of(page)
    next(button for button in page.button if button.label.startswith("The first")).click().run()
    assert seed(lambda database: votes(database, experiment_id)) == [Choice.NEITHER, Choice.FIRST]


async def newest_experiment(database: Database) -> Outcome:
    async with database.reading() as tx:
        return await read_outcome(tx, (await tx.experiments.list_cards())[0].id)


def test_an_experiment_is_begun_in_a_form_stopped_and_gone_on_with(open_page: Open, seed: Seed) -> None:
    page = open_page("experiments")
    field_of(page.text_input, "Name").set_value("Cool or warm")
    press(page, "Write these stories")
    assert "Not done" in markup_of(page)
    field_of(page.text_area, "Premises, one a line").set_value("A lantern burns.\n\nThe tide forgets.\n")
    field_of(page.number_input, "Words per scene").set_value(100)
    page.number_input(key="arm-heat-2").set_value(1.2)
    page.selectbox(key="arm-recall-2").select("By words alone")
    page.text_area(key="arm-extra-2").set_value("Write in the present tense.")
    press(page, "What will it take?")
    assert "4 stories in all. 3 primary comparisons need 7 premises to tell anything, and there are 2." in markup_of(
        page
    )
    press(page, "Write these stories")
    assert not page.exception
    begun = seed(newest_experiment)
    assert page.query_params["experiment_id"] == str(begun.experiment_id)
    assert (begun.at_once, begun.design.premises) == (2, ("A lantern burns.", "The tide forgets."))
    assert begun.design.settings == {"scenes": 4, "words": 100}
    warm = {
        "temperature": 1.2,
        "weights": {"vector": 0.0, "lexical": 1.0},
        "prompts": {"draft_scene": "Write in the present tense."},
    }
    assert [(arm.name, arm.settings) for arm in begun.design.arms] == [("cool", {}), ("warm", warm)]
    assert [trial.status for trial in begun.trials].count(TrialStatus.RUNNING) == 2
    assert "The workers write 2 stories of it now" in markup_of(page)
    press(page, "Stop")
    assert seed(newest_experiment).at_once is None
    press(page, "Go on")
    assert not page.exception
    assert seed(newest_experiment).at_once == 2


def test_a_model_is_asked_to_judge(open_page: Open, seed: Seed) -> None:
    experiment_id = seed(seed_experiment)
    page = open_page("experiments", experiment_id=experiment_id)
    page.text_input(key="judge-model").set_value("a-judge")
    press(page, "Let it judge")
    assert not page.exception
    assert seed(newest_experiment).judge == "a-judge"
    assert "The workers let it be judged now" in markup_of(page)
    assert not any(button.label == "Let it judge" for button in page.button)


def press(page: AppTest, label: str) -> None:
    next(button for button in page.button if button.label == label).click().run()


def field_of(fields: Iterable[Any], label: str) -> Any:
    return next(field for field in fields if field.label == label)
