"""The codex: people, world, canon and time of a story, as they stand at the end of a scene."""

import re
from collections.abc import Callable
from typing import Literal
from uuid import UUID

import pandas as pd
import streamlit as st

from chorus.domain.canon import Fact
from chorus.domain.planned import planned_facts
from chorus.domain.story import Character, CharacterState, WorldElement, WorldElementKind
from chorus.ui import address, charts_of_story, reads
from chorus.ui.canon_desk import edit_fact, edit_person, edit_thing, edit_tie, show_saved
from chorus.ui.charts import plot
from chorus.ui.chronology import story_order
from chorus.ui.markup import chart_text, draw, label, safe
from chorus.ui.orders import say
from chorus.ui.places import href, link_to
from chorus.ui.reads import Codex
from chorus.ui.states import empty
from chorus.ui.visitor import may_edit
from chorus.ui.ways import story_ways
from chorus.ui.words import ROLE, WORLD_KIND, count, titled

View = Literal["people", "world", "canon", "time"]
VIEWS: dict[View, tuple[str, str]] = {
    "people": ("People", ":material/groups:"),
    "world": ("World", ":material/public:"),
    "canon": ("Canon", ":material/fact_check:"),
    "time": ("Time", ":material/timeline:"),
}
MOST_FACTS = 300
MOST_PLANNED = 60
_WHERE = re.compile(
    r"(?:aboard|above|across|among|around|at|behind|below|beneath|beside|between|beyond|by|down|in|inside|near|off|on|"
    r"outside|over|somewhere|through|under|up|upon|with|within)\b",
    re.IGNORECASE,
)


def show(story_id: UUID) -> None:
    """Show one view of a story's codex, as of the scene the URL names."""
    codex = reads.codex(story_id, address.whole("as_of", 0, 10_000))
    given = address.text("view")
    view: View = next((each for each in VIEWS if each == given), "people")
    _header(codex)
    story_ways(story_id, "codex")
    say()
    show_saved(story_id)
    if not (codex.cast or codex.world or codex.scenes):
        empty("☙", "The codex is still blank", "World and people appear here as soon as the crew has found them.")
        return
    _ways(codex, view)
    if view in ("people", "canon"):
        codex = _as_of(codex)
    if may_edit():
        _edit(codex)
    _SHOW[view](codex)


def _header(codex: Codex) -> None:
    sizes = (
        count(len(codex.cast), "person", "people"),
        count(len(codex.world), "thing in its world", "things in its world"),
        count(len(codex.scenes), "scene"),
    )
    draw(
        f'<header class="ch-masthead"><h1>Codex</h1><p><span dir="auto">{safe(titled(codex.story.title))}</span> · '
        f"{' · '.join(sizes)}</p></header>"
    )


def _ways(codex: Codex, view: View) -> None:
    as_of = address.whole("as_of", 0, 10_000)
    with st.container(horizontal=True, key="desk-views"):
        for name, (title, icon) in VIEWS.items():
            with st.container(width="content", key=f"desk-now-{name}" if name == view else f"desk-{name}"):
                link_to("codex", title, icon, story_id=codex.story.id, view=name, as_of=as_of)


def _as_of(codex: Codex) -> Codex:
    """Let a person go back and forth through the scenes; the URL keeps where."""
    last = len(codex.scenes)
    if last < 1:
        return codex
    scene = st.slider("As it stands at the end of scene", 0, last, codex.as_of, key=f"as-of-{codex.story.id}")
    address.keep(as_of=scene)
    return codex if scene == codex.as_of else reads.codex(codex.story.id, scene)


