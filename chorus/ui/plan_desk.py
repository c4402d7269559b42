"""The outline at the desk: the whole plan with what is doubtful about it, to change, to bring back, and to accept."""

from uuid import UUID

import streamlit as st

from chorus.agents.outline_lint import LintProblem
from chorus.domain.outline_draft import ChapterDraft, SceneDraft
from chorus.domain.run import ReviewItem, ReviewKind, Run
from chorus.domain.story import Outline, Story
from chorus.domain.value import Value
from chorus.editing.planning import PlannedOutline
from chorus.editing.reviews import Decision
from chorus.studio import Studio
from chorus.ui import address
from chorus.ui.backend import backend
from chorus.ui.markup import draw, safe
from chorus.ui.orders import give, say
from chorus.ui.places import go_to, href, link_to
from chorus.ui.plan_change import show_saved, show_wish
from chorus.ui.plan_scene import show_scene
from chorus.ui.plan_text import show_text
from chorus.ui.plan_versions import show_versions
from chorus.ui.states import empty
from chorus.ui.visitor import may_edit
from chorus.ui.words import SCENE_STATUS, count, titled

VIEW = "plan"


class Plan(Value):
    """All that the desk needs to know of an outline; ``question``: the run waits for a word on it."""

    story: Story
    run: Run | None
    planned: PlannedOutline
    outline: Outline
    cast: tuple[str, ...]
    question: ReviewItem | None = None


def is_wanted() -> bool:
    """Whether the URL asks for the outline at the desk."""
    return address.text("view") == VIEW


def show(story_id: UUID) -> None:
    """Show the outline of a story, and what can be done to it."""
    plan = backend().run(lambda studio: _read(studio, story_id))
    _header(plan)
    say()
    if not plan.outline.scenes:
        empty("☰", "There is no outline yet", "It appears here as soon as the Story Architect has planned the scenes.")
        return
    if plan.run and plan.run.status.is_open:
        draw(
            '<section class="ch-note ch-note-waiting" role="status"><p>This story is being written. Pause its run to '
            "change the outline.</p></section>"
        )
    elif plan.question:
        _gate(plan.question)
    _ways(plan)
    if not may_edit():
        draw(_doubts(plan) + _list(plan))
        return
    show_wish(plan.planned, plan.outline)
    show_saved(plan.planned)
    if address.text("mode") == "text":
        show_text(plan.planned, titled(plan.story.title))
        return
    with st.container(key="plan-columns"):
        left, right = st.columns([11, 9], gap="large")
    with right, st.container(key="plan-editor"):
        show_scene(plan.planned, plan.outline, plan.cast, address.whole("scene", 1, 10_000))
    with left:
        draw(_doubts(plan) + _list(plan))


async def _read(studio: Studio, story_id: UUID) -> Plan:
    planned = await studio.load_outline(story_id)
    async with studio.store.reading() as tx:
        questions = await tx.runs.list_questions(story_id=story_id)
        return Plan(
            story=await tx.stories.load(story_id),
            run=await tx.runs.find_latest(story_id),
            planned=planned,
            outline=await tx.stories.load_outline(story_id),
            cast=tuple(person.name for person in await tx.stories.list_characters(story_id)),
            question=next((item for item in questions if item.kind is ReviewKind.OUTLINE), None),
        )


def _header(plan: Plan) -> None:
    draft = plan.planned.draft
    sizes = [count(len(draft.scenes), "scene"), count(len(draft.chapters), "chapter")]
    words = sum(scene.target_words for scene in draft.scenes)
    sizes += [f"about {count(words, 'word')}"] if words else []
    sizes += [f"version\u00a0{plan.planned.version}"] if plan.planned.version else []
    draw(
        f'<header class="ch-masthead"><p class="ch-facts" dir="auto">{safe(titled(plan.story.title))}</p>'
        f"<h1>Outline</h1><p>{' · '.join(sizes)}</p></header>"
    )


def _gate(question: ReviewItem) -> None:
    draw(
        '<section class="ch-note ch-note-paused" role="status"><h2>The crew waits for your word on this plan</h2>'
        "<p>Change what you like: scenes, their order, who is in them. Nothing is written yet, so nothing is lost. "
        "Every change is kept as a version.</p></section>"
    )
    if may_edit() and st.button(
        "Accept this outline and write", type="primary", icon=":material/check:", key="plan-accept"
    ):
        done = give(lambda studio: studio.answer_review(question.id, Decision.ACCEPT))
        if done:
            go_to("story", story_id=question.story_id)


