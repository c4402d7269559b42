"""The trace of a run: every call in time, what held it back, what the run waited for, and all of one call."""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

import streamlit as st

from chorus.domain.llm_call import LLMCall
from chorus.domain.run import RunSummary
from chorus.domain.trace import Reuse, Span, critical_path, stretches
from chorus.ui import address
from chorus.ui.call_graph import show_graph
from chorus.ui.call_tree import tree
from chorus.ui.markup import draw, label, safe
from chorus.ui.places import href
from chorus.ui.reads import Trace
from chorus.ui.states import empty
from chorus.ui.words import AGENTS, PRUNED_TEXT, RUN_STATUS, ago, cost, count, duration, latency, number, titled

VIEWS = {"In time": "", "As a tree": "tree", "As a graph": "graph"}
WAITS = {
    "backoff": "the pause before a retry",
    "retry_after": "the endpoint's wish",
    "breaker": "the circuit breaker",
    "place": "a place in flight",
    "budget": "the budget",
    "limiter": "the limit per minute",
}


def masthead() -> None:
    """Head the page with what it is for."""
    draw(
        '<header class="ch-masthead"><h1>Trace</h1><p>One run from its first call to its last: what was asked when, '
        "what held it back, and which calls the whole run waited for.</p></header>"
    )


def choose(runs: Sequence[RunSummary]) -> tuple[UUID | None, UUID | None]:
    """Offer the runs, and a second one to stand beside the first; the URL keeps both."""
    names = {run.run_id: _named(run) for run in runs}
    first, second = _given("run_id"), _given("beside")
    for given in (first, second):
        if given and given not in names:
            names[given] = f"Run {str(given)[:8]}"
    if not names:
        return None, None
    options = list(names)
    left, right = st.columns(2)
    with left:
        place = options.index(first) if first else 0
        chosen = st.selectbox("Run", options, index=place, format_func=names.__getitem__, key=f"trace-{first}")
    with right:
        beside = st.selectbox(
            "Beside it",
            options,
            index=options.index(second) if second else None,
            format_func=names.__getitem__,
            placeholder="No other run",
            key=f"beside-{second}",
        )
    address.keep(run_id=chosen, beside=beside)
    return chosen, beside


def choose_view() -> str:
    """Offer the three ways to look at a run; the URL keeps which."""
    given = next((name for name, view in VIEWS.items() if view == address.text("view")), "In time")
    picked = st.segmented_control(
        "Look at it", list(VIEWS), default=given, required=True, key=f"trace-view-{given}", label_visibility="collapsed"
    )
    view = VIEWS[picked or given]
    address.keep(view=view)
    return view


def show(traces: Sequence[Trace], view: str = "") -> None:
    """Show one run, or two side by side; in time they stand on one scale."""
    longest_s = max((_seconds(trace.spans) for trace in traces), default=0.0)
    columns = st.columns(len(traces), gap="large")
    for column, trace in zip(columns, traces, strict=True):
        with column:
            draw(_totals(trace))
            if not trace.spans and not trace.reuses:
                empty("∅", "No call was made yet", "They appear here as soon as the run asks a model.")
            elif view == "tree":
                draw(tree(trace, partial(_link, trace)))
            elif view == "graph" and trace.spans:
                show_graph(trace)
            else:
                draw(_fall(trace, longest_s, beside=len(traces) > 1))


def chosen_call() -> UUID | None:
    """The call the URL names."""
    return _given("call_id")


def show_call(call: LLMCall) -> None:
    """Show all of one call: what it cost, what was asked, what came back, and why it was told what it was told."""
    draw(f'<h2 class="ch-heading">{safe(call.node)}, attempt {call.attempt}</h2>')
    draw(_call_figures(call))
    if call.error:
        draw(f'<p class="ch-status ch-bad">{safe(call.error)}</p>')
    names = ["Answer", "Prompt", "What it was told and why", "Settings"]
    answer, prompt, manifest, settings = st.tabs(names)
    with answer:
        said = call.response_text or (PRUNED_TEXT if call.is_pruned else "Nothing came.")
        draw(f'<div class="ch-said" tabindex="0" dir="auto">{safe(said)}</div>')
    with prompt:
        for message in call.request.get("messages", []):
            draw(f'<p class="ch-facts">{safe(message.get("role", ""))}</p>')
            draw(f'<div class="ch-said" tabindex="0" dir="auto">{safe(message.get("content", ""))}</div>')
    with manifest:
        if call.manifest:
            st.dataframe(call.manifest.get("items", []), hide_index=True, alt="What was considered for the prompt.")
        else:
            draw('<p class="ch-facts">This step is told the story as a whole; nothing was chosen for it.</p>')
    with settings:
        told = {
            "settings": call.settings,
            "prompt_version": call.prompt_version,
            "path": call.node_path,
            "take": call.take,
        }
        draw(f'<div class="ch-said" tabindex="0">{safe(json.dumps(told, indent=2, ensure_ascii=False))}</div>')


def _named(run: RunSummary) -> str:
    return f"{label(titled(run.title))} · {RUN_STATUS[run.status][1].lower()}, {ago(run.created_at)}"


def _given(name: str) -> UUID | None:
    try:
        return UUID(address.text(name))
    except ValueError:
        return None


