"""More charts of the ledger: cost, the time to the first token, and what ended badly, by group and over time."""

from collections.abc import Callable, Sequence

import plotly.graph_objects as go

from chorus.domain.metrics import CallBucket, CallFigures, FailureBucket, Foreseen
from chorus.ui.charts import MARKERS, PATTERNS, Trace, chart, height_of, pattern, plot
from chorus.ui.markup import chart_text
from chorus.ui.reads import Ledger
from chorus.ui.words import AGENTS, count, titled

_TOP_DOWN = {"autorange": "reversed", "type": "category"}


def cost(groups: Sequence[CallFigures], labels: Sequence[str]) -> go.Figure:
    """What is known of the cost of each group."""
    bars = {
        "type": "bar",
        "x": [group.cost_usd or 0.0 for group in groups],
        "y": list(labels),
        "orientation": "h",
        "customdata": [_unpriced(group) for group in groups],
        "hovertemplate": "%{y}<br>$%{x:,.4f}%{customdata}<extra></extra>",
    }
    across = {"title": "Cost in USD, as far as prices are known", "rangemode": "tozero"}
    return chart([bars], height_of(len(groups)), across=across, up=_TOP_DOWN, showlegend=False)


def cost_alt(noun: str, groups: Sequence[CallFigures], names: Sequence[str]) -> str:
    """The chart of cost in words."""
    parts = [
        f"{name} {'not known' if group.cost_usd is None else f'${group.cost_usd:,.4f}'}{_unpriced(group)}"
        for name, group in zip(names, groups, strict=True)
    ]
    return f"Bar chart of cost by {noun}: {'; '.join(parts[:5])}."


def _unpriced(group: CallFigures) -> str:
    return f", {count(group.unpriced, 'call')} without a price" if group.unpriced else ""


def plot_cost_over_time(ledger: Ledger, unit: str) -> None:
    """Cost by agent, stretch by stretch; nothing where no price is known."""
    priced = [bucket for bucket in ledger.buckets if bucket.cost_usd is not None]
    if not priced:
        return
    in_all = sum(bucket.cost_usd or 0.0 for bucket in priced)
    traces = _bars(priced, lambda bucket: bucket.agent, AGENTS, lambda bucket: bucket.cost_usd, "$%{y:,.4f}")
    alt = f"Bar chart of the cost by agent for each {unit}, ${in_all:,.4f} in all as far as prices are known."
    plot(chart(traces, height_of(6), up={"title": "Cost in USD"}, barmode="stack"), alt, "time-cost")


def plot_first_token(ledger: Ledger, unit: str) -> None:
    """The time to the first token by agent, stretch by stretch: half within the line, 95 % within the dotted one."""
    timed = [bucket for bucket in ledger.buckets if bucket.ttft_p50_ms is not None]
    if not timed:
        return
    traces: list[Trace] = []
    for at, (agent, members) in enumerate(_by(timed, lambda bucket: bucket.agent).items()):
        name = AGENTS.get(agent, chart_text(agent))
        marker = {"symbol": MARKERS[at % len(MARKERS)], "size": 7}
        for quantile, dash in (("p50", "solid"), ("p95", "dot")):
            took = [getattr(bucket, f"ttft_{quantile}_ms") for bucket in members]
            traces.append(
                {
                    "type": "scatter",
                    "x": [bucket.began_at for bucket in members],
                    "y": [None if ms is None else ms / 1000 for ms in took],
                    "name": f"{name}, {quantile}",
                    "legendgroup": name,
                    "mode": "lines+markers",
                    "line": {"dash": dash},
                    "marker": marker,
                    "customdata": [bucket.calls for bucket in members],
                    "hovertemplate": "%{x}<br>%{y:.2f} s, n = %{customdata}",
                }
            )
    up = {"title": "First token in seconds", "rangemode": "tozero"}
    alt = f"Line chart of the time to the first token by agent, half and 95 % within, for each {unit}."
    plot(chart(traces, height_of(6), up=up), alt, "time-first-token")


def plot_failures(ledger: Ledger, unit: str) -> None:
    """What ended badly, by outcome, stretch by stretch."""
    traces = _bars(
        ledger.failures, lambda bucket: bucket.outcome.value, {}, lambda bucket: bucket.calls, "%{y:,} calls"
    )
    failed = count(sum(bucket.calls for bucket in ledger.failures), "call")
    alt = f"Bar chart of {failed} that ended badly, by outcome, for each {unit}."
    plot(chart(traces, height_of(5), up={"title": "Calls that ended badly"}, barmode="stack"), alt, "time-failures")


def plot_foreseen_cost(runs: Sequence[Foreseen]) -> None:
    """What was foreseen of each run's cost and what it was, of those whose prices are known."""
    known = [run for run in runs if run.foreseen_usd is not None and run.cost_usd is not None]
    if not known:
        return
    foreseen, taken = [run.foreseen_usd or 0.0 for run in known], [run.cost_usd or 0.0 for run in known]
    most = max([*foreseen, *taken])
    line = {"type": "scatter", "x": [0, most], "y": [0, most], "mode": "lines", "line": {"dash": "dot"}}
    each = {
        "type": "scatter",
        "x": foreseen,
        "y": taken,
        "mode": "markers",
        "name": "runs",
        "marker": {"size": 9, "opacity": 0.75},
        "customdata": [chart_text(titled(run.title)) for run in known],
        "hovertemplate": "%{customdata}<br>foreseen $%{x:,.4f}, taken $%{y:,.4f}<extra></extra>",
    }
    traces = [{**line, "name": "the same", "hoverinfo": "skip"}, each]
    up = {"title": "USD taken", "rangemode": "tozero"}
    shown = chart(traces, height_of(5), across={"title": "USD foreseen"}, up=up)
    plot(shown, f"Scatter chart of the cost foreseen and taken by {count(len(known), 'run')}.", "foreseen-cost")


def _by[T: CallBucket | FailureBucket](buckets: Sequence[T], key: Callable[[T], str]) -> dict[str, list[T]]:
    groups: dict[str, list[T]] = {}
    for bucket in buckets:
        groups.setdefault(key(bucket), []).append(bucket)
    return groups


def _bars[T: CallBucket | FailureBucket](
    buckets: Sequence[T],
    key: Callable[[T], str],
    names: dict[str, str],
    value: Callable[[T], float | None],
    said: str,
) -> list[Trace]:
    """Bars of each group, one on the other."""
    return [
        {
            "type": "bar",
            "x": [bucket.began_at for bucket in members],
            "y": [value(bucket) for bucket in members],
            "name": names.get(group, chart_text(group.replace("_", " "))),
            "marker": {"pattern": pattern(PATTERNS[at % len(PATTERNS)])},
            "customdata": [bucket.calls for bucket in members],
            "hovertemplate": "%{x}<br>" + said + ", n = %{customdata}",
        }
        for at, (group, members) in enumerate(_by(buckets, key).items())
    ]
