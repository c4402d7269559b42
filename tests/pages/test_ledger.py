"""What is asked of the metrics: by links, by bars that are selected, by views that are kept."""

from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st

from chorus.domain.metrics import CallFigures
from chorus.domain.saved_view import SavedView
from chorus.store import Database
from chorus.ui import figures, ledger_charts
from tests.pages.conftest import Open, markup_of
from tests.pages.seed import seed_library

type Seed = Callable[[Callable[[Database], Any]], Any]
_LATENCY = ("latency_p50_ms", "latency_p95_ms", "latency_p99_ms")
_TIMES = (*_LATENCY, "ttft_p50_ms", "ttft_p95_ms", "ttft_p99_ms", "tokens_per_s")
_COUNTS = ("failed", "prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens", "unpriced")
FIGURES = CallFigures.model_validate(
    {"group": "", "calls": 3, "cost_usd": None} | dict.fromkeys(_COUNTS, 0) | dict.fromkeys(_TIMES)
)


def test_what_a_link_names_and_no_call_has_is_not_forgotten(open_page: Open, seed: Seed) -> None:
    seed(seed_library)
    for name in ("gone", "odd|name", "50 % | more"):
        page = open_page("metrics", model=quoted(name))
        assert page.multiselect(key="ledger-models").value == [name]
        assert page.query_params["model"] == quoted(name)
        assert "No call fits" in markup_of(page)
    for broken in ({"run_id": "nonsense"}, {"outcome": "bliss"}):
        assert "missing from the book" in markup_of(open_page("metrics", **broken)), broken


def quoted(name: str) -> str:
    return name.replace("%", "%25").replace("|", "%7C")


@pytest.mark.parametrize("chart", ["model-tokens", "model-latency", "model-calls", "model-speed"])
def test_a_bar_that_is_selected_is_the_one_that_is_asked_for(
    open_page: Open, seed: Seed, monkeypatch: pytest.MonkeyPatch, chart: str
) -> None:
    seed(seed_library)
    wanted: list[str] = []

    def selected(figure: Any, key: str, **_: object) -> dict[str, Any]:
        """What Streamlit tells of a bar that somebody selects in one of the charts, once."""
        if not (wanted and key.startswith(f"{chart}-")):
            return {"selection": {"points": []}}
        begins = f"{wanted.pop()} "
        bars = (str(label) for trace in figure.data for label in trace.y)
        return {"selection": {"points": [{"y": next(bar for bar in bars if bar.startswith(begins))}]}}

    monkeypatch.setattr(st, "plotly_chart", selected)
    page = open_page("metrics", by="Model")
    for model in ("gpt-4-turbo", "gpt-4o-mini"):
        wanted.append(model)
        page.run()
        assert not page.exception
        assert page.multiselect(key="ledger-models").value == [model]
        wanted.append(model)
        assert page.run().multiselect(key="ledger-models").value == []


def test_a_group_is_told_from_one_whose_name_begins_like_it(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = [FIGURES.model_copy(update={"group": name}) for name in ("gpt-4", "gpt-4-turbo")]
    labels = ledger_charts.labelled(groups, ["gpt-4", "gpt-4-turbo"])
    picked = {"selection": {"points": [{"y": labels[1]}]}}
    monkeypatch.setattr(st, "plotly_chart", lambda *_, **__: picked)
    assert ledger_charts.choose(ledger_charts.calls(groups, labels), "", "a-chart", labels) == 1


def test_groups_of_one_name_are_told_apart() -> None:
    assert figures.distinct(["A", "A", "A (2)", "A"]) == ["A", "A (2)", "A (2) (2)", "A (3)"]


def test_a_view_that_asks_for_what_is_no_filter_leaves_the_page_whole(open_page: Open, seed: Seed) -> None:
    async def keep(database: Database) -> None:
        async with database.transaction() as tx:
            asked = {"name": "x", "icon": "y", "by": "Model", "call_id": "z"}
            await tx.saved_views.keep(SavedView(page="metrics", name="Odd", asked=asked))

    seed(seed_library)
    seed(keep)
    page = open_page("metrics", icon="x", label="y", time="Last day")
    assert not page.exception
    assert 'href="metrics?by=Model"' in markup_of(page)
    next(field for field in page.text_input if field.label == "Its name").set_value("Mine")
    next(button for button in page.button if button.label == "Keep it").click().run()
    assert 'href="metrics?time=Last+day"' in markup_of(page)