def _ways(plan: Plan) -> None:
    story_id, as_text = plan.story.id, address.text("mode") == "text"
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="desk-ways"):
        with st.container(horizontal=True, width="content", vertical_alignment="center", key="desk-views"):
            for mode, (label, icon) in (_MODES if may_edit() else {}).items():
                here = (mode == "text") == as_text
                with st.container(width="content", key=f"desk-now-{mode}" if here else f"desk-{mode}"):
                    link_to("story", label, icon, story_id=story_id, view=VIEW, mode=mode)
        with st.container(horizontal=True, width="content", vertical_alignment="center", key="desk-turn"):
            if plan.planned.version > 1 and may_edit():
                show_versions(story_id, plan.planned.version)
            link_to("story", "The story", ":material/account_tree:", story_id=story_id)


_MODES = {
    None: ("Scene by scene", ":material/list_alt:"),
    "text": ("As one text", ":material/notes:"),
}


# --- the plan as it stands


def _doubts(plan: Plan) -> str:
    doubts = plan.planned.doubts
    if not doubts:
        return '<p class="ch-status ch-good pl-clean"><span aria-hidden="true">✓</span> Nothing looks doubtful</p>'
    items = "".join(
        f'<li><span class="ch-review" aria-hidden="true">≠</span> <span dir="auto">{safe(doubt.words)}</span> '
        f"{_links(plan.story.id, doubt)}</li>"
        for doubt in doubts
    )
    return (
        f'<details class="pl-doubts"{" open" if len(doubts) <= 6 else ""}><summary>{count(len(doubts), "thing")} '
        f"that {'looks' if len(doubts) == 1 else 'look'} doubtful</summary><ul>{items}</ul></details>"
    )


def _links(story_id: UUID, doubt: LintProblem) -> str:
    pages = [(number, href("story", story_id=story_id, view=VIEW, scene=number)) for number in doubt.scenes]
    return " ".join(f'<a href="{safe(page)}">scene {number}</a>' for number, page in pages)


def _list(plan: Plan) -> str:
    chapters = "".join(_chapter(plan, chapter) for chapter in plan.planned.draft.chapters)
    return f'<section class="pl-plan" aria-label="The outline">{chapters}</section>'


def _chapter(plan: Plan, chapter: ChapterDraft) -> str:
    scenes = "".join(_scene(plan, scene) for scene in chapter.scenes)
    return (
        f'<h2 class="pl-chapter"><span>Chapter {chapter.number}</span> <span dir="auto">{safe(chapter.title)}</span>'
        f"</h2><ol>{scenes}</ol>"
    )


def _scene(plan: Plan, scene: SceneDraft) -> str:
    kept = plan.outline.scenes[(scene.number or 1) - 1]
    now = address.whole("scene", 1, 10_000) == scene.number
    page = safe(href("story", story_id=plan.story.id, view=VIEW, scene=scene.number))
    told = [", ".join(scene.cast), scene.place, scene.story_time]
    facts = " · ".join(f'<span dir="auto">{safe(text)}</span>' for text in told if text)
    icon, word, css = SCENE_STATUS[kept.status]
    marks = [f'<span class="ch-{css}"><span aria-hidden="true">{icon}</span> {word}</span>'] if kept.revision_id else []
    marks += ['<span><span aria-hidden="true">🔒</span> Locked</span>'] if scene.locked else []
    marks += [
        '<span class="ch-review"><span aria-hidden="true">≠</span> Doubtful</span>'
    ] if any(scene.number in doubt.scenes for doubt in plan.planned.doubts) else []  # fmt: skip
    status = f'<p class="ch-status pl-marks">{" ".join(marks)}</p>' if marks else ""
    return (
        f'<li class="pl-scene{" pl-now" if now else ""}"><span class="pl-number">{scene.number}</span><div>'
        f'<h3><a href="{page}"{' aria-current="true"' if now else ""} dir="auto">{safe(scene.title or "Untitled")}</a>'
        f'</h3><p dir="auto">{safe(scene.purpose)}</p><p class="ch-facts">{facts}</p>{status}</div></li>'
    )
