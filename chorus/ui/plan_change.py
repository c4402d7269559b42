"""Changing an outline: done at once where nothing written is touched, and shown first where something is."""

from uuid import UUID

import streamlit as st

from chorus.domain.outline_draft import OutlineDraft
from chorus.domain.story import Outline
from chorus.editing.outline_change import OutlineChange, first_touched
from chorus.editing.planning import OutlineEdited, PlannedOutline
from chorus.ui import address
from chorus.ui.markup import draw, safe
from chorus.ui.orders import give, say_next
from chorus.ui.places import href
from chorus.ui.words import count


def wish_for(planned: PlannedOutline, draft: OutlineDraft, scene: int | None = None) -> None:
    """Make the outline what a draft says, or ask first if that touches what is written; ``scene`` is looked at then."""
    story_id = planned.story_id
    if draft == planned.draft:
        say_next("Nothing is different from before.")
        st.rerun()
    change = give(lambda studio: studio.preview_outline(story_id, draft))
    if change is None:
        return
    if change.touched:
        st.session_state[_key(story_id)] = (planned.version, draft)
        st.rerun()
    _done(give(lambda studio: studio.edit_outline(story_id, draft)), scene)


def show_wish(planned: PlannedOutline, outline: Outline) -> None:
    """Show what a change would touch, and let a person do it or leave it."""
    story_id = planned.story_id
    version, draft = st.session_state.get(_key(story_id), (0, None))
    if draft is None:
        return
    change = give(lambda studio: studio.preview_outline(story_id, draft)) if version == planned.version else None
    if change is None:
        st.session_state.pop(_key(story_id))
        return
    start = first_touched(change, outline)
    draw(touched(change, outline))
    with st.container(horizontal=True, key="plan-wish"):
        if st.button(f"Do it, and write again from scene {start}", type="primary", key="plan-yes"):
            done = give(lambda studio: studio.edit_outline(story_id, draft, rewrite=True))
            st.session_state.pop(_key(story_id))
            _done(done, None)
        if st.button("Leave the outline as it is", key="plan-no"):
            st.session_state.pop(_key(story_id))
            st.rerun()


def touched(change: OutlineChange, outline: Outline) -> str:
    """What a change does to the plan and to what is written by it, as HTML."""
    if not change.touched:
        return (
            f'<section class="ch-note ch-note-done" role="status"><h2>What this would touch</h2>'
            f"<p>{safe(change.words)} Nothing that is written is touched.</p></section>"
        )
    start = first_touched(change, outline)
    again = [scene for scene in outline.scenes if scene.revision_id and scene.number >= start]
    words = sum(scene.words for scene in again)
    items = "".join(
        f'<li><a href="{safe(href("read", story_id=scene.story_id, scene=scene.number))}">{scene.number}. '
        f'<span dir="auto">{safe(scene.title or "Untitled")}</span></a>{_why(change, scene.number)}</li>'
        for scene in again
    )
    return (
        '<section class="ch-note ch-note-paused" role="status"><h2>What this would touch</h2>'
        f"<p>{safe(change.words)} {count(len(again), 'written scene')} from scene {start} on, {count(words, 'word')}, "
        "will be written again by the new plan; what they added to canon and memory is taken back. Their texts stay "
        f'in the history.</p><ol class="pl-touched">{items}</ol></section>'
    )


def _why(change: OutlineChange, number: int) -> str:
    because = "comes after"
    for word, numbers in (
        ("has another plan", change.edited),
        ("is moved", change.moved),
        ("is removed", change.removed),
    ):
        because = word if number in numbers else because
    return f' <span class="ch-facts">{because}</span>'


def _done(edited: OutlineEdited | None, scene: int | None) -> None:
    if edited is None:
        return
    more = " Press “Go on” on the story’s page to have them written." if edited.change.touched else ""
    say_next(f"{edited.change.words} This is version {edited.version} of the outline.{more}")
    address.keep(scene=scene)
    st.rerun()


def _key(story_id: UUID) -> str:
    return f"plan-wish-{story_id}"
