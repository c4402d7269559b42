"""A story while it is written: the stages, how far it is, the scenes filling up, and what happened last."""

from collections.abc import Sequence
from uuid import UUID

import streamlit as st

from chorus.domain.run import Run, RunEvent, RunStatus, RunSummary, Stage
from chorus.domain.story import Chapter, Scene, SceneStatus
from chorus.domain.value import now
from chorus.ui import reads
from chorus.ui.markup import draw, safe
from chorus.ui.pace import pace_of
from chorus.ui.places import href, link_to
from chorus.ui.reads import Progress
from chorus.ui.states import explained
from chorus.ui.words import (
    BEGUN,
    IMPORTED,
    RUN_STATUS,
    SCENE_STATUS,
    STAGES,
    ago,
    count,
    duration,
    minutes,
    number,
    titled,
)

EVENTS_SHOWN = 12


def show(progress: Progress) -> None:
    """Draw a story, and keep the drawing up to date for as long as something may happen."""
    pace = pace_of(progress.run)
    st.fragment(_live, run_every=pace)(progress.story.id, pace)


def _live(story_id: UUID, pace: float | None) -> None:
    with explained():
        progress = reads.progress(story_id)
        if pace_of(progress.run) != pace:
            st.rerun()
        _draw(progress)


def _draw(progress: Progress) -> None:
    _header(progress)
    if progress.run:
        draw(_stages(progress.run))
    if progress.run and progress.summary:
        draw(_figures(progress.summary))
        _trouble(progress.run)
    draw(_scenes(progress))
    if progress.events:
        draw(_events(progress.events))


def _header(progress: Progress) -> None:
    story = progress.story
    icon, word, css = RUN_STATUS[progress.run.status] if progress.run else IMPORTED
    draw(
        f'<header class="ch-masthead"><p class="ch-status ch-{css}" role="status">'
        f'<span aria-hidden="true">{icon}</span> {safe(word)}</p>'
        f'<h1 dir="auto">{safe(titled(story.title))}</h1>'
        f'<p class="ch-lede" dir="auto">{safe(story.premise)}</p></header>'
    )
    with st.container(horizontal=True, key="story-links"):
        link_to("read", "Read the manuscript", ":material/menu_book:", story_id=story.id)
        link_to("memory", "Search its memory", ":material/manage_search:", story_id=story.id)
        link_to("metrics", "See its metrics", ":material/monitoring:", story_id=story.id)


def _stages(run: Run) -> str:
    order = list(Stage)
    at = order.index(run.stage)
    ended = run.status is RunStatus.COMPLETE
    items = []
    for place, stage in enumerate(order):
        name, doing = STAGES[stage]
        done = ended or place < at
        now_here = not done and place == at
        css, icon, spoken = (
            ("done", "✓", "done") if done else ("now", "●", "now") if now_here else ("next", "○", "to come")
        )
        current = ' aria-current="step"' if now_here else ""
        items.append(
            f'<li class="ch-stage ch-stage-{css}"{current}><span class="ch-stage-mark" aria-hidden="true">{icon}</span>'
            f'<span class="ch-stage-name">{name}<span class="ch-spoken"> ({spoken})</span></span>'
            f'<span class="ch-stage-doing">{doing}</span></li>'
        )
    running = " ch-stages-live" if run.status is RunStatus.RUNNING else ""
    return f'<ol class="ch-stages{running}" aria-label="Stages of the run">{"".join(items)}</ol>'


def _figures(summary: RunSummary) -> str:
    planned = summary.scenes_planned or 0
    share = 100 * summary.scenes / planned if planned else 0
    tokens = summary.prompt_tokens + summary.completion_tokens
    cells = (
        ("Scenes", f"{summary.scenes} of {planned}" if planned else "–"),
        ("Words", number(summary.words)),
        ("Calls", number(summary.llm_calls)),
        ("Tokens", number(tokens)),
        ("Time", duration(summary.wall_s)),
    )
    figures = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in cells)
    return (
        f'<div class="ch-progress" role="progressbar" aria-label="Scenes done" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{share:.0f}"><span style="width:{share:.1f}%"></span></div>'
        f'<dl class="ch-figures">{figures}</dl>'
    )


def _trouble(run: Run) -> None:
    told = _what_is_wrong(run)
    if told:
        title, hint = told
        reason = f"<p>{safe(run.error)}</p>" if run.error else ""
        draw(
            f'<section class="ch-note ch-note-{run.status}" role="alert"><h2>{title}</h2>{reason}'
            f"<p>{hint} <code>chorus resume {run.id}</code></p></section>"
        )


def _what_is_wrong(run: Run) -> tuple[str, str] | None:
    """A heading and what to do about it; None while all is well."""
    if run.status is RunStatus.FAILED:
        return "This run stopped", "Nothing is lost and nothing will be paid twice. To go on where it stood:"
    if run.status is RunStatus.PAUSED:
        return "This run is paused", "It goes on where it stood with:"
    if run.status is RunStatus.RUNNING and run.lease_until is not None and run.lease_until < now():
        return "Nobody works on this run just now", "Its process has ended. Nothing is lost; to go on where it stood:"
    return None


def _scenes(progress: Progress) -> str:
    if not progress.scenes:
        text = "The board fills up as soon as the outline is there." if progress.run else "This story has no scenes."
        return f'<section class="ch-board-empty"><h2>Scenes</h2><p>{text}</p></section>'
    live = progress.run is not None and progress.run.status is RunStatus.RUNNING
    chapters = "".join(
        _chapter(chapter, live, [scene for scene in progress.scenes if scene.chapter_id == chapter.id])
        for chapter in progress.chapters
    )
    heading = '<h2 class="ch-heading">Scenes</h2>'
    return f'<section aria-label="Scene board">{heading}<div class="ch-board">{chapters}</div></section>'


def _chapter(chapter: Chapter, live: bool, scenes: Sequence[Scene]) -> str:
    done = sum(scene.status is SceneStatus.APPROVED for scene in scenes)
    return (
        f'<section class="ch-column"><h3><span>Chapter {chapter.number}</span>'
        f'<span dir="auto">{safe(chapter.title)}</span></h3>'
        f'<p class="ch-facts">{done} of {count(len(scenes), "scene")}</p>'
        f"<ol>{''.join(_scene(scene, live) for scene in scenes)}</ol></section>"
    )


def _scene(scene: Scene, live: bool) -> str:
    begun = scene.status is SceneStatus.DRAFTING and not live
    icon, word, css = BEGUN if begun else SCENE_STATUS[scene.status]
    title = safe(scene.title or "Untitled")
    written = scene.status is SceneStatus.APPROVED
    if written:
        title = f'<a href="{safe(href("read", story_id=scene.story_id, scene=scene.number))}">{title}</a>'
    length = f" · {count(scene.words, 'word')} · {minutes(scene.words)}" if written else ""
    return (
        f'<li class="ch-scene ch-scene-{css}"><span class="ch-scene-number">{scene.number}</span>'
        f'<div><h4 dir="auto">{title}</h4><p class="ch-status ch-{css}"><span aria-hidden="true">{icon}</span> '
        f"{word}{length}</p></div></li>"
    )


def _events(events: Sequence[RunEvent]) -> str:
    items = "".join(
        f'<li><span dir="auto">{safe(event.message)}</span><time datetime="{event.created_at.isoformat()}">'
        f"{safe(ago(event.created_at))}</time></li>"
        for event in events[:EVENTS_SHOWN]
    )
    heading = '<h2 class="ch-heading">What happened last</h2>'
    return f'<section>{heading}<ol class="ch-events" aria-live="polite">{items}</ol></section>'
