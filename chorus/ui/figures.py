"""The metrics: what the calls to the models used and how long they took, as figures, charts and tables."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from chorus.domain.metrics import CallFigures, Foreseen, GroupedBy
from chorus.ui import ledger_charts as charts
from chorus.ui import ledger_more as more_charts
from chorus.ui.ledger_wish import GROUPS, LedgerWish, narrow
from chorus.ui.markup import chart_text, draw, safe
from chorus.ui.places import href
from chorus.ui.reads import Ledger
from chorus.ui.states import empty
from chorus.ui.table_file import offer_table
from chorus.ui.words import AGENTS, count, latency, number, titled

GROUPS_SHOWN = 12


def masthead() -> None:
    """Head the page with what it is for."""
    draw(
        '<header class="ch-masthead"><h1>Metrics</h1><p>Every call to a model is kept: what it was asked, '
        "what it used, how long it took.</p></header>"
    )


def show(ledger: Ledger, wish: LedgerWish) -> None:
    """Show the totals and what lies behind them."""
    if ledger.total is None:
        if wish.wanted.model_dump(exclude_defaults=True):
            empty("∅", "No call fits", "Widen the range of time, or take a filter away.")
        else:
            empty("∅", "No call was made yet", "The first figures appear as soon as a story is being written.")
        return
    draw(_totals(ledger.total))
    _grouped(ledger, wish.by)
    _over_time(ledger)
    _foreseen(ledger.foreseen)
    _calls(ledger)


def _totals(total: CallFigures) -> str:
    failed = f"{number(total.failed)} ({100 * total.failed / total.calls:.1f} %)" if total.failed else "none"
    cells = (
        ("Calls (n)", number(total.calls)),
        ("Prompt tokens", number(total.prompt_tokens)),
        ("of these cached", number(total.cached_tokens)),
        ("Completion tokens", number(total.completion_tokens)),
        ("of these reasoning", number(total.reasoning_tokens)),
        ("Cost", _cost(total)),
        ("Not answered well", failed),
        ("Half within (p50)", latency(total.latency_p50_ms)),
        ("p95", latency(total.latency_p95_ms)),
        ("p99", latency(total.latency_p99_ms)),
        ("First token (p50)", latency(total.ttft_p50_ms)),
        ("p95 of it", latency(total.ttft_p95_ms)),
        ("p99 of it", latency(total.ttft_p99_ms)),
        ("Tokens per second", f"{total.tokens_per_s:.1f}" if total.tokens_per_s else "–"),
    )
    items = "".join(f"<div><dt>{name}</dt><dd>{safe(value)}</dd></div>" for name, value in cells)
    return f'<dl class="ch-figures ch-figures-large">{items}</dl>'


def _cost(figures: CallFigures) -> str:
    """What is known of the cost; a price that nobody knows is not zero."""
    if figures.cost_usd is None:
        return "not known"
    told = f"${figures.cost_usd:,.2f}" if figures.cost_usd >= 1 or not figures.cost_usd else f"${figures.cost_usd:.4f}"
    return f"{told} or more" if figures.unpriced else told


def _grouped(ledger: Ledger, by: GroupedBy) -> None:
    """Tokens, latency and calls of each group; a group that is selected filters everything."""
    noun = next(name for name, group in GROUPS.items() if group is by).lower()
    _heading(f"By {noun}")
    draw('<p class="ch-facts">Select a bar, and every chart shows only its calls; select it again for all.</p>')
    shown = ledger.groups[:GROUPS_SHOWN]
    names = distinct([chart_text(name_of(by, group)) for group in shown])
    labels = charts.labelled(shown, names)
    left, right = st.columns(2, gap="large")
    with left:
        chosen = charts.choose(charts.tokens(shown, names), _tokens_alt(noun, shown, names), f"{by}-tokens", labels)
    with right:
        also = charts.choose(charts.latencies(shown, names), _latency_alt(noun, shown, names), f"{by}-latency", labels)
    with left:
        more = charts.choose(charts.calls(shown, names), _calls_alt(noun, shown, names), f"{by}-calls", labels)
    with right:
        last = charts.choose(charts.speeds(shown, names), _speed_alt(noun, shown, names), f"{by}-speed", labels)
    with left:
        told = more_charts.cost_alt(noun, shown, names)
        dear = charts.choose(more_charts.cost(shown, labels), told, f"{by}-cost", labels)
    selected = next((each for each in (chosen, also, more, last, dear) if each is not None), None)
    _left_out(ledger, len(shown))
    if selected is not None:
        narrow(by, shown[selected].group)
        st.rerun()
    table = _table(noun.capitalize(), ledger.groups, [name_of(by, group) for group in ledger.groups])
    _beside(f"By {noun}", table, f"Calls, tokens, cost and latency by {noun}.", f"by-{noun}")


def _left_out(ledger: Ledger, drawn: int) -> None:
    """Say what the charts and the table leave out."""
    told = len(ledger.groups)
    if ledger.in_all > drawn:
        table = "all of them" if told == ledger.in_all else f"the {told} with the most tokens"
        draw(
            f'<p class="ch-facts">Drawn are the {drawn} with the most tokens of {number(ledger.in_all)}; '
            f"the table has {table}.</p>"
        )


def name_of(by: GroupedBy, group: CallFigures) -> str:
    """What a group is called."""
    if by is GroupedBy.STORY:
        return titled(group.label)
    if by is GroupedBy.RUN:
        return f"{group.group[:8]}, {titled(group.label)}" if group.group else "No run"
    return AGENTS.get(group.group, group.group.replace("_", " ") if by is GroupedBy.OUTCOME else group.group) or "None"


def distinct(names: Sequence[str]) -> list[str]:
    """Tell groups with the same name apart, or a chart would add them up."""
    told: list[str] = []
    for name in names:
        others = (f"{name} ({number})" for number in range(2, len(names) + 2))
        told.append(next(each for each in (name, *others) if each not in told))
    return told


def _over_time(ledger: Ledger) -> None:
    _heading("Over time")
    unit = _stretch(ledger.stretch_s)
    left, right = st.columns(2, gap="large")
    calls = sum(bucket.calls for bucket in ledger.buckets)
    with left:
        alt = f"Bar chart of the tokens of {count(calls, 'call')} by agent, for each {unit}."
        charts.plot(charts.tokens_over_time(ledger.buckets), alt, "time-tokens")
        more_charts.plot_cost_over_time(ledger, unit)
    with right:
        alt = f"Line chart of the latency of {count(calls, 'call')} by agent, half and 95 % within, for each {unit}."
        charts.plot(charts.latency_over_time(ledger.buckets), alt, "time-latency")
        more_charts.plot_first_token(ledger, unit)
    frame = pd.DataFrame([bucket.model_dump() for bucket in ledger.buckets])
    _beside(f"For each {unit}", frame, f"Calls, tokens, cost and latency for each {unit}.", "over-time")
    if ledger.failures:
        more_charts.plot_failures(ledger, unit)
        ended = pd.DataFrame([bucket.model_dump() for bucket in ledger.failures])
        _beside("Failures", ended, f"Calls that ended badly, by outcome, for each {unit}.", "failures")


def _stretch(seconds: float) -> str:
    for size, noun in ((604_800, "week"), (86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            many = seconds / size
            return noun if many == 1 else f"{many:.0f} {noun}s"
    return "moment"


def _foreseen(runs: Sequence[Foreseen]) -> None:
    """Estimates against what was true."""
    if not runs:
        return
    _heading("Estimates and the truth")
    within = sum(run.tokens <= run.high_tokens for run in runs)
    left, right = st.columns(2, gap="large")
    said = f"{within} of {count(len(runs), 'run')} stayed within the high estimate of tokens, which nine of ten should."
    with left:
        charts.plot(charts.foreseen_tokens(runs), f"Scatter chart: {said}", "foreseen-tokens")
    with right:
        alt = f"Scatter chart of the time foreseen and taken by {count(len(runs), 'run')}."
        charts.plot(charts.foreseen_time(runs), alt, "foreseen-time")
    with left:
        more_charts.plot_foreseen_cost(runs)
    draw(f'<p class="ch-facts">{safe(said)}</p>')
    frame = pd.DataFrame([run.model_dump(mode="json") for run in runs])
    _beside("Estimates", frame, "Estimates and truth of each run.", "estimates")


def _calls(ledger: Ledger) -> None:
    """The newest calls one by one, each with a way to its run."""
    frame = pd.DataFrame(
        {
            "Started": [point.started_at for point in ledger.points],
            "Story": [titled(point.story_title) for point in ledger.points],
            "Scene": [point.scene_number for point in ledger.points],
            "Agent": [AGENTS.get(point.agent, point.agent) for point in ledger.points],
            "Step": [point.node for point in ledger.points],
            "Model": [point.model for point in ledger.points],
            "Outcome": [point.outcome for point in ledger.points],
            "Prompt tokens": [point.prompt_tokens for point in ledger.points],
            "Completion tokens": [point.completion_tokens for point in ledger.points],
            "Latency in ms": [point.latency_ms for point in ledger.points],
            "First token in ms": [point.ttft_ms for point in ledger.points],
            "Trace": [
                f"/{href('trace', run_id=point.run_id, call_id=point.id)}" if point.run_id else None
                for point in ledger.points
            ],
        }
    )
    _heading(f"The last {count(len(ledger.points), 'call')}")
    _beside("One by one", frame, "Every call.", "calls")


def _beside(title: str, frame: pd.DataFrame, alt: str, name: str) -> None:
    """A chart's figures as a table, and as a file."""
    with st.expander(f"{title} as a table", icon=":material/table:"):
        links = {"Trace": st.column_config.LinkColumn("Trace", display_text="open")} if "Trace" in frame else None
        st.dataframe(frame, hide_index=True, alt=alt, column_config=links)
        offer_table(frame, name)


