"""Plotly charts in the app's own type and colours; Streamlit lays the theme's colours under them, light or dark.

No chart tells anything by colour alone: series differ in pattern or marker too, and a table stands beside each.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from chorus.domain.canon import MemoryHit
from chorus.ui.markup import chart_text
from chorus.ui.words import MEMORY_KIND, titled

PATTERNS = ("", "/", ".", "x", "-", "\\", "+", "|")
MARKERS = ("circle", "diamond", "square", "triangle-up", "cross", "x", "star", "hexagon")
CONFIG = {"displayModeBar": False, "responsive": True}
_ROW_HEIGHT = 44
INK = "rgba(128,120,110,0.55)"
"""A line that is seen on light paper and on dark."""
_TEXT = {"light": "#5a5249", "dark": "#b9b2a5"}
"""Letters of a chart: at least 4.5:1 on the page and on what lies under it."""
_GREY = "rgba(128,120,110,0.18)"
_LEGEND = {"orientation": "h", "traceorder": "normal", "y": 1.0, "yanchor": "bottom", "x": 0, "xanchor": "left"}

type Trace = dict[str, Any]
"""A trace as Plotly's own JSON has it."""


def plot(figure: go.Figure, alt: str, key: str) -> None:
    """Put a chart on the page, with what it shows in words for those who cannot see it."""
    st.plotly_chart(figure, key=key, alt=alt, config=CONFIG)


def scores(hits: Sequence[MemoryHit]) -> go.Figure:
    """How well each hit fits, the best on top."""
    names = [f"{hit.rank}. {_place(hit)}" for hit in hits]
    traces = []
    for kind in dict.fromkeys(hit.kind for hit in hits):
        of_kind = [(name, hit) for name, hit in zip(names, hits, strict=True) if hit.kind is kind]
        traces.append(
            {
                "type": "bar",
                "x": [hit.score for _, hit in of_kind],
                "y": [name for name, _ in of_kind],
                "name": MEMORY_KIND[kind],
                "orientation": "h",
                "marker": {"pattern": pattern(PATTERNS[list(MEMORY_KIND).index(kind)])},
                "hovertemplate": "%{y}<br>score %{x:.4f}<extra></extra>",
            }
        )
    up = {"categoryorder": "array", "categoryarray": names[::-1]}
    return chart(traces, height_of(len(hits)), across={"title": "How well it fits"}, up=up)


def pattern(shape: str) -> dict[str, object]:
    """How a bar is hatched."""
    return {"shape": shape, "fillmode": "overlay", "solidity": 0.25, "size": 7}


def _place(hit: MemoryHit) -> str:
    scene = f"scene {hit.scene_number}" if hit.scene_number else "before the story"
    return f"{chart_text(titled(hit.story_title), 28)}, {scene}"


def height_of(rows: int) -> int:
    """How many pixels a chart needs for so many rows."""
    return 130 + _ROW_HEIGHT * max(2, rows)


def chart(
    traces: Sequence[Trace],
    height: int,
    *,
    across: Mapping[str, object] = MappingProxyType({}),
    up: Mapping[str, object] = MappingProxyType({}),
    **layout: object,
) -> go.Figure:
    """Draw traces in the app's own look, on two axes.

    Plotly does not look each value over, which takes ten times as long as all else; the tests of the pages let it.
    """
    letters = {"color": _TEXT[st.context.theme.type or "light"]}
    axis = {"gridcolor": _GREY, "zeroline": False, "automargin": True, "tickfont": letters}
    look = {
        "height": height,
        "margin": {"l": 8, "r": 16, "t": 40, "b": 44},
        "bargap": 0.35,
        "showlegend": True,
        "font": letters,
        "legend": {**_LEGEND, "font": letters},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": {**axis, **_titled(across, letters)},
        "yaxis": {**axis, **_titled(up, letters)},
    }
    return go.Figure(data=list(traces), layout={**look, **layout}, _validate=False)


def _titled(axis: Mapping[str, object], letters: Mapping[str, str]) -> dict[str, object]:
    """An axis whose title, if it has one, is set in these letters."""
    return {**axis, "title": {"text": axis["title"], "font": letters}} if "title" in axis else dict(axis)
