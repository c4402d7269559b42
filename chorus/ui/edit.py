"""Editing a scene: what it touches is shown before it is done, and after it which scenes may be written again."""

import streamlit as st

from chorus.domain.edit import EditEffects, FactChange, SceneUse, Verdict
from chorus.domain.story import Revision
from chorus.ui.markup import draw, safe
from chorus.ui.orders import give, say_next
from chorus.ui.origin import paragraphs_of
from chorus.ui.places import go_to, href
from chorus.ui.reads import SceneFile
from chorus.ui.versions import marked
from chorus.ui.words import VERDICT, count, number

LONGEST_TEXT = 200_000
LONGEST_NOTE = 1_500
_WHOLE_SCENE = "The whole scene"


def show_edit(file: SceneFile) -> None:
    """Show the text in a field, what an edit of it touches, and what follows from the last one."""
    current = file.current
    if current is None or _is_closed(file):
        return
    done = st.session_state.get(_done_key(file))
    if done is not None:
        _show_done(file, done)
    base_key, text_key = f"edit-base-{file.scene.id}", f"edit-text-{file.scene.id}"
    base: Revision = st.session_state.setdefault(base_key, current)
    with st.form("edit", border=False):
        text = st.text_area("The text of this scene", base.text, height=480, max_chars=LONGEST_TEXT, key=text_key)
        note = st.text_input("Why (optional)", max_chars=200, placeholder="what this edit is for", key="edit-note")
        with st.container(horizontal=True):
            look = st.form_submit_button("See what it touches", icon=":material/visibility:")
            save = st.form_submit_button("Save this text", type="primary", icon=":material/check:")
    story_id, scene = file.story.id, file.scene.number
    if look:
        effects = give(lambda studio: studio.preview_edit(story_id, scene, text))
        if effects:
            draw(f'<h2 class="ch-heading">What this edit would touch</h2>{told(effects)}')
    if save:
        saved = give(lambda studio: studio.edit_scene(story_id, scene, text, note=note, base=base.id))
        if saved:
            for key in (base_key, text_key, "edit-note"):
                st.session_state.pop(key, None)
            st.session_state[_done_key(file)] = saved
            st.rerun()


def show_again(file: SceneFile) -> None:
    """Let the scene be written again, with a note on all of it or on one paragraph."""
    if file.current is None or _is_closed(file):
        return
    blocks = paragraphs_of(file.current.text)
    with st.form("again", border=False):
        about = st.selectbox(
            "Your note is about",
            range(len(blocks) + 1),
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


def told(effects: EditEffects) -> str:
    """What an edit touches, as HTML: the words, the facts, the scenes that used them with the reasons."""
    if all(piece.kind == "same" for piece in effects.pieces) and not effects.facts:
        return '<p role="status">Nothing: the text is the same as before.</p>'
    parts = [_verdict(effects)]
    facts = "".join(map(_fact, effects.changed_facts))
    if facts:
        parts.append(f'<h3 class="ch-subheading">Facts</h3><ul class="dk-facts">{facts}</ul>')
    if effects.details:
        names = ", ".join(f'<b dir="auto">{safe(detail)}</b>' for detail in effects.details)
        parts.append(f"<p>Names and numbers that come or go: {names}.</p>")
    if effects.uses:
        uses = "".join(_use(effects, use) for use in effects.uses)
        parts.append(f'<h3 class="ch-subheading">Scenes that used them</h3><ul class="dk-uses">{uses}</ul>')
    parts.append(f'<details class="dk-out"><summary>The words</summary><div class="dk-side">{marked(effects.pieces)}'
                 "</div></details>")  # fmt: skip
    return f'<section class="dk-effects">{"".join(parts)}</section>'


def _verdict(effects: EditEffects) -> str:
    words = f"{number(effects.words_before)} words become {number(effects.words_after)}."
    if effects.style_only:
        said = "Only the style changes: no fact that anything was built on. No other scene is touched."
    else:
        changed = len(effects.changed_facts)
        facts = f"{count(changed, 'fact')} of the canon {'changes' if changed == 1 else 'change'}"
        what = facts if changed else "No fact of the canon changes, but names or numbers do"
        said = f"{what}; {count(len(effects.uses), 'later scene')} used what stood here."
    stale = " The scene’s summary still says what no longer holds." if effects.stale_summary else ""
    return f'<p role="status"><b>{said}</b> {words}{stale}</p>'


def _fact(change: FactChange) -> str:
    icon, word, css = VERDICT[change.verdict]
    before = f'<del dir="auto">{safe(change.before.statement)}</del>' if change.before else ""
    after = f'<ins dir="auto">{safe(change.after.statement)}</ins>' if change.after else ""
    if change.verdict is Verdict.KEPT:
        after = ""
    return (
        f'<li><p class="ch-status ch-{css}"><span aria-hidden="true">{icon}</span> {word}</p>'
        f'<p class="dk-change">{before} {after}</p><p class="ch-facts">{safe(change.reason)}</p></li>'
    )


def _use(effects: EditEffects, use: SceneUse) -> str:
    page = safe(href("read", story_id=effects.story_id, scene=use.scene_number))
    locked = " · locked" if use.locked else ""
    reasons = "".join(f'<li dir="auto">{safe(reason)}</li>' for reason in use.reasons)
    return (
        f'<li><p><a href="{page}"><b>{use.scene_number}.</b> <span dir="auto">{safe(use.title or "Untitled")}</span>'
        f'</a><span class="ch-facts">{locked}</span></p><ul class="dk-reasons">{reasons}</ul></li>'
    )


def _show_done(file: SceneFile, done: EditEffects) -> None:
    """What the last edit touched, and which scenes to write again because of it."""
    saved = f"Saved as text {done.revision.number}" if done.revision else "Nothing was changed"
    draw(f'<h2 class="ch-heading">{saved}</h2>{told(done)}')
    free = [use.scene_number for use in done.uses if not use.locked]
    if free:
        with st.form("redo", border=False):
            titles = {use.scene_number: f"{use.scene_number}. {use.title}" for use in done.uses}
            chosen = st.multiselect("Write again", free, [], format_func=lambda scene: titles[scene], key="redo-scenes")
            note = st.text_input("Note to the writer (optional)", max_chars=LONGEST_NOTE, key="redo-note")
            if st.form_submit_button("Write the chosen scenes again", icon=":material/ink_pen:") and chosen:
                _redo(file, sorted(chosen), note.strip())
    draw('<h2 class="ch-heading">The text as it now is</h2>')


def _redo(file: SceneFile, scenes: list[int], note: str) -> None:
    run = give(lambda studio: studio.redo_scenes(file.story.id, scenes, note, dispatch=True))
    if run:
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
