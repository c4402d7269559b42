"""One scene at the desk: why it reads as it does, its texts side by side, and what can be done to it."""

from collections.abc import Callable
from typing import Literal

import streamlit as st

from chorus.ui import address
from chorus.ui.cause import show_cause
from chorus.ui.edit import lock_button, show_again, show_edit
from chorus.ui.markup import draw, safe
from chorus.ui.orders import say
from chorus.ui.places import link_to
from chorus.ui.reads import SceneFile
from chorus.ui.states import empty
from chorus.ui.texts import choose_revision
from chorus.ui.versions import show_versions
from chorus.ui.visitor import may_edit
from chorus.ui.words import SCENE_STATUS, count, minutes, titled

View = Literal["cause", "versions", "edit", "again"]
VIEWS: dict[View, tuple[str, str]] = {
    "cause": ("Cause", ":material/conversion_path:"),
    "versions": ("Versions", ":material/difference:"),
    "edit": ("Edit", ":material/edit:"),
    "again": ("Write again", ":material/ink_pen:"),
}
CHANGING: tuple[View, ...] = ("edit", "again")


def views() -> list[View]:
    """What who looks may see of a scene, and do to it."""
    return [view for view in VIEWS if may_edit() or view not in CHANGING]


def wanted_view() -> View | None:
    """Which view of a scene the URL asks for; None: the book."""
    given = address.text("desk")
    return next((view for view in views() if view == given), None)


def show(file: SceneFile, view: View) -> None:
    """Head the page with the scene, and show one view of it."""
    _header(file)
    _ways(file, view)
    say()
    if not file.revisions:
        empty("✎", "This scene is still to be written", "Its texts and their causes appear here with the first draft.")
        return
    _SHOW[view](file)


def _header(file: SceneFile) -> None:
    scene = file.scene
    icon, word, css = SCENE_STATUS[scene.status]
    locked = " · Locked" if scene.locked else ""
    length = f" · {count(scene.words, 'word')} · {minutes(scene.words)}" if scene.words else ""
    draw(
        f'<header class="ch-masthead dk-head"><p class="ch-facts"><span dir="auto">{safe(titled(file.story.title))}'
        f'</span> · Chapter {file.chapter.number}, <span dir="auto">{safe(file.chapter.title)}</span></p>'
        f'<h1 dir="auto">{scene.number}. {safe(scene.title or "Untitled")}</h1>'
        f'<p class="ch-status ch-{css}"><span aria-hidden="true">{icon}</span> {word}{length}{locked}</p></header>'
    )


def _ways(file: SceneFile, view: View) -> None:
    scene, kept = file.scene, {"story_id": file.story.id}
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="desk-ways"):
        with st.container(horizontal=True, width="content", vertical_alignment="center", key="desk-views"):
            for name in views():
                title, symbol = VIEWS[name]
                with st.container(width="content", key=f"desk-now-{name}" if name == view else f"desk-{name}"):
                    link_to("read", title, symbol, **kept, scene=scene.number, desk=name)
            if file.revisions and may_edit():
                lock_button(file)
        with st.container(horizontal=True, width="content", key="desk-turn"):
            if scene.number > 1:
                link_to("read", "Before", ":material/arrow_back:", **kept, scene=scene.number - 1, desk=view)
            link_to("read", "In the book", ":material/menu_book:", **kept, scene=scene.number)
            if scene.number < file.scenes:
                link_to("read", "Next", ":material/arrow_forward:", **kept, scene=scene.number + 1, desk=view)


def _cause(file: SceneFile) -> None:
    revision = file.current or file.revisions[-1]
    if len(file.revisions) > 1:
        revision = choose_revision(file, "text", "Which text", revision)
    show_cause(file, revision)


_SHOW: dict[View, Callable[[SceneFile], None]] = {
    "cause": _cause,
    "versions": show_versions,
    "edit": show_edit,
    "again": show_again,
}
