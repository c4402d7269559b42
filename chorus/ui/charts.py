"""Plotly charts in the app's own type and colours; Streamlit lays the theme's colours under them, light or dark.

No chart tells anything by colour alone: series differ in pattern or marker too, and a table stands beside each.
"""

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from chorus.domain.canon import MemoryHit
from chorus.ui.markup import chart_text
from chorus.ui.words import MEMORY_KIND, titled

PATTERNS = ("", "/", ".", "x", "-", "\\", "+", "|")
MARKERS = ("circle", "diamond", "square", "triangle-up", "cross", "x", "star", "hexagon")
CONFIG = {"displayModeBar": False, "responsive": True}
_ROW_HEIGHT = 44
_GREY = "rgba(128,120,110,0.18)"


def plot(figure: go.Figure, alt: str, key: str) -> None:
    """Put a chart on the page, with what it shows in words for those who cannot see it."""
    st.plotly_chart(figure, key=key, alt=alt, config=CONFIG)


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
            marker_pattern=pattern(PATTERNS[list(MEMORY_KIND).index(kind)]),
            hovertemplate="%{y}<br>score %{x:.4f}<extra></extra>",
        )
    figure.update_yaxes(categoryorder="array", categoryarray=names[::-1])
    return finished(figure, "How well it fits", rows=len(hits))


def pattern(shape: str) -> dict[str, object]:
    """How a bar is hatched."""
    return {"shape": shape, "fillmode": "overlay", "solidity": 0.25, "size": 7}


def _place(hit: MemoryHit) -> str:
    scene = f"scene {hit.scene_number}" if hit.scene_number else "before the story"
    return f"{chart_text(titled(hit.story_title), 28)}, {scene}"


def finished(figure: go.Figure, x_title: str, rows: int, *, legend: bool = True) -> go.Figure:
    """Give a chart the app's own look, and height for so many rows."""
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
