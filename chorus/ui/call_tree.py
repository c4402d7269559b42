"""The calls of a run as a tree: the part of the run, the scene, the question, each attempt at it."""

from collections.abc import Callable, Sequence, Set
from itertools import groupby
from uuid import UUID

from chorus.domain.trace import Reuse, Span, critical_path
from chorus.ui.markup import safe
from chorus.ui.reads import Trace
from chorus.ui.words import cost, count, duration, latency, number

PARTS = ("Plan", "Scenes", "Chapters")
_FEW = 12
"""Up to so many scenes all branches are open at first."""

type Link = Callable[[object], str]
"""Gives the address that shows a call."""


def tree(trace: Trace, link: Link) -> str:
    """Draw the whole tree; every branch can be shut, and says what is on it."""
    critical = set(critical_path(trace.spans))
    drawn = []
    for part in PARTS:
        spans = [span for span in trace.spans if _part(span) == part]
        reuses = [reuse for reuse in trace.reuses if _part(reuse) == part]
        if not spans and not reuses:
            continue
        found: list[Span | Reuse] = [*spans, *reuses]
        places = list(dict.fromkeys(each.place for each in sorted(found, key=_order)))
        if part != "Scenes":
            drawn.append(_branch(part, spans, reuses, _questions(spans, reuses, critical, link)))
            continue
        scenes = "".join(_place(place, spans, reuses, critical, link, is_open=len(places) <= _FEW) for place in places)
        drawn.append(_branch(part, spans, reuses, f"<ul>{scenes}</ul>"))
    return f'<div class="ch-tree">{"".join(drawn)}</div>'


def _part(each: Span | Reuse) -> str:
    return "Scenes" if each.scene_number else each.place


def _order(each: Span | Reuse) -> tuple[int, float]:
    return each.scene_number or 0, (each.at if isinstance(each, Reuse) else each.wanted_at).timestamp()


def _place(
    place: str, spans: Sequence[Span], reuses: Sequence[Reuse], critical: Set[UUID], link: Link, *, is_open: bool
) -> str:
    here = [span for span in spans if span.place == place]
    again = [reuse for reuse in reuses if reuse.place == place]
    inside = _questions(here, again, critical, link)
    return f"<li>{_branch(place, here, again, inside, is_open=is_open)}</li>"


def _questions(spans: Sequence[Span], reuses: Sequence[Reuse], critical: Set[UUID], link: Link) -> str:
    """The questions of one place in the order in which they were first asked, each with its attempts."""
    asked: dict[str, list[Span]] = {}
    for span in sorted(spans, key=lambda span: span.wanted_at):
        asked.setdefault(span.node, []).append(span)
    items = [_question(node, attempts, critical, link) for node, attempts in asked.items()]
    by_node = sorted(reuses, key=lambda reuse: reuse.node)
    items += [_reused(node, list(each), link) for node, each in groupby(by_node, key=lambda reuse: reuse.node)]
    return f"<ul>{''.join(items)}</ul>"


def _question(node: str, attempts: Sequence[Span], critical: Set[UUID], link: Link) -> str:
    if len(attempts) == 1:
        return f"<li>{_attempt(attempts[0], node, critical, link)}</li>"
    rows = "".join(
        f"<li>{_attempt(each, each.kind or f'attempt {each.attempt}', critical, link)}</li>" for each in attempts
    )
    return f"<li>{_branch(node, attempts, (), f'<ul>{rows}</ul>')}</li>"


def _attempt(span: Span, name: str, critical: Set[UUID], link: Link) -> str:
    mark = '<b class="ch-tree-critical" title="The run waited for it">◆</b> ' if span.id in critical else ""
    bad = "" if span.outcome == "ok" else f' <b class="ch-bad">{safe(span.outcome.replace("_", " "))}</b>'
    held_ms = sum(span.waits.values())
    held = f", held back {latency(held_ms)}" if held_ms >= 1 else ""
    facts = f"{latency(span.latency_ms)}{held} · {number(span.prompt_tokens + span.completion_tokens)} tok"
    return (
        f'<a href="{safe(link(span.id))}">{mark}{safe(name)}{bad}<span class="ch-facts">{safe(facts)} · '
        f"{safe(cost(span.cost_usd))}</span></a>"
    )


def _reused(node: str, reuses: Sequence[Reuse], link: Link) -> str:
    said = "from another story" if any(reuse.kept for reuse in reuses) else "used again"
    times = f" {len(reuses)} times" if len(reuses) > 1 else ""
    return (
        f'<li><a href="{safe(link(reuses[0].call_id))}">↺ {safe(node)}<span class="ch-facts">'
        f"{said}{times}, nothing paid</span></a></li>"
    )


def _branch(name: str, spans: Sequence[Span], reuses: Sequence[Reuse], inside: str, *, is_open: bool = True) -> str:
    facts = [count(len(spans), "call")]
    if reuses:
        facts.append(f"{count(len(reuses), 'answer')} used again")
    if spans:
        took_s = (max(span.end for span in spans) - min(span.wanted_at for span in spans)).total_seconds()
        tokens = sum(span.prompt_tokens + span.completion_tokens for span in spans)
        facts += [duration(took_s), f"{number(tokens)} tok"]
    shown = " open" if is_open else ""
    return (
        f'<details{shown}><summary>{safe(name)}<span class="ch-facts">{safe(" · ".join(facts))}</span></summary>'
        f"{inside}</details>"
    )
