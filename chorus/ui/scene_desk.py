"""One scene at the desk: why it reads as it does, its texts side by side, and what can be done to it."""

from collections.abc import Callable
from typing import Literal

import streamlit as st

from chorus.domain.story import Revision
from chorus.ui import address
from chorus.ui.cause import show_cause
from chorus.ui.markup import draw, label, safe
from chorus.ui.places import link_to
from chorus.ui.reads import SceneFile
from chorus.ui.states import empty
from chorus.ui.words import CAUSE, SCENE_STATUS, ago, count, minutes, titled

View = Literal["cause", "versions", "edit", "again"]
VIEWS: dict[View, tuple[str, str]] = {
    "cause": ("Cause", ":material/conversion_path:"),
}


def wanted_view() -> View | None:
    """Which view of a scene the URL asks for; None: the book."""
    given = address.text("desk")
    return next((view for view in VIEWS if view == given), None)


def show(file: SceneFile, view: View) -> None:
    """Head the page with the scene, and show one view of it."""
    _header(file, view)
    if not file.revisions:
        empty("✎", "This scene is still to be written", "Its texts and their causes appear here with the first draft.")
        return
    _SHOW[view](file)


def _header(file: SceneFile, view: View) -> None:
    scene = file.scene
    icon, word, css = SCENE_STATUS[scene.status]
    locked = ' · <span aria-hidden="true">🔒︎</span> Locked' if scene.locked else ""
    length = f" · {count(scene.words, 'word')} · {minutes(scene.words)}" if scene.words else ""
    draw(
        f'<header class="ch-masthead dk-head"><p class="ch-facts"><span dir="auto">{safe(titled(file.story.title))}'
        f'</span> · Chapter {file.chapter.number}, <span dir="auto">{safe(file.chapter.title)}</span></p>'
        f'<h1 dir="auto">{scene.number}. {safe(scene.title or "Untitled")}</h1>'
        f'<p class="ch-status ch-{css}"><span aria-hidden="true">{icon}</span> {word}{length}{locked}</p></header>'
    )
    kept = {"story_id": file.story.id}
    with st.container(horizontal=True, horizontal_alignment="distribute", key="desk-ways"):
        with st.container(horizontal=True, width="content", key="desk-views"):
            link_to("read", "In the book", ":material/menu_book:", **kept, scene=scene.number)
            for name, (title, symbol) in VIEWS.items():
                if name != view:
                    link_to("read", title, symbol, **kept, scene=scene.number, desk=name)
        with st.container(horizontal=True, width="content", key="desk-turn"):
            if scene.number > 1:
                link_to("read", "Scene before", ":material/arrow_back:", **kept, scene=scene.number - 1, desk=view)
            if scene.number < file.scenes:
                link_to("read", "Next scene", ":material/arrow_forward:", **kept, scene=scene.number + 1, desk=view)


def choose_revision(file: SceneFile, name: str, title: str, default: Revision) -> Revision:
    """Offer the texts of the scene, the newest first; the URL keeps the choice by its number."""
    by_number = {revision.number: revision for revision in reversed(file.revisions)}
    given = address.whole(name, 1, 100_000)
    chosen = given if given in by_number else default.number
    options = list(by_number)
    number = st.selectbox(
        title,
        options,
        options.index(chosen),
        format_func=lambda number: named(file, by_number[number]),
        key=f"{name}-{file.scene.id}",
    )
    address.keep(**{name: None if number == default.number else number})
    return by_number[number]


def named(file: SceneFile, revision: Revision) -> str:
    """Tell a text by its number, its cause, its age and its length."""
    now = ", in the book" if revision.id == file.scene.revision_id else ""
    note = f" “{label(revision.note, 40)}”" if revision.note else ""
    cause = CAUSE[revision.cause][1].lower()
    words = count(revision.words, "word")
    return f"Text {revision.number}: {cause}{note}, {ago(revision.created_at)}, {words}{now}"


def _cause(file: SceneFile) -> None:
    default = file.current or file.revisions[-1]
    revision = default
    if len(file.revisions) > 1:
        revision = choose_revision(file, "text", "Which text", default)
    show_cause(file, revision)


_SHOW: dict[View, Callable[[SceneFile], None]] = {"cause": _cause}
