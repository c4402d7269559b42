"""One scene of an outline: its plan in a form, its place, its lock, a new scene after it, and taking it out."""

from collections.abc import Sequence

import streamlit as st

from chorus.domain.outline_draft import (
    OutlineDraft,
    SceneDraft,
    add_scene,
    edit_scene,
    lock_scenes,
    move_scene,
    remove_scene,
    retitle_chapter,
    shift_scene,
)
from chorus.domain.story import Outline
from chorus.editing.planning import PlannedOutline
from chorus.ui.markup import draw, label, safe
from chorus.ui.places import link_to
from chorus.ui.plan_change import wish_for

VIEW = "plan"


def show_scene(planned: PlannedOutline, outline: Outline, cast: Sequence[str], number: int | None) -> None:
    """Show the form of the scene with a number, and what else can be done with it."""
    scene = next((scene for scene in planned.draft.scenes if scene.number == number), None)
    if scene is None:
        draw(
            '<p class="ch-facts pl-hint">Choose a scene to change what happens in it, to move it or to take it out.</p>'
        )
        return
    _turn(planned, scene)
    written = outline.scenes[(scene.number or 1) - 1].revision_id is not None
    if written:
        draw('<p class="ch-facts">It is written: its text stays when its plan changes, until it is written again.</p>')
    _place(planned, scene)
    if scene.locked:
        draw('<p class="ch-facts">This scene is locked. Unlock it to change its plan.</p>')
    _form(planned, scene, cast)
    _more(planned, scene)


def _turn(planned: PlannedOutline, scene: SceneDraft) -> None:
    number, last = scene.number or 1, len(planned.draft.scenes)
    draw(f'<h2 class="pl-title" dir="auto">{number}. {safe(scene.title or "Untitled")}</h2>')
    with st.container(horizontal=True, key="plan-turn"):
        if number > 1:
            link_to("story", "Before", ":material/arrow_back:", story_id=planned.story_id, view=VIEW, scene=number - 1)
        if number < last:
            link_to("story", "Next", ":material/arrow_forward:", story_id=planned.story_id, view=VIEW, scene=number + 1)


def _place(planned: PlannedOutline, scene: SceneDraft) -> None:
    draft, number, last = planned.draft, scene.number or 1, len(planned.draft.scenes)
    with st.container(horizontal=True, key="plan-place"):
        if st.button("Up", icon=":material/arrow_upward:", key="plan-up", disabled=number == 1):
            _moved(planned, shift_scene(draft, number, -1), number)
        if st.button("Down", icon=":material/arrow_downward:", key="plan-down", disabled=number == last):
            _moved(planned, shift_scene(draft, number, 1), number)
        with (
            st.popover("Move", icon=":material/swap_vert:", disabled=last < 2),
            st.form(f"plan-move-{number}", border=False),
        ):
            titles = {0: "The beginning"} | {
                other.number or 0: f"{other.number}. {label(other.title or 'Untitled')}"
                for other in draft.scenes
                if other.number != number
            }
            after = st.selectbox("To after", list(titles), format_func=titles.__getitem__)
            if st.form_submit_button("Move it there", type="primary"):
                _moved(planned, move_scene(draft, number, after), number)
        title, icon = ("Unlock", ":material/lock_open:") if scene.locked else ("Lock", ":material/lock:")
        if st.button(title, icon=icon, key="plan-lock", help="A locked scene is not changed until it is unlocked."):
            wish_for(planned, lock_scenes(draft, [number], locked=not scene.locked), number)


def _moved(planned: PlannedOutline, draft: OutlineDraft, number: int) -> None:
    """Move, and keep looking at the scene where it then stands."""
    place = [scene.number for scene in draft.scenes].index(number) + 1
    wish_for(planned, draft, place)


def _form(planned: PlannedOutline, scene: SceneDraft, cast: Sequence[str]) -> None:
    number = scene.number or 1
    chapter = next(each for each in planned.draft.chapters if scene in each.scenes)
    with st.form(f"plan-{planned.story_id}-{planned.version}-{number}", border=False):
        title = st.text_input("Title", scene.title, max_chars=200)
        purpose = st.text_area("What happens", scene.purpose, max_chars=1_000, height=100)
        beats = st.text_area("Beats, one a line", "\n".join(scene.beats), max_chars=4_000, height=120)
        names = list(dict.fromkeys((*cast, *scene.cast)))
        people = st.multiselect("Who is in it", names, list(scene.cast), accept_new_options=True)
        here, when = st.columns(2)
        place = here.text_input("Where", scene.place, max_chars=200)
        story_time = when.text_input("When", scene.story_time, max_chars=200)
        ends = st.text_input("How it ends", scene.exit, max_chars=500)
        with st.expander("How it begins, threads, length, chapter"):
            begins = st.text_input(
                "How it begins", scene.entry, max_chars=500, placeholder="where the scene before ends"
            )
            plants = st.text_area("Questions it opens, one a line", "\n".join(scene.plants), height=80)
            payoffs = st.text_area("Questions it answers, one a line", "\n".join(scene.payoffs), height=80)
            words = st.number_input("Words", 0, 5_000, scene.target_words, 50, help="0: as the other scenes.")
            heading = st.text_input("Title of its chapter", chapter.title, max_chars=200)
        saved = st.form_submit_button("Save this plan", type="primary", icon=":material/check:", disabled=scene.locked)
    if saved:
        draft = edit_scene(
            planned.draft,
            number,
            title=title.strip(),
            purpose=purpose.strip(),
            beats=_lines(beats),
            cast=tuple(people),
            place=place.strip(),
            story_time=story_time.strip(),
            exit=ends.strip(),
            entry=begins.strip(),
            plants=_lines(plants)[:10],
            payoffs=_lines(payoffs)[:10],
            target_words=int(words),
        )
        if heading.strip() and heading.strip() != chapter.title:
            draft = retitle_chapter(draft, number, heading.strip())
        wish_for(planned, draft, number)


def _more(planned: PlannedOutline, scene: SceneDraft) -> None:
    number = scene.number or 1
    with st.container(horizontal=True, key="plan-more"):
        with (
            st.popover("Add a scene after it", icon=":material/add:"),
            st.form(f"plan-add-{planned.version}-{number}", border=False),
        ):
            title = st.text_input("Title of the new scene", max_chars=200)
            purpose = st.text_area("What happens in it", max_chars=1_000, height=100)
            if st.form_submit_button("Add it", type="primary"):
                new = SceneDraft(title=title.strip(), purpose=purpose.strip(), cast=scene.cast, place=scene.place)
                wish_for(planned, add_scene(planned.draft, new, number), number + 1)
        with st.popover("Remove", icon=":material/delete:", disabled=scene.locked or len(planned.draft.scenes) < 2):
            draw("<p>The scene leaves the plan. An earlier version of the outline brings it back.</p>")
            if st.button("Yes, remove this scene", type="primary", key="plan-remove"):
                wish_for(planned, remove_scene(planned.draft, number))


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip(" -*\t") for line in text.splitlines() if line.strip(" -*\t"))[:20]