def _edit(codex: Codex) -> None:
    """Show the form of the person, the thing or the fact that the URL names."""
    number, thing_number = (address.whole(name, 1, 100_000) for name in ("person", "thing"))
    fact_id = address.text("fact")
    person = next((each for each in codex.cast if each.number == number), None)
    thing = next((each for each in codex.world if each.number == thing_number), None)
    fact = next((each for each in codex.facts if str(each.id) == fact_id), None)
    if person:
        edit_person(codex, person)
    elif thing:
        edit_thing(codex, thing)
    elif fact:
        edit_fact(codex, fact)
    if person or thing or fact:
        view = "people" if person else "world" if thing else "canon"
        link_to("codex", "Leave as it is", ":material/close:", story_id=codex.story.id, view=view, as_of=codex.as_of)


# --- people


def _people(codex: Codex) -> None:
    if not codex.cast:
        empty("☙", "Nobody is known yet", "An imported story has no cast until its canon is read by a model.")
        return
    stands = {state.character_id: state for state in codex.states}
    cards = "".join(_person(codex, person, stands.get(person.id)) for person in codex.cast)
    draw(f'<section aria-label="People"><ul class="cx-people">{cards}</ul></section>')
    _ties(codex)
    _mentions(codex)


def _person(codex: Codex, person: Character, state: CharacterState | None) -> str:
    unmet = person.first_scene is not None and person.first_scene > codex.as_of
    css = " cx-unmet" if unmet else ""
    told = [("Wants", person.want), ("Flaw", person.flaw), ("Voice", person.voice)]
    traits = "".join(f'<div><dt>{name}</dt><dd dir="auto">{safe(text)}</dd></div>' for name, text in told if text)
    page = safe(href("codex", story_id=codex.story.id, view="people", as_of=codex.as_of, person=person.number))
    aliases = f'<p class="ch-facts" dir="auto">also {safe(", ".join(person.aliases))}</p>' if person.aliases else ""
    return (
        f'<li class="cx-person{css}"><p class="ch-facts">{ROLE[person.role]}'
        f"{f' · first met in scene {person.first_scene}' if person.first_scene else ''}</p>"
        f'<h3 dir="auto">{safe(person.name)}</h3>{aliases}<p dir="auto">{safe(person.description)}</p>'
        f'<dl class="cx-traits">{traits}</dl>{"" if unmet else _stand(state)}'
        f"{_change(page, person.name)}</li>"
    )


def _change(page: str, what: str) -> str:
    """A quiet link to a form, for who may fill it in."""
    if not may_edit():
        return ""
    return f'<p class="cx-change"><a href="{page}">Change<span class="ch-spoken"> {safe(what)}</span></a></p>'


def _stand(state: CharacterState | None) -> str:
    if state is None:
        return '<p class="cx-stand ch-facts">Nothing is noted of how things stand yet.</p>'
    told = [_whereabouts(state.place), state.condition, state.goal and f"wants {state.goal}"]
    line = "; ".join(text for text in told if text) or "nothing new"
    since = f"since scene {state.scene_number}" if state.scene_number else "from the beginning"
    mark = "" if state.alive else '<b class="ch-bad"><span aria-hidden="true">✕</span> Dead</b> · '
    return f'<p class="cx-stand" dir="auto">{mark}{safe(line)} <span class="ch-facts">({since})</span></p>'


def _whereabouts(place: str) -> str:
    """A place as it stands in a sentence: “at the tower”, but “under the bell”."""
    return place if not place or _WHERE.match(place) else f"at {place}"


