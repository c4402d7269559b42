"""Quality of the arms against what they take: the charts of the Pareto fronts."""

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from chorus.experiments.outcome import FRONTS, ArmOutcome, Outcome, quality_of
from chorus.metrics import MEASURES
from chorus.ui.charts import MARKERS, chart, plot
from chorus.ui.markup import chart_text, draw, safe


def fronts(outcome: Outcome) -> list[dict[str, object]]:
    """Draw quality against tokens, cost and time, as far as they are known, and give the figures as rows."""
    quality = quality_of(outcome.design, outcome.arms)
    costs = [cost for cost in FRONTS if quality and any({quality, cost} <= arm.means.keys() for arm in outcome.arms)]
    if not quality or not costs:
        return []
    better = MEASURES[quality].better.value
    draw(
        '<h3 class="ch-subheading">What quality costs</h3><p class="ch-facts">A diamond is on the front: no other arm '
        f"is at least as good in {safe(MEASURES[quality].label.lower())} ({better} is better) and as cheap.</p>"
    )
    for column, cost in zip(st.columns(len(costs), gap="large"), costs, strict=True):
        with column:
            there = [arm for arm in outcome.arms if {quality, cost} <= arm.means.keys()]
            plot(_front(there, quality, cost), _alt(there, quality, cost), f"front-{cost}")
    return [_row(arm, quality, costs) for arm in outcome.arms]


def _front(arms: Sequence[ArmOutcome], quality: str, cost: str) -> go.Figure:
    traces = []
    for name, symbol, on_front in (("On the front", MARKERS[1], True), ("Beaten", f"{MARKERS[0]}-open", False)):
        shown = [arm for arm in arms if bool(getattr(arm, FRONTS[cost])) is on_front]
        traces.append(
            {
                "type": "scatter",
                "x": [arm.means[cost] for arm in shown],
                "y": [arm.means[quality] for arm in shown],
                "text": [chart_text(arm.name, 24) for arm in shown],
                "customdata": [arm.complete for arm in shown],
                "name": name,
                "mode": "markers+text",
                "textposition": "top center",
                "cliponaxis": False,
                "marker": {"size": 12, "symbol": symbol},
                "hovertemplate": "%{text}: %{x:,.4~g}, %{y:.4f}, n = %{customdata}<extra></extra>",
            }
        )
    across = {"title": _titled(cost), "rangemode": "tozero"}
    return chart(traces, 320, across=across, up={"title": MEASURES[quality].label})


def _titled(cost: str) -> str:
    measure = MEASURES[cost]
    return f"{measure.label} in {measure.unit}" if measure.unit not in {"", measure.label.lower()} else measure.label


def _alt(arms: Sequence[ArmOutcome], quality: str, cost: str) -> str:
    best = ", ".join(arm.name for arm in arms if getattr(arm, FRONTS[cost]))
    told = f"{MEASURES[quality].label} against {MEASURES[cost].label.lower()} of {len(arms)} arms"
    return f"Scatter chart of {told}; nobody beats in both: {best}."


def _row(arm: ArmOutcome, quality: str, costs: Sequence[str]) -> dict[str, object]:
    row: dict[str, object] = {
        "Arm": arm.name,
        MEASURES[quality].label: arm.means.get(quality),
        "Stories (n)": arm.complete,
    }
    for cost in costs:
        row[_titled(cost)] = arm.means.get(cost)
        row[f"Best for its {MEASURES[cost].label.lower()}"] = "yes" if getattr(arm, FRONTS[cost]) else ""
    return row
