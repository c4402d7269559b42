"""Plotly charts in the app's own type and colours; Streamlit lays the theme's colours under them, light or dark.

No chart tells anything by colour alone: series differ in pattern or marker too, and a table stands beside each.
"""

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from chorus.domain.canon import MemoryHit
from chorus.store import CallFigures, CallPoint
from chorus.ui.markup import chart_text
from chorus.ui.words import MEMORY_KIND, titled

_PATTERNS = ("", "/", ".", "x", "-", "\\", "+", "|")
_MARKERS = ("circle", "diamond", "square", "triangle-up", "cross", "x", "star", "hexagon")
_ROW_HEIGHT = 44
_GREY = "rgba(128,120,110,0.18)"


def plot(figure: go.Figure, alt: str, key: str) -> None:
    """Put a chart on the page, with what it shows in words for those who cannot see it."""
    st.plotly_chart(figure, key=key, alt=alt, config={"displayModeBar": False, "responsive": True})


def scores(hits: Sequence[MemoryHit]) -> go.Figure:
    """How well each hit fits, the best on top."""
    names = [f"{hit.rank}. {_place(hit)}" for hit in hits]
    figure = go.Figure()
    for kind in dict.fromkeys(hit.kind for hit in hits):
        of_kind = [(name, hit) for name, hit in zip(names, hits, strict=True) if hit.kind is kind]
        figure.add_bar(
            x=[hit.score for _, hit in of_kind],
            y=[name for name, _ in of_kind],
            name=MEMORY_KIND[kind],
            orientation="h",
            marker_pattern=_pattern(_PATTERNS[list(MEMORY_KIND).index(kind)]),
            hovertemplate="%{y}<br>score %{x:.4f}<extra></extra>",
        )
    figure.update_yaxes(categoryorder="array", categoryarray=names[::-1])
    return _finished(figure, "How well it fits", rows=len(hits))


def tokens(groups: Sequence[CallFigures], names: Sequence[str]) -> go.Figure:
    """Prompt and completion tokens of each group, stacked."""
    figure = go.Figure()
    for name, pattern, values in (
        ("Prompt", "", [group.prompt_tokens for group in groups]),
        ("Completion", "/", [group.completion_tokens for group in groups]),
    ):
        figure.add_bar(
            x=values,
            y=list(names),
            name=name,
            orientation="h",
            marker_pattern=_pattern(pattern),
            hovertemplate="%{y}<br>%{x:,} tokens<extra>" + name + "</extra>",
        )
    figure.update_layout(barmode="stack")
    figure.update_yaxes(autorange="reversed")
    return _finished(figure, "Tokens", rows=len(groups))


def calls(groups: Sequence[CallFigures], names: Sequence[str]) -> go.Figure:
    """Calls of each group, those that failed set apart."""
    figure = go.Figure()
    for name, pattern, values in (
        ("Good", "", [group.calls - group.failed for group in groups]),
        ("Failed", "x", [group.failed for group in groups]),
    ):
        figure.add_bar(x=values, y=list(names), name=name, orientation="h", marker_pattern=_pattern(pattern))
    figure.update_layout(barmode="stack")
    figure.update_yaxes(autorange="reversed")
    return _finished(figure, "Calls", rows=len(groups))


def latencies(points: Sequence[CallPoint], group_of: dict[str, list[CallPoint]]) -> go.Figure:
    """How latencies are spread in each group: a box, and every call beside it."""
    figure = go.Figure()
    for name, members in group_of.items():
        figure.add_box(
            x=[point.latency_ms / 1000 for point in members if point.latency_ms is not None],
            name=name,
            boxpoints="all" if len(points) <= 400 else "outliers",
            jitter=0.5,
            pointpos=0,
            marker={"size": 4, "opacity": 0.55, "symbol": _MARKERS[len(figure.data) % len(_MARKERS)]},
            hovertemplate="%{x:.2f} s<extra>" + chart_text(name) + "</extra>",
        )
    figure.update_yaxes(autorange="reversed")
    return _finished(figure, "Latency in seconds", rows=len(group_of), legend=False)


def over_time(group_of: dict[str, list[CallPoint]]) -> go.Figure:
    """Latency of each call at the time it was made."""
    figure = go.Figure()
    for name, members in group_of.items():
        timed = [point for point in members if point.latency_ms is not None]
        figure.add_scatter(
            x=[point.started_at for point in timed],
            y=[(point.latency_ms or 0) / 1000 for point in timed],
            name=name,
            mode="markers",
            marker={"size": 7, "opacity": 0.75, "symbol": _MARKERS[len(figure.data) % len(_MARKERS)]},
            customdata=[[point.node, chart_text(titled(point.story_title))] for point in timed],
            hovertemplate="%{customdata[0]}, %{y:.2f} s<br>%{customdata[1]}<extra>" + name + "</extra>",
        )
    figure.update_yaxes(title="Latency in seconds", rangemode="tozero")
    return _finished(figure, "", rows=7)


def _pattern(shape: str) -> dict[str, object]:
    return {"shape": shape, "fillmode": "overlay", "solidity": 0.25, "size": 7}


def _place(hit: MemoryHit) -> str:
    scene = f"scene {hit.scene_number}" if hit.scene_number else "before the story"
    return f"{chart_text(titled(hit.story_title), 28)}, {scene}"


def _finished(figure: go.Figure, x_title: str, rows: int, *, legend: bool = True) -> go.Figure:
    figure.update_layout(
        height=130 + _ROW_HEIGHT * max(2, rows),
        margin={"l": 8, "r": 16, "t": 40, "b": 44},
        bargap=0.35,
        showlegend=legend,
        legend={"orientation": "h", "traceorder": "normal", "y": 1.0, "yanchor": "bottom", "x": 0, "xanchor": "left"},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    figure.update_xaxes(title=x_title, gridcolor=_GREY, zeroline=False, automargin=True)
    figure.update_yaxes(gridcolor=_GREY, zeroline=False, automargin=True)
    return figure