def _ties(codex: Codex) -> None:
    names = {person.id: person.name for person in codex.cast}
    holding = [
        tie
        for tie in codex.ties
        if tie.valid_from <= codex.as_of and (tie.valid_to is None or tie.valid_to >= codex.as_of)
        and tie.character_id in names and tie.other_id in names
    ]  # fmt: skip
    draw('<h2 class="ch-heading">Relations</h2>')
    if may_edit():
        edit_tie(codex)
    if not holding:
        draw('<p class="ch-facts">No relation is noted at this point of the story.</p>')
        return
    picture, table = st.columns([3, 2], gap="large")
    rows = [(names[tie.character_id], tie.kind, names[tie.other_id], tie.description) for tie in holding]
    with picture:
        alt = "Graph of relations: " + "; ".join(f"{a}, {kind} of {b}" for a, kind, b, _ in rows[:12]) + "."
        plot(charts_of_story.relations([person.name for person in codex.cast], rows), alt, "relations")
    with table:
        cells = "".join(
            f'<tr><td data-label="Who" dir="auto">{safe(a)}</td><td data-label="Is" dir="auto">{safe(kind)}</td>'
            f'<td data-label="To" dir="auto">{safe(b)}</td></tr>'
            for a, kind, b, _ in rows
        )
        draw(
            '<table class="ch-table"><caption class="ch-spoken">Relations</caption><thead><tr><th scope="col">Who</th>'
            f'<th scope="col">Is</th><th scope="col">To</th></tr></thead><tbody>{cells}</tbody></table>'
        )


def _mentions(codex: Codex) -> None:
    mentions = reads.mentions(codex.story.id)
    counted = {name: times for name, times in mentions.counted.items() if any(times)}
    if not counted:
        return
    draw('<h2 class="ch-heading">Where they are named</h2>')
    most = max(counted, key=lambda name: sum(counted[name]))
    alt = f"Heat map of how often each person is named in each scene; most often {most}, {sum(counted[most])} times."
    plot(charts_of_story.mentions(mentions.scenes, counted), alt, "mentions")
    with st.expander("The same as a table", icon=":material/table:"):
        st.dataframe(pd.DataFrame(counted, index=pd.Index(mentions.scenes, name="Scene")).T, alt=alt)


# --- world, canon, time


def _world(codex: Codex) -> None:
    if not codex.world:
        empty("☙", "No world is noted yet", "An imported story has none until its canon is read by a model.")
        return
    parts = ""
    for kind in WorldElementKind:
        items = "".join(_thing(codex, element) for element in codex.world if element.kind is kind)
        if items:
            parts += (
                f'<section><h3 class="ch-subheading">{WORLD_KIND[kind]}</h3><ul class="cx-world">{items}</ul></section>'
            )
    draw(f'<div class="cx-worlds">{parts}</div>')


def _thing(codex: Codex, thing: WorldElement) -> str:
    page = safe(href("codex", story_id=codex.story.id, view="world", as_of=codex.as_of, thing=thing.number))
    told = f'<h4 dir="auto">{safe(thing.name)}</h4><p dir="auto">{safe(thing.description)}</p>'
    return f"<li>{told}{_change(page, thing.name)}</li>"


def _canon(codex: Codex) -> None:
    if codex.facts:
        _established(codex)
    else:
        empty("☙", "Nothing is established at this point", "Facts join the canon when the scene they stand in is done.")
    _planned(codex)


def _established(codex: Codex) -> None:
    about = _about(codex)
    facts = [fact for fact in codex.facts if about in (None, fact.subject)]
    cut = f"the first {MOST_FACTS} of " if len(facts) > MOST_FACTS else ""
    draw(f'<p class="ch-facts" role="status">{cut}{count(len(facts), "fact")} at the end of scene {codex.as_of}</p>')
    numbers = {scene.id: scene.number for scene in codex.scenes}
    items = "".join(
        _fact(codex, fact, numbers.get(fact.scene_id) if fact.scene_id else None) for fact in facts[:MOST_FACTS]
    )
    draw(f'<ul class="cx-facts">{items}</ul>')


