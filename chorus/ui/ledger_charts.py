"""The charts of the ledger. Those by group can be selected in; n stands beside every name."""

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from chorus.domain.metrics import CallBucket, CallFigures, Foreseen
from chorus.ui.charts import CONFIG, MARKERS, PATTERNS, finished, pattern, plot
from chorus.ui.markup import chart_text
from chorus.ui.words import AGENTS, titled

__all__ = ["plot"]


def choose(figure: go.Figure, alt: str, key: str, names: Sequence[str]) -> int | None:
    """Put a chart on the page and tell which of its groups has just been selected, by its place."""
    turn = st.session_state.get(_TURN, 0)
    chosen = st.plotly_chart(
        figure, key=f"{key}-{turn}", alt=alt, config=CONFIG, on_select="rerun", selection_mode="points"
    )
    picked = next((str(point.get("y")) for point in chosen["selection"]["points"]), None)
    place = next((at for at, name in enumerate(names) if picked and picked.startswith(name)), None)
    if place is not None:
        st.session_state[_TURN] = turn + 1  # the chart begins anew, with nothing selected
    return place


_TURN = "ledger-turn"


def tokens(groups: Sequence[CallFigures], names: Sequence[str]) -> go.Figure:
    """Prompt and completion tokens of each group, and what of them was cached or reasoning."""
    figure = go.Figure()
    for name, shape, values in (
        ("Prompt, cached", ".", [group.cached_tokens for group in groups]),
        ("Prompt", "", [max(0, group.prompt_tokens - group.cached_tokens) for group in groups]),
        ("Completion", "/", [max(0, group.completion_tokens - group.reasoning_tokens) for group in groups]),
        ("Reasoning", "x", [group.reasoning_tokens for group in groups]),
    ):
        if any(values):
            _bars(figure, name, shape, values, groups, names, "%{x:,} tokens")
    return _stacked(figure, "Tokens", len(groups))


def calls(groups: Sequence[CallFigures], names: Sequence[str]) -> go.Figure:
    """Calls of each group, those that were not answered well set apart."""
    figure = go.Figure()
    _bars(figure, "Good", "", [group.calls - group.failed for group in groups], groups, names, "%{x:,} calls")
    _bars(figure, "Failed", "x", [group.failed for group in groups], groups, names, "%{x:,} calls")
    return _stacked(figure, "Calls", len(groups))


def speeds(groups: Sequence[CallFigures], names: Sequence[str]) -> go.Figure:
    """Completion tokens per second of each group."""
    figure = go.Figure()
    _bars(figure, "", "", [group.tokens_per_s or 0 for group in groups], groups, names, "%{x:.1f} tokens per second")
    return _stacked(figure, "Completion tokens per second", len(groups), legend=False)


def latencies(groups: Sequence[CallFigures], names: Sequence[str]) -> go.Figure:
    """Within which time half, 95 % and 99 % of each group's calls were answered, and half began to be."""
    figure = go.Figure()
    for at, (name, field) in enumerate(
        (
            ("First token, p50", "ttft_p50_ms"),
            ("p50", "latency_p50_ms"),
            ("p95", "latency_p95_ms"),
            ("p99", "latency_p99_ms"),
        )
    ):
        values = [getattr(group, field) for group in groups]
        figure.add_scatter(
            x=[None if value is None else value / 1000 for value in values],
            y=_labels(groups, names),
            name=name,
            mode="markers",
            marker={"size": 11, "symbol": MARKERS[at]},
            hovertemplate="%{y}<br>%{x:.2f} s<extra>" + name + "</extra>",
        )
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_xaxes(rangemode="tozero")
    return finished(figure, "Latency in seconds", rows=len(groups))


def tokens_over_time(buckets: Sequence[CallBucket]) -> go.Figure:
    """Tokens by agent, stretch by stretch."""
    figure = go.Figure()
    for at, (agent, members) in enumerate(_by_agent(buckets).items()):
        figure.add_bar(
            x=[bucket.began_at for bucket in members],
            y=[bucket.tokens for bucket in members],
            name=AGENTS.get(agent, chart_text(agent)),
            marker_pattern=pattern(PATTERNS[at % len(PATTERNS)]),
            customdata=[bucket.calls for bucket in members],
            hovertemplate="%{x}<br>%{y:,} tokens, n = %{customdata}",
        )
    figure.update_layout(barmode="stack")
    figure.update_yaxes(title="Tokens")
    return finished(figure, "", rows=6)


def latency_over_time(buckets: Sequence[CallBucket]) -> go.Figure:
    """Latency by agent, stretch by stretch: half within the line, 95 % within the dotted one."""
    figure = go.Figure()
    for at, (agent, members) in enumerate(_by_agent(buckets).items()):
        name = AGENTS.get(agent, chart_text(agent))
        for quantile, dash in (("p50", "solid"), ("p95", "dot")):
            values = [getattr(bucket, f"latency_{quantile}_ms") for bucket in members]
            figure.add_scatter(
                x=[bucket.began_at for bucket in members],
                y=[None if value is None else value / 1000 for value in values],
                name=f"{name}, {quantile}",
                legendgroup=name,
                mode="lines+markers",
                line={"dash": dash},
                marker={"symbol": MARKERS[at % len(MARKERS)], "size": 7},
                customdata=[bucket.calls for bucket in members],
                hovertemplate="%{x}<br>%{y:.2f} s, n = %{customdata}",
            )
    figure.update_yaxes(title="Latency in seconds", rangemode="tozero")
    return finished(figure, "", rows=6)


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
    figure = go.Figure()
    most = max([*foreseen, *taken, 1.0])
    figure.add_scatter(x=[0, most], y=[0, most], mode="lines", line={"dash": "dot"}, name="the same", hoverinfo="skip")
    figure.add_scatter(
        x=list(foreseen),
        y=list(taken),
        mode="markers",
        name="runs",
        marker={"size": 9, "opacity": 0.75},
        customdata=[chart_text(titled(run.title)) for run in runs],
        hovertemplate="%{customdata}<br>foreseen %{x:,.0f}, taken %{y:,.0f}<extra></extra>",
    )
    figure.update_yaxes(title=up, rangemode="tozero")
    return finished(figure, across, rows=5)


def _by_agent(buckets: Sequence[CallBucket]) -> dict[str, list[CallBucket]]:
    groups: dict[str, list[CallBucket]] = {}
    for bucket in buckets:
        groups.setdefault(bucket.agent, []).append(bucket)
    return groups


def _bars(
    figure: go.Figure,
    name: str,
    shape: str,
    values: Sequence[float],
    groups: Sequence[CallFigures],
    names: Sequence[str],
    said: str,
) -> None:
    figure.add_bar(
        x=list(values),
        y=_labels(groups, names),
        name=name,
        orientation="h",
        marker_pattern=pattern(shape),
        hovertemplate="%{y}<br>" + said + f"<extra>{name}</extra>",
    )


def _labels(groups: Sequence[CallFigures], names: Sequence[str]) -> list[str]:
    return [f"{name} · n = {group.calls:,}" for name, group in zip(names, groups, strict=True)]


def _stacked(figure: go.Figure, x_title: str, rows: int, *, legend: bool = True) -> go.Figure:
    figure.update_layout(barmode="stack")
    figure.update_yaxes(autorange="reversed", type="category")
    return finished(figure, x_title, rows=rows, legend=legend)