def _totals(trace: Trace) -> str:
    run, spans = trace.summary, trace.spans
    waited_s = sum(sum(span.waits.values()) for span in spans) / 1000
    again = sum(bool(span.kind) for span in spans)
    critical = set(critical_path(spans))
    on_path_s = sum((s.end - s.started_at).total_seconds() for s in spans if s.id in critical)
    cells = (
        ("Calls (n)", number(run.llm_calls)),
        ("Asked again", number(again)),
        ("Answers used again", number(len(trace.reuses))),
        ("From first to last", duration(_seconds(spans))),
        ("On the critical path", duration(on_path_s)),
        ("Held back, in all", duration(waited_s)),
        ("Tokens", number(run.prompt_tokens + run.completion_tokens)),
        ("Cost", cost(run.cost_usd)),
    )
    items = "".join(f"<div><dt>{name}</dt><dd>{safe(value)}</dd></div>" for name, value in cells)
    link = safe(href("story", story_id=run.story_id))
    title = f'<h2 class="ch-heading" dir="auto"><a href="{link}">{safe(titled(run.title))}</a></h2>'
    cut = "" if len(spans) >= run.llm_calls else f"The first {number(len(spans))} calls are shown."
    return f'{title}<dl class="ch-figures">{items}</dl>' + (f'<p class="ch-facts">{cut}</p>' if cut else "")


def _fall(trace: Trace, longest_s: float, *, beside: bool) -> str:
    critical = set(critical_path(trace.spans))
    begin = min((span.wanted_at for span in trace.spans), default=trace.summary.created_at)
    current = _given("call_id")
    places = dict(stretches(trace.spans))
    for reuse in trace.reuses:
        places.setdefault(reuse.place, [])
    drawn = "".join(
        f'<section><h3>{safe(place)} <span class="ch-facts">{count(len(spans), "call")}</span></h3><ol>'
        + "".join(
            _row(span, trace, begin, longest_s, is_critical=span.id in critical, current=current) for span in spans
        )
        + "".join(_again(reuse, trace) for reuse in trace.reuses if reuse.place == place)
        + "</ol></section>"
        for place, spans in places.items()
    )
    legend = (
        "◆ and the line below a bar: the run waited for it. Hatched: held back. Pale: until the first token. "
        "↺: an answer that was recorded before, used again."
    )
    return f'<div class="ch-fall{" ch-fall-narrow" if beside else ""}"><p class="ch-facts">{legend}</p>{drawn}</div>'


def _row(
    span: Span, trace: Trace, begin: datetime, longest_s: float, *, is_critical: bool, current: UUID | None
) -> str:
    def share(seconds: float) -> str:
        return f"{100 * seconds / longest_s if longest_s else 0:.3f}%"

    wanted, began, ended = ((at - begin).total_seconds() for at in (span.wanted_at, span.started_at, span.end))
    first = min((span.ttft_ms or 0) / 1000, ended - began)
    bars = ""
    if began > wanted:
        bars += f'<i class="ch-fall-wait" style="left:{share(wanted)};width:{share(began - wanted)}"></i>'
    if first:
        bars += f'<i class="ch-fall-first" style="left:{share(began)};width:{share(first)}"></i>'
    bars += f'<i style="left:{share(began + first)};width:{share(ended - began - first)}"></i>'
    classes = " ".join(
        filter(None, ["ch-fall-critical" if is_critical else "", "" if span.outcome == "ok" else "ch-fall-bad"])
    )
    held = ", ".join(f"{WAITS.get(why, why)} {latency(ms)}" for why, ms in span.waits.items() if ms >= 1)
    kind = "".join(
        f" <small>{safe(word)}</small>"
        for word in (span.kind, span.outcome.replace("_", " "))
        if word not in ("", "ok")
    )
    link = _link(trace, span.id)
    said = f"{AGENTS.get(span.agent, span.agent)}, {span.model}" + (f"; held back by {held}" if held else "")
    return (
        f'<li class="{classes}"><a href="{safe(link)}" title="{safe(said)}"'
        f"{' aria-current=true' if span.id == current else ''}>"
        f'<span class="ch-fall-name">{safe(span.node)}{kind}</span>'
        f'<span class="ch-fall-time" aria-hidden="true" style="--from:{share(began)};--long:{share(ended - began)}">'
        f"{bars}</span>"
        f'<span class="ch-fall-facts">{latency(span.latency_ms)} · {number(span.completion_tokens)} tok</span></a></li>'
    )


def _again(reuse: Reuse, trace: Trace) -> str:
    """An answer used again: it took no time."""
    source = "another story's, of a little while ago" if reuse.kept else "recorded before"
    return (
        f'<li class="ch-fall-again"><a href="{safe(_link(trace, reuse.call_id))}">'
        f'<span class="ch-fall-name">↺ {safe(reuse.node)}</span><span class="ch-facts">{source}</span>'
        f'<span class="ch-fall-facts">nothing paid</span></a></li>'
    )


def _link(trace: Trace, call_id: object) -> str:
    return href(
        "trace",
        run_id=trace.summary.run_id,
        beside=address.text("beside"),
        view=address.text("view"),
        call_id=call_id,
    )


def _seconds(spans: Sequence[Span]) -> float:
    if not spans:
        return 0.0
    return (max(span.end for span in spans) - min(span.wanted_at for span in spans)).total_seconds()


def _call_figures(call: LLMCall) -> str:
    held = ", ".join(f"{WAITS.get(why, why)} {latency(ms)}" for why, ms in call.waits.items() if ms >= 1) or "nothing"
    cells = (
        ("Agent", AGENTS.get(call.agent, call.agent)),
        ("Model", call.model),
        ("Outcome", call.outcome.value.replace("_", " ")),
        ("Prompt tokens", f"{number(call.prompt_tokens)} ({number(call.cached_tokens)} cached)"),
        ("Completion tokens", number(call.completion_tokens)),
        ("Latency", latency(call.latency_ms)),
        ("First token", latency(call.ttft_ms)),
        ("Held back by", held),
        ("Cost", cost(call.cost_usd)),
    )
    return f'<dl class="ch-figures">{"".join(f"<div><dt>{n}</dt><dd>{safe(v)}</dd></div>" for n, v in cells)}</dl>'
