"""Changing what is true in a story, from its codex: people, things, facts, relations. What it touches comes first."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import streamlit as st

from chorus.domain.canon import Fact
from chorus.domain.edit import EditEffects
from chorus.domain.story import Character, CharacterRole, WorldElement, WorldElementKind
from chorus.settings import Role
from chorus.studio import Studio
from chorus.ui import address
from chorus.ui.effects import offer_again, told_of_canon
from chorus.ui.markup import draw, label, safe
from chorus.ui.orders import give, say_next
from chorus.ui.places import go_to
from chorus.ui.reads import Codex
from chorus.ui.visitor import require
from chorus.ui.words import ROLE, WORLD_KIND

LONGEST = 4_000
_SAVED = "canon-saved"

type Command = Callable[[Studio], Awaitable[EditEffects]]


def show_saved(story_id: UUID) -> None:
    """Show what the last change touched, and offer to write those scenes again."""
    kept = st.session_state.get(_SAVED)
    if kept is None or kept[0] != story_id:
        return
    with st.container(border=True, key="canon-saved"):
        draw(f'<h2 class="ch-heading pl-first">{safe(kept[1])}</h2>{told_of_canon(kept[2])}')
        if offer_again(kept[2]):
            st.session_state.pop(_SAVED)
            go_to("story", story_id=story_id)
        if st.button("Done", key="canon-done"):
            st.session_state.pop(_SAVED)
            st.rerun()


def edit_person(codex: Codex, person: Character) -> None:
    """Show a form with all that is known of somebody."""
    story_id, person_id = codex.story.id, person.id
    with st.container(border=True, key="canon-form"), st.form(f"person-{person_id}", border=False):
        draw(f'<h2 class="ch-heading pl-first">Changing <span dir="auto">{safe(person.name)}</span></h2>')
        left, right = st.columns(2, gap="large")
        changes: dict[str, Any] = {}
        with left:
            changes["name"] = st.text_input("Name", person.name, max_chars=120).strip()
            aliases = st.text_input("Also called, with commas between", ", ".join(person.aliases), max_chars=600)
            roles = list(CharacterRole)
            changes["role"] = st.selectbox("Part", roles, roles.index(person.role), format_func=ROLE.__getitem__)
            changes["description"] = st.text_area("Description", person.description, max_chars=LONGEST, height=120)
        with right:
            for name, title in (("want", "Wants"), ("flaw", "Flaw"), ("voice", "Voice")):
                changes[name] = st.text_area(title, getattr(person, name), max_chars=LONGEST, height=90).strip()
        changes["aliases"] = tuple(alias.strip() for alias in aliases.split(",") if alias.strip())
        note = st.text_input("Why (optional)", max_chars=200)
        look, save = _buttons("Save this person")
    changed = {name: value for name, value in changes.items() if value != getattr(person, name)}
    _look_or_save(
        (look, lambda studio: studio.preview_character(story_id, person_id, changed)),
        (save, lambda studio: studio.edit_character(story_id, person_id, changed, note=note)),
        f"{changed.get('name', person.name)} was changed",
        story_id,
    )


def edit_thing(codex: Codex, thing: WorldElement) -> None:
    """Show a form with all that is known of something in the world."""
    story_id, thing_id = codex.story.id, thing.id
    with st.container(border=True, key="canon-form"), st.form(f"thing-{thing_id}", border=False):
        draw(f'<h2 class="ch-heading pl-first">Changing <span dir="auto">{safe(thing.name)}</span></h2>')
        changes: dict[str, Any] = {"name": st.text_input("Name", thing.name, max_chars=120).strip()}
        kinds = list(WorldElementKind)
        changes["kind"] = st.selectbox("Kind", kinds, kinds.index(thing.kind), format_func=WORLD_KIND.__getitem__)
        changes["description"] = st.text_area("Description", thing.description, max_chars=LONGEST, height=120)
        note = st.text_input("Why (optional)", max_chars=200)
        look, save = _buttons("Save this")
    changed = {name: value for name, value in changes.items() if value != getattr(thing, name)}
    _look_or_save(
        (look, lambda studio: studio.preview_world_element(story_id, thing_id, changed)),
        (save, lambda studio: studio.edit_world_element(story_id, thing_id, changed, note=note)),
        f"{changed.get('name', thing.name)} was changed",
        story_id,
    )


def edit_fact(codex: Codex, fact: Fact) -> None:
    """Show a form with a fact, to let it say something else or nothing any more."""
    story_id, fact_id = codex.story.id, fact.id
    with st.container(border=True, key="canon-form"), st.form(f"fact-{fact_id}", border=False):
        draw(f'<h2 class="ch-heading pl-first">A fact about <span dir="auto">{safe(fact.subject)}</span></h2>')
        statement = st.text_area("It says", fact.statement, max_chars=1_000, height=90)
        gone = st.checkbox("It no longer holds at all")
        note = st.text_input("Why (optional)", max_chars=200)
        look, save = _buttons("Save this fact")
    said = None if gone else statement
    if save and gone:
        require(Role.ADMIN)  # as over HTTP

    async def change(studio: Studio) -> EditEffects:
        if said is None:
            return await studio.retract_fact(story_id, fact_id, note=note)
        return await studio.edit_fact(story_id, fact_id, said, note=note)

    _look_or_save(
        (look, lambda studio: studio.preview_fact(story_id, fact_id, said)),
        (save, change),
        "The fact was taken back" if gone else "The fact was changed",
        story_id,
    )


def edit_tie(codex: Codex) -> None:
    """Offer to say what somebody is to somebody else, from a scene on."""
    if len(codex.cast) < 2:
        return
    story_id, names = codex.story.id, {person.id: label(person.name) for person in codex.cast}
    people = list(names)
    with st.popover("Change a relation", icon=":material/edit:", key="tie"), st.form("tie-form", border=False):
        who = st.selectbox("Who", people, format_func=names.__getitem__)
        kind = st.text_input("is (empty: nothing any more)", max_chars=200, placeholder="sister, rival, debtor")
        whom = st.selectbox("to", people, 1, format_func=names.__getitem__)
        scene = int(
            st.number_input("From scene", 0, max(1, len(codex.scenes)), codex.as_of, help="0: from before the story.")
        )
        look, save = _buttons("Save this relation")
        _look_or_save(
            (look, lambda studio: studio.preview_tie(story_id, who, whom, kind, scene=scene)),
            (save, lambda studio: studio.set_tie(story_id, who, whom, kind, scene=scene)),
            "The relation was changed",
            story_id,
        )


def _buttons(save: str) -> tuple[bool, bool]:
    with st.container(horizontal=True):
        look = st.form_submit_button("See what it touches", icon=":material/visibility:")
        return look, st.form_submit_button(save, type="primary", icon=":material/check:")


def _look_or_save(look: tuple[bool, Command], save: tuple[bool, Command], said: str, story_id: UUID) -> None:
    if look[0]:
        effects = give(look[1])
        if effects:
            draw(f'<h2 class="ch-heading">What this would touch</h2>{told_of_canon(effects)}')
    if save[0]:
        saved = give(save[1])
        if saved is None:
            return
        address.keep(person=None, fact=None, thing=None)
        if saved.uses:
            st.session_state[_SAVED] = (story_id, said, saved)
        else:
            say_next(f"{said}. No scene that is written was built on it.")
        st.rerun()
