"""Editing a scene: what it touches is shown before it is done, and after it which scenes may be written again."""

import streamlit as st

from chorus.domain.edit import EditEffects
from chorus.ui import address, reads
from chorus.ui.effects import LONGEST_NOTE, offer_again, told
from chorus.ui.in_hand import offer_newest, put_down, text_in_hand
from chorus.ui.markup import draw
from chorus.ui.orders import give, say_next
from chorus.ui.origin import paragraphs_of
from chorus.ui.places import go_to
from chorus.ui.reads import SceneFile

_WHOLE_SCENE = "The whole scene"


def show_edit(file: SceneFile) -> None:
    """Show the text in a field, what an edit of it touches, and what follows from the last one."""
    current = file.current
    if current is None or _is_closed(file):
        return
    done = st.session_state.get(_done_key(file))
    if done is not None:
        _show_done(file, done)
    story_id, scene, key = file.story.id, file.scene.number, f"edit-{file.scene.id}"
    with st.form("edit", border=False):
        text, base = text_in_hand(key, "The text of this scene", current, height=480)
        note = st.text_input("Why (optional)", max_chars=200, placeholder="what this edit is for", key="edit-note")
        with st.container(horizontal=True):
            look = st.form_submit_button("See what it touches", icon=":material/visibility:")
            save = st.form_submit_button("Save this text", type="primary", icon=":material/check:")
    if look:
        effects = give(lambda studio: studio.preview_edit(story_id, scene, text))
        if effects:
            draw(f'<h2 class="ch-heading">What this edit would touch</h2>{told(effects)}')
    if save:
        saved = give(lambda studio: studio.edit_scene(story_id, scene, text, note=note, base=base.id))
        if saved:
            put_down(key)
            st.session_state.pop("edit-note", None)
            st.session_state[_done_key(file)] = saved
            st.rerun()
        current = reads.scene_file(story_id, scene).current or current
    offer_newest(key, base, current)


def show_again(file: SceneFile) -> None:
    """Let the scene be written again, with a note on all of it or on one paragraph."""
    if file.current is None or _is_closed(file):
        return
    blocks = paragraphs_of(file.current.text)
    with st.form("again", border=False):
        about = st.selectbox(
            "Your note is about",
            range(len(blocks) + 1),
            address.whole("about", 1, len(blocks)) or 0,
            format_func=lambda place: _WHOLE_SCENE if not place else f"{place}. {' '.join(blocks[place - 1].split())}",
        )
        note = st.text_area(
            "Note to the writer (optional)",
            max_chars=LONGEST_NOTE,
            height=120,
            placeholder="Slower, and without the letter. She should not know yet.",
        )
        draw('<p class="ch-facts">A worker writes this scene anew; all others stay as they are, byte by byte.</p>')
        sent = st.form_submit_button("Write this scene again", type="primary", icon=":material/ink_pen:")
    if sent:
        asked = note.strip()
        if about and asked:
            asked = f"About the passage “{' '.join(blocks[about - 1].split())[:300]}”: {asked}"
        _redo(file, [file.scene.number], asked)


def _show_done(file: SceneFile, done: EditEffects) -> None:
    """What the last edit touched, and which scenes to write again because of it."""
    saved = f"Saved as text {done.revision.number}" if done.revision else "Nothing was changed"
    draw(f'<h2 class="ch-heading">{saved}</h2>{told(done)}')
    if offer_again(done):
        st.session_state.pop(_done_key(file), None)
        go_to("story", story_id=file.story.id)
    draw('<h2 class="ch-heading">The text as it now is</h2>')


def _redo(file: SceneFile, scenes: list[int], note: str) -> None:
    if give(lambda studio: studio.redo_scenes(file.story.id, scenes, note, dispatch=True)):
        st.session_state.pop(_done_key(file), None)
        go_to("story", story_id=file.story.id)


def _is_closed(file: SceneFile) -> bool:
    """Whether nothing can be changed just now; says why."""
    if file.run and file.run.status.is_open:
        why = "This story is being written. Pause its run, or wait until it is done, to change a scene."
    elif file.scene.locked:
        why = "This scene is locked: unlock it first."
    elif file.current is None:
        why = "This scene is still to be written."
    else:
        return False
    draw(f'<section class="ch-note ch-note-waiting" role="status"><p>{why}</p></section>')
    return True


def lock_button(file: SceneFile) -> None:
    """Lock the scene, or unlock it."""
    locked = file.scene.locked
    title, icon = ("Unlock", ":material/lock_open:") if locked else ("Lock", ":material/lock:")
    if st.button(title, icon=icon, key="lock", help="A locked scene stays as it is, byte by byte."):
        story_id, scene = file.story.id, file.scene.number
        done = give(lambda studio: (studio.unlock if locked else studio.lock)(story_id, scene))
        if done:
            say_next(f"Scene {scene} is {'free to change again' if locked else 'locked: nothing changes it now'}.")
            st.rerun()


def _done_key(file: SceneFile) -> str:
    return f"edited-{file.scene.id}"