def _table(noun: str, groups: Sequence[CallFigures], names: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            noun: names,
            "Calls": [group.calls for group in groups],
            "Failed": [group.failed for group in groups],
            "Prompt tokens": [group.prompt_tokens for group in groups],
            "Cached": [group.cached_tokens for group in groups],
            "Completion tokens": [group.completion_tokens for group in groups],
            "Reasoning": [group.reasoning_tokens for group in groups],
            "Cost in USD": [group.cost_usd for group in groups],
            "Unpriced": [group.unpriced for group in groups],
            "p50 in ms": [group.latency_p50_ms for group in groups],
            "p95 in ms": [group.latency_p95_ms for group in groups],
            "p99 in ms": [group.latency_p99_ms for group in groups],
            "First token p50 in ms": [group.ttft_p50_ms for group in groups],
            "First token p95 in ms": [group.ttft_p95_ms for group in groups],
            "First token p99 in ms": [group.ttft_p99_ms for group in groups],
            "Tokens per second": [group.tokens_per_s for group in groups],
        }
    )


def _heading(text: str) -> None:
    draw(f'<h2 class="ch-heading">{safe(text)}</h2>')


def _tokens_alt(noun: str, groups: Sequence[CallFigures], names: Sequence[str]) -> str:
    parts = [
        f"{name} {number(group.prompt_tokens)} prompt and {number(group.completion_tokens)} completion tokens"
        for name, group in zip(names, groups, strict=True)
    ]
    return f"Bar chart of tokens by {noun}: {'; '.join(parts[:5])}."


def _latency_alt(noun: str, groups: Sequence[CallFigures], names: Sequence[str]) -> str:
    parts = [
        f"{name} {latency(group.latency_p50_ms)}, {latency(group.latency_p95_ms)} and {latency(group.latency_p99_ms)}"
        for name, group in zip(names, groups, strict=True)
    ]
    return f"Chart of latency by {noun}, within which half, 95 % and 99 % of the calls were: {'; '.join(parts[:5])}."


def _calls_alt(noun: str, groups: Sequence[CallFigures], names: Sequence[str]) -> str:
    parts = [f"{name} {number(group.calls)}, {group.failed} failed" for name, group in zip(names, groups, strict=True)]
    return f"Bar chart of calls by {noun}: {'; '.join(parts[:5])}."


def _speed_alt(noun: str, groups: Sequence[CallFigures], names: Sequence[str]) -> str:
    parts = [
        f"{name} {group.tokens_per_s:.1f}" if group.tokens_per_s else f"{name} none"
        for name, group in zip(names, groups, strict=True)
    ]
    return f"Bar chart of completion tokens per second by {noun}: {'; '.join(parts[:5])}."
