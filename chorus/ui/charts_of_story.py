"""Charts of what is in a story: who is what to whom, who is named where, and when it happens."""

from collections.abc import Mapping, Sequence
from math import cos, pi, sin

import plotly.graph_objects as go

from chorus.ui.charts import INK, Trace, chart
from chorus.ui.markup import chart_text

_ACCENT = "#9a6a4f"


def relations(names: Sequence[str], ties: Sequence[tuple[str, str, str, str]]) -> go.Figure:
    """People on a circle, a line for each relation with its kind at the middle; who has none is left out."""
    tied = [name for name in names if any(name in (a, b) for a, _, b, _ in ties)]
    at = {name: (sin(2 * pi * n / len(tied)), cos(2 * pi * n / len(tied))) for n, name in enumerate(tied)}
    traces: list[Trace] = []
    for a, kind, b, description in ties:
        (x0, y0), (x1, y1) = at[a], at[b]
        told = f"{chart_text(a)}, {chart_text(kind)} of {chart_text(b)}"
        more = f"<br>{chart_text(description, 80)}" if description else ""
        line = {"type": "scatter", "x": [x0, x1], "y": [y0, y1], "mode": "lines", "hoverinfo": "skip"}
        word = {
            "type": "scatter",
            "x": [0.42 * x0 + 0.58 * x1],
            "y": [0.42 * y0 + 0.58 * y1],
            "mode": "markers+text",
            "text": [chart_text(kind, 18)],
            "textposition": _beside(x1 - x0, y1 - y0),
            "textfont": {"size": 11},
            "marker": {"size": 5, "color": INK},
            "hovertemplate": told + more + "<extra></extra>",
        }
        traces += [{**line, "line": {"width": 1.5, "color": INK}}, word]
    people = {
        "type": "scatter",
        "x": [at[name][0] for name in tied],
        "y": [at[name][1] for name in tied],
        "mode": "markers+text",
        "text": [f"<b>{chart_text(name, 22)}</b>" for name in tied],
        "textposition": [_outward(*at[name]) for name in tied],
        "marker": {"size": 18, "color": _ACCENT, "line": {"width": 1, "color": INK}},
        "hoverinfo": "skip",
    }
    hidden = {"visible": False, "fixedrange": True}
    return _plain([*traces, people], 420, {**hidden, "range": [-2.1, 2.1]}, {**hidden, "range": [-1.35, 1.35]})


def _beside(across: float, up: float) -> str:
    """On which side of the middle of a line a word is clear of it."""
    if abs(up) < abs(across) / 6:
        return "top center"
    if abs(across) < abs(up) / 6:
        return "middle right"
    return "top left" if across * up > 0 else "top right"


def _outward(x: float, y: float) -> str:
    """On which side of a node its name is clear of all lines, which run inside the circle."""
    if abs(x) < 0.3:
        return "top center" if y > 0 else "bottom center"
    return f"{'top' if y > 0.3 else 'bottom' if y < -0.3 else 'middle'} {'right' if x > 0 else 'left'}"


def mentions(scenes: Sequence[int], counted: Mapping[str, Sequence[int]]) -> go.Figure:
    """How often each person is named in each scene: the darker, the more often; the number stands in its cell."""
    names = list(counted)
    cells = {
        "type": "heatmap",
        "x": list(scenes),
        "y": [chart_text(name, 26) for name in names],
        "z": [list(counted[name]) for name in names],
        "text": [[value or "" for value in counted[name]] for name in names],
        "texttemplate": "%{text}" if len(scenes) <= 40 else None,
        "xgap": 2,
        "ygap": 2,
        "showscale": False,
        "hovertemplate": "%{y}, scene %{x}: %{z}<extra></extra>",
    }
    across = {"title": "Scene", "dtick": 1 if len(scenes) <= 24 else None, "showgrid": False}
    return _plain([cells], 110 + 34 * len(names), across, {"autorange": "reversed", "showgrid": False})


def timeline(told: Sequence[int], happens: Sequence[int], names: Sequence[str], times: Sequence[str]) -> go.Figure:
    """The order of telling from left to right, the order of events upwards; a step down is a look back."""
    line = {
        "type": "scatter",
        "x": list(told),
        "y": list(happens),
        "mode": "lines+markers",
        "line": {"width": 1.5},
        "marker": {"size": 10},
        "customdata": [[name, time] for name, time in zip(names, times, strict=True)],
        "hovertemplate": "%{customdata[0]}<br>%{customdata[1]}<extra></extra>",
    }
    across = {"title": "As told", "dtick": 1 if len(told) <= 24 else None}
    return _plain([line], 340, across, {"title": "As it happens"})


def _plain(traces: Sequence[Trace], height: int, across: Trace, up: Trace) -> go.Figure:
    return chart(traces, height, across=across, up=up, showlegend=False, margin={"l": 8, "r": 16, "t": 16, "b": 44})
