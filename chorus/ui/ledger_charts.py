"""The charts of the ledger. Those by group can be selected in; n stands beside every name."""

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from chorus.domain.metrics import CallBucket, CallFigures, Foreseen
from chorus.ui.charts import CONFIG, MARKERS, PATTERNS, Trace, chart, height_of, pattern, plot
from chorus.ui.markup import chart_text
from chorus.ui.words import AGENTS, titled

__all__ = ["plot"]


def choose(figure: go.Figure, alt: str, key: str, labels: Sequence[str]) -> int | None:
    """Put a chart on the page and tell which of its groups, labelled so, has just been selected, by its place."""
    turn = st.session_state.get(_TURN, 0)
    chosen = st.plotly_chart(
        figure, key=f"{key}-{turn}", alt=alt, config=CONFIG, on_select="rerun", selection_mode="points"
    )
    picked = next((str(point.get("y")) for point in chosen["selection"]["points"]), None)
    place = labels.index(picked) if picked in labels else None
    if place is not None:
        st.session_state[_TURN] = turn + 1  # the chart begins anew, with nothing selected
    return place


_TURN = "ledger-turn"
_TOP_DOWN = {"autorange": "reversed", "type": "category"}


def tokens(groups: Sequence[CallFigures], names: Sequence[str]) -> go.Figure:
    """Prompt and completion tokens of each group, and what of them was cached or reasoning."""
    parts = (
        ("Prompt, cached", ".", [group.cached_tokens for group in groups]),
        ("Prompt", "", [max(0, group.prompt_tokens - group.cached_tokens) for group in groups]),
        ("Completion", "/", [max(0, group.completion_tokens - group.reasoning_tokens) for group in groups]),
        ("Reasoning", "x", [group.reasoning_tokens for group in groups]),
    )
    labels = labelled(groups, names)
    traces = [_bars(name, shape, values, labels, "%{x:,} tokens") for name, shape, values in parts if any(values)]
    return _stacked(traces, "Tokens", len(groups))


def calls(groups: Sequence[CallFigures], names: Sequence[str]) -> go.Figure:
    """Calls of each group, those that were not answered well set apart."""
    labels = labelled(groups, names)
    good = _bars("Good", "", [group.calls - group.failed for group in groups], labels, "%{x:,} calls")
    failed = _bars("Failed", "x", [group.failed for group in groups], labels, "%{x:,} calls")
    return _stacked([good, failed], "Calls", len(groups))


def speeds(groups: Sequence[CallFigures], names: Sequence[str]) -> go.Figure:
    """Completion tokens per second of each group."""
    values = [group.tokens_per_s or 0 for group in groups]
    bars = _bars("", "", values, labelled(groups, names), "%{x:.1f} tokens per second")
    return _stacked([bars], "Completion tokens per second", len(groups), showlegend=False)


def latencies(groups: Sequence[CallFigures], names: Sequence[str]) -> go.Figure:
    """Within which time half, 95 % and 99 % of each group's calls were answered, and half began to be."""
    labels = labelled(groups, names)
    traces = [
        {
            "type": "scatter",
            "x": _seconds(groups, field),
            "y": labels,
            "name": name,
            "mode": "markers",
            "marker": {"size": 11, "symbol": MARKERS[at]},
            "hovertemplate": "%{y}<br>%{x:.2f} s<extra>" + name + "</extra>",
        }
        for at, (name, field) in enumerate(
            (
                ("First token, p50", "ttft_p50_ms"),
                ("p50", "latency_p50_ms"),
                ("p95", "latency_p95_ms"),
                ("p99", "latency_p99_ms"),
            )
        )
    ]
    across = {"title": "Latency in seconds", "rangemode": "tozero"}
    return chart(traces, height_of(len(groups)), across=across, up=_TOP_DOWN)


def tokens_over_time(buckets: Sequence[CallBucket]) -> go.Figure:
    """Tokens by agent, stretch by stretch."""
    traces = [
        {
            "type": "bar",
            "x": [bucket.began_at for bucket in members],
            "y": [bucket.tokens for bucket in members],
            "name": AGENTS.get(agent, chart_text(agent)),
            "marker": {"pattern": pattern(PATTERNS[at % len(PATTERNS)])},
            "customdata": [bucket.calls for bucket in members],
            "hovertemplate": "%{x}<br>%{y:,} tokens, n = %{customdata}",
        }
        for at, (agent, members) in enumerate(_by_agent(buckets).items())
    ]
    return chart(traces, height_of(6), up={"title": "Tokens"}, barmode="stack")


