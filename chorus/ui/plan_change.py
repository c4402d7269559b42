"""Changing an outline: done at once where nothing written is touched, and shown first where something is."""

from functools import partial
from uuid import UUID

import streamlit as st

from chorus.domain.edit import EditEffects
from chorus.domain.outline_draft import OutlineDraft
from chorus.domain.story import Outline
from chorus.editing.outline_change import OutlineChange, first_touched
from chorus.editing.planning import OutlineEdited, PlannedOutline
from chorus.studio import Studio
from chorus.ui import address
from chorus.ui.effects import offer_again, told_of_plan
from chorus.ui.markup import draw, safe
from chorus.ui.orders import give, say_next
from chorus.ui.places import go_to, href
from chorus.ui.words import count

_SAVED = "plan-saved"
_NOTE = "what-this-would-touch"


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
        st.session_state[_new_key(story_id)] = True
        st.rerun()
    take_up(give(lambda studio: studio.edit_outline(story_id, draft)), scene)


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
    if st.session_state.pop(_new_key(story_id), False):  # who saved far down sees nothing of the note at the top
        st.toast(f"This touches what is written: [see what, and decide](#{_NOTE})", icon=":material/visibility:")
    start = first_touched(change, outline)
    draw(touched(change, outline))
    with st.container(horizontal=True, key="plan-wish"):
        wishes = {} if change.displaced else {False: "Save the plan, keep the texts"}
        wishes[True] = f"Save it, and write again from scene {start}"
        for rewrite, label in wishes.items():
            first = len(wishes) == 1 or not rewrite
            key = "plan-yes" if rewrite else "plan-keep"
            if st.button(label, type="primary" if first else "secondary", key=key):
                done = give(partial(_edit, story_id, draft, rewrite=rewrite))
                st.session_state.pop(_key(story_id))
                take_up(done, None)
        if st.button("Leave the outline as it is", key="plan-no"):
            st.session_state.pop(_key(story_id))
            st.rerun()


async def _edit(story_id: UUID, draft: OutlineDraft, studio: Studio, *, rewrite: bool) -> OutlineEdited:
    return await studio.edit_outline(story_id, draft, rewrite=rewrite)


def touched(change: OutlineChange, outline: Outline) -> str:
    """What a change does to the plan and to what is written by it, as HTML."""
    if not change.touched:
        return (
            f'<section class="ch-note ch-note-done" role="status"><h2>What this would touch</h2>'
            f"<p>{safe(change.words)} Nothing that is written is touched.</p></section>"
        )
    said = _displacing(change, outline) if change.displaced else _keeping(change, outline)
    return (
        f'<section id="{_NOTE}" class="ch-note ch-note-paused" role="status"><h2>What this would touch</h2>{said}'
        "</section>"
    )


def _keeping(change: OutlineChange, outline: Outline) -> str:
    story_id = outline.scenes[0].story_id
    return (
        f"<p>{safe(change.words)} No text changes by it. You can then choose which of these scenes are written again; "
        f"or take the whole story back and have it written again from there.</p>"
        f"{told_of_plan(change.facts, change.uses, story_id)}"
    )


def _displacing(change: OutlineChange, outline: Outline) -> str:
    start = first_touched(change, outline)
    again = [scene for scene in outline.scenes if scene.revision_id and scene.number >= start]
    words = sum(scene.words for scene in again)
    items = "".join(
        f'<li><a href="{safe(href("read", story_id=scene.story_id, scene=scene.number))}">{scene.number}. '
        f'<span dir="auto">{safe(scene.title or "Untitled")}</span></a>{_why(change, scene.number)}</li>'
        for scene in again
    )
    return (
        f"<p>{safe(change.words)} {count(len(again), 'written scene')} from scene {start} on, {count(words, 'word')}, "
        "will be written again by the new plan; what they added to canon and memory is taken back. Their texts stay "
        f'in the history.</p><ol class="pl-touched">{items}</ol>'
    )


def _why(change: OutlineChange, number: int) -> str:
    told = next((use.reasons for use in change.uses if use.scene_number == number), ("It comes after.",))
    return f' <span class="ch-facts" dir="auto">{safe(" ".join(told))}</span>'


def take_up(edited: OutlineEdited | None, scene: int | None) -> None:
    """Say what was done, and draw the page anew with what may be written again because of it."""
    if edited is None:
        return
    more = " Press “Go on” on the story’s page to have the rest written." if edited.run_id else ""
    say_next(f"{edited.change.words} This is version {edited.version} of the outline.{more}")
    if edited.change.redoable:
        st.session_state[_SAVED] = edited
    address.keep(scene=scene)
    st.rerun()


def show_saved(planned: PlannedOutline) -> None:
    """Offer to write scenes again that the last change of the plan touched, until another one is made."""
    edited: OutlineEdited | None = st.session_state.get(_SAVED)
    if edited is None or (edited.story_id, edited.version) != (planned.story_id, planned.version):
        return
    change, story_id = edited.change, edited.story_id
    with st.container(border=True, key="plan-saved"):
        told = told_of_plan(change.facts, change.uses, story_id)
        draw(f'<h2 class="ch-heading pl-first">The plan is saved; the texts are as they were</h2>{told}')
        free = tuple(use for use in change.uses if use.scene_number in change.redoable)
        if offer_again(EditEffects(story_id=story_id, scene_number=None, uses=free)):
            st.session_state.pop(_SAVED)
            go_to("story", story_id=story_id)
        if st.button("Done", key="plan-done"):
            st.session_state.pop(_SAVED)
            st.rerun()


def _new_key(story_id: UUID) -> str:
    return f"plan-wish-new-{story_id}"


def _key(story_id: UUID) -> str:
    return f"plan-wish-{story_id}"
