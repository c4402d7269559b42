"""The metrics: what the calls to the models used and how long they took, as figures, charts and tables."""

from collections.abc import Callable, Sequence
from typing import Literal
from uuid import UUID

import pandas as pd
import streamlit as st

from chorus.store import CallFigures, CallPoint, StoryCard
from chorus.ui import address, charts
from chorus.ui.choose import story_filter
from chorus.ui.markup import chart_text, draw, safe
from chorus.ui.reads import Ledger
from chorus.ui.states import empty
from chorus.ui.words import AGENTS, count, latency, number, titled

STORIES_SHOWN = 12


def masthead() -> None:
    """Head the page with what it is for."""
    draw(
        '<header class="ch-masthead"><h1>Metrics</h1><p>Every call to a model is kept: what it was asked, '
        "what it used, how long it took.</p></header>"
    )


def choose(cards: Sequence[StoryCard]) -> UUID | None:
    """Offer every story or one, as the URL has it."""
    story_id = story_filter(cards, address.story_id(), key="metrics-story")
    address.keep(story_id=story_id)
    return story_id


def show(ledger: Ledger) -> None:
    """Show the totals and, by agent, model and story, what lies behind them."""
    if ledger.total is None:
        empty("∅", "No call was made yet", "The first figures appear as soon as a story is being written.")
        return
    draw(_totals(ledger.total))
    _asked("agent", ledger.by_agent, ledger)
    _asked("model", ledger.by_model, ledger)
    _stories(ledger)
    _time(ledger)


def _totals(total: CallFigures) -> str:
    failed = f"{total.failed} ({100 * total.failed / total.calls:.1f} %)" if total.failed else "none"
    cells = (
        ("Calls", number(total.calls)),
        ("Prompt tokens", number(total.prompt_tokens)),
        ("Completion tokens", number(total.completion_tokens)),
        ("Typical call (p50)", latency(total.latency_p50_ms)),
        ("Slow call (p95)", latency(total.latency_p95_ms)),
        ("Failed", failed),
    )
    items = "".join(f"<div><dt>{name}</dt><dd>{safe(value)}</dd></div>" for name, value in cells)
    return f'<dl class="ch-figures ch-figures-large">{items}</dl>'


def _asked(noun: Literal["agent", "model"], groups: Sequence[CallFigures], ledger: Ledger) -> None:
    """Tokens and latency by who was asked."""
    _heading(f"By {noun}")
    name = _agent if noun == "agent" else chart_text
    names = [name(group.group) for group in groups]
    spread = _grouped(ledger.points, lambda point: name(point.agent if noun == "agent" else point.model))
    left, right = st.columns(2, gap="large")
    with left:
        charts.plot(charts.tokens(groups, names), _tokens_alt(noun, groups, names), f"{noun}-tokens")
    with right:
        charts.plot(charts.latencies(ledger.points, spread), _latency_alt(noun, groups, names), f"{noun}-latency")
    _table(noun.capitalize(), groups, names)


def _stories(ledger: Ledger) -> None:
    _heading("By story")
    shown = ledger.by_story[:STORIES_SHOWN]
    names = _distinct([chart_text(titled(group.group)) for group in shown])
    left, right = st.columns(2, gap="large")
    with left:
        charts.plot(charts.tokens(shown, names), _tokens_alt("story", shown, names), "story-tokens")
    with right:
        charts.plot(
            charts.calls(shown, names), f"Bar chart of calls, {count(len(shown), 'story', 'stories')}.", "story-calls"
        )
    _table("Story", ledger.by_story, [titled(group.group) for group in ledger.by_story])


def _time(ledger: Ledger) -> None:
    _heading("Over time")
    spread = _grouped(ledger.points, lambda point: _agent(point.agent))
    alt = f"Scatter chart of the latency of the last {len(ledger.points)} calls by the time they were made."
    charts.plot(charts.over_time(spread), alt, "latency-over-time")
    with st.expander("These calls as a table", icon=":material/table:"):
        st.dataframe(_calls(ledger.points), hide_index=True, alt=alt)


def _heading(text: str) -> None:
    draw(f'<h2 class="ch-heading">{text}</h2>')


def _agent(name: str) -> str:
    return AGENTS.get(name, name)


def _distinct(names: Sequence[str]) -> list[str]:
    """Tell groups with the same name apart, or a chart would add them up."""
    return [
        f"{name} ({names[:place].count(name) + 1})" if names[:place].count(name) else name
        for place, name in enumerate(names)
    ]


def _grouped(points: Sequence[CallPoint], name_of: Callable[[CallPoint], str]) -> dict[str, list[CallPoint]]:
    groups: dict[str, list[CallPoint]] = {}
    for point in points:
        groups.setdefault(name_of(point), []).append(point)
    return groups


def _tokens_alt(noun: str, groups: Sequence[CallFigures], names: Sequence[str]) -> str:
    parts = [
        f"{name} {number(group.prompt_tokens)} prompt and {number(group.completion_tokens)} completion tokens"
        for name, group in zip(names, groups, strict=True)
    ]
    return f"Bar chart of tokens by {noun}: {'; '.join(parts[:5])}."


def _latency_alt(noun: str, groups: Sequence[CallFigures], names: Sequence[str]) -> str:
    parts = [f"{name} {latency(group.latency_p50_ms)}" for name, group in zip(names, groups, strict=True)]
    return f"Box chart of latency by {noun}; the middle call took: {'; '.join(parts[:5])}."


def _table(noun: str, groups: Sequence[CallFigures], names: Sequence[str]) -> None:
    frame = pd.DataFrame(
        {
            noun: names,
            "Calls": [group.calls for group in groups],
            "Failed": [group.failed for group in groups],
            "Prompt tokens": [group.prompt_tokens for group in groups],
            "Completion tokens": [group.completion_tokens for group in groups],
            "p50": [latency(group.latency_p50_ms) for group in groups],
            "p95": [latency(group.latency_p95_ms) for group in groups],
            "Tokens per second": [round(group.tokens_per_s, 1) if group.tokens_per_s else None for group in groups],
        }
    )
    with st.expander(f"By {noun.lower()} as a table", icon=":material/table:"):
        st.dataframe(frame, hide_index=True, alt=f"Calls, tokens and latency by {noun.lower()}.")


def _calls(points: Sequence[CallPoint]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Started": [point.started_at for point in points],
            "Story": [titled(point.story_title) for point in points],
            "Scene": [point.scene_number for point in points],
            "Agent": [_agent(point.agent) for point in points],
            "Step": [point.node for point in points],
            "Model": [point.model for point in points],
            "Outcome": [point.outcome for point in points],
            "Prompt tokens": [point.prompt_tokens for point in points],
            "Completion tokens": [point.completion_tokens for point in points],
            "Latency in ms": [point.latency_ms for point in points],
        }
    )