def _planned(codex: Codex) -> None:
    """Say what is to be true when the scenes end that are still to be written."""
    facts = planned_facts(codex.scenes)
    if not facts:
        return
    titles = {scene.number: scene.title for scene in codex.scenes}
    items = "".join(
        f'<li class="cx-planned"><p dir="auto">{safe(fact.statement)}</p><p class="ch-facts">planned · at the end of '
        f'scene {fact.valid_from}, <span dir="auto">{safe(titles[fact.valid_from])}</span></p></li>'
        for fact in facts[:MOST_PLANNED]
    )
    cut = f", the first {MOST_PLANNED} of {len(facts)}" if len(facts) > MOST_PLANNED else ""
    page = safe(href("story", story_id=codex.story.id, view="plan"))
    draw(
        f'<h3 class="ch-subheading">What is to be true{cut}</h3><p class="ch-facts">By <a href="{page}">the plan</a>; '
        f'it joins the canon as its scenes are written.</p><ul class="cx-facts">{items}</ul>'
    )


def _about(codex: Codex) -> str | None:
    """Let a person say whom or what the facts are to be about, None: everybody; the URL keeps it."""
    given = address.text("about") or None
    subjects = sorted({subject for subject in (given, *(fact.subject for fact in codex.facts)) if subject})
    options = [None, *subjects]
    about = st.selectbox(
        "About",
        options,
        options.index(given),
        format_func=lambda subject: label(subject) if subject else "Everybody",
        key="canon-about",
        width=280,
    )
    address.keep(about=about)
    return about


def _fact(codex: Codex, fact: Fact, scene: int | None) -> str:
    where = "before the story"
    if scene:
        page = safe(href("read", story_id=codex.story.id, scene=scene))
        where = f'<a href="{page}">scene {scene}</a>'
    page = safe(href("codex", story_id=codex.story.id, view="canon", as_of=codex.as_of, fact=fact.id))
    change = f' · <a href="{page}">change<span class="ch-spoken"> this fact</span></a>' if may_edit() else ""
    until = f" until scene {fact.valid_to}" if fact.valid_to is not None else ""
    known = f" · known by {safe(', '.join(fact.known_by))}" if fact.known_by else ""
    evidence = f'<blockquote dir="auto">{safe(fact.evidence)}</blockquote>' if fact.evidence else ""
    return (
        f'<li><p dir="auto">{safe(fact.statement)}</p>{evidence}'
        f'<p class="ch-facts"><span dir="auto">{safe(fact.subject)}</span> · from {where}{until}{known}{change}</p>'
        "</li>"
    )


def _time(codex: Codex) -> None:
    if not codex.scenes:
        empty("☙", "There is no time yet", "The order of events appears with the outline.")
        return
    places = story_order(codex.scenes)
    rows = list(zip(codex.scenes, places, strict=True))
    turned = [scene.number for at, (scene, place) in enumerate(rows, 1) if place != at]
    said = "Everything is told in the order in which it happens." if not turned else (
        f"{count(len(turned), 'scene')} told out of the order of events."
    )  # fmt: skip
    alt = f"Line chart of {len(rows)} scenes: the order of telling against the order of events. {said}"
    draw(f'<p role="status">{said}</p>')
    names = [f"{scene.number}. {chart_text(scene.title or 'Untitled')}" for scene in codex.scenes]
    times = [chart_text(scene.brief.story_time or "not said", 60) for scene in codex.scenes]
    plot(charts_of_story.timeline([s.number for s in codex.scenes], places, names, times), alt, "timeline")
    cells = "".join(
        f'<tr><td data-label="Told">{scene.number}</td><td data-label="Happens">{place}</td>'
        f'<td data-label="Scene" dir="auto">{safe(scene.title or "Untitled")}</td>'
        f'<td data-label="When" dir="auto">{safe(scene.brief.story_time or "–")}</td>'
        f'<td data-label="Where" dir="auto">{safe(scene.brief.place or "–")}</td></tr>'
        for scene, place in rows
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Told", "Happens", "Scene", "When", "Where"))
    draw(
        '<table class="ch-table"><caption class="ch-spoken">Scenes as told and as they happen</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{cells}</tbody></table>"
    )


_SHOW: dict[View, Callable[[Codex], None]] = {"people": _people, "world": _world, "canon": _canon, "time": _time}
