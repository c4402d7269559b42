"""The calls of a run as a graph: which step came after which, how often, and what the run as a whole waited for."""

from collections.abc import Sequence

import streamlit as st

from chorus.domain.trace import Span, Step, critical_path, steps
from chorus.ui.markup import draw, safe
from chorus.ui.reads import Trace
from chorus.ui.words import count, duration

_LIGHT = {"ink": "#2b2620", "line": "#8b8172", "accent": "#9a3324", "fill": "#fffdf8"}
_DARK = {"ink": "#ece6da", "line": "#8d8778", "accent": "#e0876a", "fill": "#1a1e26"}


def show_graph(trace: Trace) -> None:
    """Draw the graph with its table beneath."""
    followed = steps(trace.spans)
    said = f"Graph of {count(len({span.node for span in trace.spans}), 'step')}; the table below says the same."
    st.graphviz_chart(dot(trace.spans, followed, dark=st.context.theme.type == "dark"), width="content", alt=said)
    draw(
        '<p class="ch-facts">An arrow: calls of one step began when calls of the other had ended. '
        "Bold, with a double frame: the run as a whole waited for it.</p>"
    )
    rows = "".join(
        f"<tr><td>{safe(step.before)}</td><td>{safe(step.after)}</td><td>{step.times}</td><td>{step.critical}</td></tr>"
        for step in followed
    )
    draw(
        '<table class="ch-table"><caption class="ch-spoken">Which step came after which</caption><thead><tr>'
        '<th scope="col">Before</th><th scope="col">After</th><th scope="col">Times (n)</th>'
        f'<th scope="col">The run waited</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def dot(spans: Sequence[Span], followed: Sequence[Step], *, dark: bool) -> str:
    """Write the graph in the language of Graphviz; all names in it are those of steps of ours."""
    colours = _DARK if dark else _LIGHT
    font = f'fontname="sans-serif" fontcolor="{colours["ink"]}"'
    critical = set(critical_path(spans))
    lines = [
        'digraph run { rankdir=TB; bgcolor="transparent"; nodesep=0.3; ranksep=0.45;',
        'node [shape=box style="rounded,filled"];',
        f'node [{font} fontsize=12 fillcolor="{colours["fill"]}" color="{colours["line"]}"];',
        f'edge [{font} fontsize=11 color="{colours["line"]}"];',
    ]
    for node in dict.fromkeys(span.node for span in sorted(spans, key=lambda span: span.wanted_at)):
        calls = [span for span in spans if span.node == node]
        took_s = sum((span.end - span.started_at).total_seconds() for span in calls)
        framed = any(span.id in critical for span in calls)
        told = f"{_quoted(node)}\\n{count(len(calls), 'call')}, {duration(took_s)}"
        frame = f' peripheries=2 color="{colours["accent"]}"' if framed else ""
        lines.append(f'"{_quoted(node)}" [label="{told}"{frame}];')
    for step in followed:
        bold = f' style=bold penwidth=2 color="{colours["accent"]}"' if step.critical else ""
        lines.append(f'"{_quoted(step.before)}" -> "{_quoted(step.after)}" [label=" {step.times} ×"{bold}];')
    return "\n".join([*lines, "}"])


def _quoted(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')