def latency_over_time(buckets: Sequence[CallBucket]) -> go.Figure:
    """Latency by agent, stretch by stretch: half within the line, 95 % within the dotted one."""
    traces = []
    for at, (agent, members) in enumerate(_by_agent(buckets).items()):
        name = AGENTS.get(agent, chart_text(agent))
        for quantile, dash in (("p50", "solid"), ("p95", "dot")):
            traces.append(
                {
                    "type": "scatter",
                    "x": [bucket.began_at for bucket in members],
                    "y": _seconds(members, f"latency_{quantile}_ms"),
                    "name": f"{name}, {quantile}",
                    "legendgroup": name,
                    "mode": "lines+markers",
                    "line": {"dash": dash},
                    "marker": {"symbol": MARKERS[at % len(MARKERS)], "size": 7},
                    "customdata": [bucket.calls for bucket in members],
                    "hovertemplate": "%{x}<br>%{y:.2f} s, n = %{customdata}",
                }
            )
    return chart(traces, height_of(6), up={"title": "Latency in seconds", "rangemode": "tozero"})


def foreseen_tokens(runs: Sequence[Foreseen]) -> go.Figure:
    """What was foreseen of each run's tokens and what it took; on the line the two are the same."""
    return _foreseen(
        [run.foreseen_tokens for run in runs],
        [float(run.tokens) for run in runs],
        runs,
        "Tokens foreseen",
        "Tokens taken",
    )


def foreseen_time(runs: Sequence[Foreseen]) -> go.Figure:
    """The same for time."""
    return _foreseen(
        [r.foreseen_s for r in runs], [r.active_s for r in runs], runs, "Seconds foreseen", "Seconds taken"
    )


def _foreseen(
    foreseen: Sequence[float], taken: Sequence[float], runs: Sequence[Foreseen], across: str, up: str
) -> go.Figure:
    most = max([*foreseen, *taken, 1.0])
    line = {"type": "scatter", "x": [0, most], "y": [0, most], "mode": "lines", "line": {"dash": "dot"}}
    each = {
        "type": "scatter",
        "x": list(foreseen),
        "y": list(taken),
        "mode": "markers",
        "name": "runs",
        "marker": {"size": 9, "opacity": 0.75},
        "customdata": [chart_text(titled(run.title)) for run in runs],
        "hovertemplate": "%{customdata}<br>foreseen %{x:,.0f}, taken %{y:,.0f}<extra></extra>",
    }
    traces = [{**line, "name": "the same", "hoverinfo": "skip"}, each]
    return chart(traces, height_of(5), across={"title": across}, up={"title": up, "rangemode": "tozero"})


def _by_agent(buckets: Sequence[CallBucket]) -> dict[str, list[CallBucket]]:
    groups: dict[str, list[CallBucket]] = {}
    for bucket in buckets:
        groups.setdefault(bucket.agent, []).append(bucket)
    return groups


def _seconds(those: Sequence[CallFigures] | Sequence[CallBucket], field: str) -> list[float | None]:
    took = (getattr(one, field) for one in those)
    return [None if ms is None else ms / 1000 for ms in took]


def _bars(name: str, shape: str, values: Sequence[float], labels: Sequence[str], said: str) -> Trace:
    return {
        "type": "bar",
        "x": list(values),
        "y": list(labels),
        "name": name,
        "orientation": "h",
        "marker": {"pattern": pattern(shape)},
        "hovertemplate": "%{y}<br>" + said + f"<extra>{name}</extra>",
    }


def labelled(groups: Sequence[CallFigures], names: Sequence[str]) -> list[str]:
    """What stands beside each group: its name, and how many calls it has."""
    return [f"{name} · n = {group.calls:,}" for name, group in zip(names, groups, strict=True)]


def _stacked(traces: Sequence[Trace], x_title: str, rows: int, **layout: object) -> go.Figure:
    return chart(traces, height_of(rows), across={"title": x_title}, up=_TOP_DOWN, barmode="stack", **layout)
