"""A story while it is written: the stages, what runs now, how far it is, the scenes, and what happened last.

Everything is drawn from the rows, in one fragment that draws itself anew for as long as something may happen.
"""

from collections.abc import Sequence
from uuid import UUID

import streamlit as st

from chorus.domain.estimate import Estimate
from chorus.domain.run import ReviewKind, Run, RunEvent, RunStatus, RunSummary
from chorus.domain.telling import told
from chorus.domain.value import now
from chorus.ui import reads
from chorus.ui.at_work import MARKS, show_work
from chorus.ui.compare import against
from chorus.ui.concepts import choose_concept
from chorus.ui.course import State, left_s, stages_of
from chorus.ui.downloads import downloads
from chorus.ui.going_back import offer_rollback
from chorus.ui.markup import draw, safe
from chorus.ui.orders import say
from chorus.ui.pace import WATCHFUL_S, pace_of
from chorus.ui.places import link_to
from chorus.ui.reads import Progress
from chorus.ui.removing import offer_removal
from chorus.ui.scenes import scene_board
from chorus.ui.standing import standing
from chorus.ui.states import explained
from chorus.ui.steer import steer
from chorus.ui.visitor import may_edit
from chorus.ui.ways import story_ways
from chorus.ui.words import EVENTS, IMPORTED, RUN_STATUS, STAGES, ago, cost, duration, number, roughly, titled

EVENTS_SHOWN = 12


def show(progress: Progress) -> None:
    """Draw a story, and keep the drawing up to date for as long as something may happen."""
    run = progress.run
    pace = pace_of(run)
    st.fragment(_live, run_every=pace, key="live")(progress.story.id, pace)
    if run is not None and pace is None and not run.status.is_over:
        st.fragment(_glance, run_every=WATCHFUL_S, key="glance")(progress.story.id)


def _live(story_id: UUID, pace: float | None) -> None:
    with explained():
        progress = reads.progress(story_id)
        if pace_of(progress.run) != pace:
            st.rerun()
        say()
        _draw(progress)


def _glance(story_id: UUID) -> None:
    """Look now and then whether somebody elsewhere has let a resting run go on; nothing is drawn."""
    with explained():
        if pace_of(reads.progress(story_id).run):
            st.rerun()


def _draw(progress: Progress) -> None:
    run = progress.run
    _header(progress)
    if run and progress.summary:
        draw(_stages(run))
        show_work(progress, reads.staff())
        if any(item.kind is ReviewKind.CONCEPT for item in progress.questions):
            choose_concept(progress.story.id, run.id)
        if any(item.kind is ReviewKind.OUTLINE for item in progress.questions):
            link_to(
                "story",
                "Look at the outline, and change it" if may_edit() else "Look at the outline",
                ":material/list_alt:",
                story_id=progress.story.id,
                view="plan",
            )
        draw(_figures(run, progress, progress.summary))
        if run.estimate:
            draw(against(Estimate.model_validate(run.estimate), progress.summary))
    draw(scene_board(progress))
    if any(scene.words for scene in progress.scenes):
        draw(standing(reads.standing(progress.story.id)))
    if progress.events:
        draw(_events(progress.events))


def _header(progress: Progress) -> None:
    story, run = progress.story, progress.run
    icon, word, css = RUN_STATUS[run.status] if run else IMPORTED
    draw(
        f'<header class="ch-masthead"><p class="ch-status ch-{css}" role="status">'
        f'<span aria-hidden="true">{icon}</span> {safe(word)}</p>'
        f'<h1 dir="auto">{safe(titled(story.title))}</h1>'
        f'<p class="ch-lede" dir="auto">{safe(story.premise)}</p></header>'
    )
    story_ways(story.id, "story")
    with st.container(horizontal=True, key="steering"):
        if run and may_edit():
            steer(run, asked=bool(progress.questions))
            if not run.status.is_open:
                offer_rollback(story.id, progress.scenes)
        if any(scene.words for scene in progress.scenes):
            downloads(story.id, titled(story.title))
        if run is None or not run.status.is_open:
            offer_removal(story.id, titled(story.title))


def _stages(run: Run) -> str:
    items = []
    for stage, state in stages_of(run):
        name, doing = STAGES[stage]
        mark, spoken = MARKS[state]
        current = ' aria-current="step"' if state is State.NOW else ""
        items.append(
            f'<li class="ch-stage ch-stage-{state}"{current}><span class="ch-stage-mark" aria-hidden="true">{mark}'
            f'</span><span class="ch-stage-name">{name}<span class="ch-spoken"> ({spoken})</span></span>'
            f'<span class="ch-stage-doing">{doing}</span></li>'
        )
    running = " ch-stages-live" if run.status is RunStatus.RUNNING else ""
    return f'<ol class="ch-stages{running}" aria-label="Stages of the run">{"".join(items)}</ol>'


def _figures(run: Run, progress: Progress, summary: RunSummary) -> str:
    planned = summary.scenes_planned or 0
    share = 100 * summary.scenes / planned if planned else 0
    tokens = summary.prompt_tokens + summary.completion_tokens
    cells = [
        ("Scenes", f"{summary.scenes} of {planned}" if planned else "–"),
        ("Words", number(summary.words)),
        ("Calls", number(summary.llm_calls)),
        ("Tokens", number(tokens)),
        ("Cost", cost(summary.cost_usd) if tokens else "–"),
        ("Time", duration(summary.wall_s)),
    ]
    left = _left(run, progress)
    if left:
        cells.append(("Still to go", left))
    figures = "".join(f"<div><dt>{name}</dt><dd>{safe(value)}</dd></div>" for name, value in cells)
    return (
        f'<div class="ch-progress" role="progressbar" aria-label="Scenes done" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{share:.0f}"><span style="width:{share:.1f}%"></span></div>'
        f'<dl class="ch-figures">{figures}</dl>'
    )


def _left(run: Run, progress: Progress) -> str:
    last = next((event for event in progress.events if event.kind == "scene_committed"), None)
    if run.status is not RunStatus.RUNNING or last is None:
        return ""
    seconds = left_s(progress.events, progress.scenes, (now() - last.created_at).total_seconds())
    return f"about {roughly(seconds)}" if seconds else ""


def _events(events: Sequence[RunEvent]) -> str:
    items = "".join(map(_event, events[:EVENTS_SHOWN]))
    heading = '<h2 class="ch-heading">What happened last</h2>'
    return f'<section>{heading}<ol class="ch-events" aria-live="polite">{items}</ol></section>'


def _event(event: RunEvent) -> str:
    icon, css = EVENTS.get(event.kind, ("·", "waiting"))
    return (
        f'<li><span class="ch-event-mark ch-{css}" aria-hidden="true">{icon}</span>'
        f'<span dir="auto">{safe(told(event))}</span>'
        f'<time datetime="{event.created_at.isoformat()}">{safe(ago(event.created_at))}</time></li>'
    )
