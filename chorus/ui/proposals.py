"""What was read out of a text and waits for a person's word: approved or refused, scene by scene or all at once."""

from collections.abc import Sequence
from uuid import UUID

import streamlit as st

from chorus.domain.canon import Fact
from chorus.studio import Studio
from chorus.ui import reads
from chorus.ui.backend import backend
from chorus.ui.markup import draw, label, safe
from chorus.ui.orders import give, say_next
from chorus.ui.places import href
from chorus.ui.visitor import may_edit
from chorus.ui.words import count, titled

MOST_SCENES = 8
"""So many scenes are shown at once; the next ones come when these are settled."""


def show_proposals(story_id: UUID | None) -> int:
    """Show the proposals of a story, or say which stories have some; returns how many there are."""
    waiting = {story: (title, facts) for story, title, facts in reads.proposing()}
    if story_id is None:
        if waiting:
            draw(_stories(waiting))
    elif story_id in waiting:
        _of_story(story_id, backend().run(lambda studio: studio.list_proposals(story_id)))
        return waiting[story_id][1]
    return sum(facts for _, facts in waiting.values()) if story_id is None else 0


def _stories(waiting: dict[UUID, tuple[str, int]]) -> str:
    items = "".join(
        f'<li><a href="{safe(href("review", story_id=story_id))}" dir="auto">{safe(titled(title))}</a>: '
        f"{count(facts, 'fact')} read out of its text</li>"
        for story_id, (title, facts) in waiting.items()
    )
    return f'<h2 class="ch-heading">Canon to approve</h2><ul class="dk-facts">{items}</ul>'


def _of_story(story_id: UUID, facts: Sequence[Fact]) -> None:
    draw(
        f'<h2 class="ch-heading">{count(len(facts), "fact")} read out of the text</h2><p class="ch-facts">What you '
        "approve becomes canon: later scenes are told of it and checked against it. What you refuse is forgotten.</p>"
    )
    if may_edit():
        _offer_all(story_id, len(facts))
    by_scene: dict[int, list[Fact]] = {}
    for fact in facts:
        by_scene.setdefault(fact.valid_from, []).append(fact)
    for number in sorted(by_scene)[:MOST_SCENES]:
        _scene(story_id, number, by_scene[number])
    if len(by_scene) > MOST_SCENES:
        draw(f'<p class="ch-facts">{count(len(by_scene) - MOST_SCENES, "more scene")} after these.</p>')


def _offer_all(story_id: UUID, facts: int) -> None:
    with st.container(horizontal=True, key="proposals-all"):
        if st.button(f"Approve all {facts}", type="primary", icon=":material/done_all:", key="approve-all"):
            _settle(story_id, None, ())
        with st.popover("Refuse all", icon=":material/close:"):
            draw("<p>None of these facts becomes canon. Reading the text again brings them back.</p>")
            if st.button("Yes, refuse them all", key="refuse-all"):
                _settle(story_id, (), None)


def _scene(story_id: UUID, number: int, facts: Sequence[Fact]) -> None:
    with st.container(border=True, key=f"proposals-{number}"):
        page = safe(href("read", story_id=story_id, scene=number))
        items = "".join(map(_fact, facts))
        heading = f'<h3 class="rv-question"><a href="{page}">Scene {number}</a></h3>'
        draw(f'{heading}<ol class="cx-facts pl-proposals">{items}</ol>')
        if not may_edit():
            return
        with st.form(f"settle-{number}", border=False):
            named = {fact.id: f"{place}. {label(fact.statement)}" for place, fact in enumerate(facts, 1)}
            refused = st.multiselect(
                "Refuse", list(named), format_func=named.__getitem__, placeholder="none: all of them are right"
            )
            sent = st.form_submit_button(f"Approve the facts of scene {number}", icon=":material/check:")
        if sent:
            _settle(story_id, [fact.id for fact in facts if fact.id not in refused], refused)


def _fact(fact: Fact) -> str:
    evidence = f'<blockquote dir="auto">{safe(fact.evidence)}</blockquote>' if fact.evidence else ""
    about = f'<p class="ch-facts" dir="auto">{safe(fact.subject)}</p>'
    return f'<li><p dir="auto">{safe(fact.statement)}</p>{evidence}{about}</li>'


def _settle(story_id: UUID, approved: Sequence[UUID] | None, refused: Sequence[UUID] | None) -> None:
    """Approve some and refuse others; None: all."""

    async def command(studio: Studio) -> tuple[int, int]:
        right = await studio.approve_facts(story_id, approved) if approved is None or approved else []
        wrong = await studio.refuse_facts(story_id, refused) if refused is None or refused else []
        return len(right), len(wrong)

    done = give(command)
    if done:
        say_next(f"{count(done[0], 'fact')} approved, {done[1]} refused.")
        st.rerun()
