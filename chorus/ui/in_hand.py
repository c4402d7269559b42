"""A text that a person is changing, together with the text it was begun from; one never stays without the other."""

import streamlit as st

from chorus.domain.story import Revision
from chorus.ui.markup import draw
from chorus.ui.orders import forget

LONGEST_TEXT = 200_000


def text_in_hand(key: str, title: str, current: Revision, height: int) -> tuple[str, Revision]:
    """Show a field that begins with the current text; return what it holds, and what it was begun from.

    Streamlit forgets what a field held as soon as a page is drawn without it. What it was begun from goes with it.
    """
    if _field(key) not in st.session_state:
        _begin(key, current)
    text = st.text_area(title, height=height, max_chars=LONGEST_TEXT, key=_field(key))
    base: Revision = st.session_state[_base(key)]
    return text, base


def put_down(key: str) -> None:
    """Forget what a field holds; it begins anew with the text that is current then."""
    st.session_state.pop(_field(key), None)
    st.session_state.pop(_base(key), None)


def offer_newest(key: str, base: Revision, newest: Revision) -> None:
    """If somebody has changed the text since a field was begun, say so and offer the newest one."""
    if newest.id == base.id:
        return
    draw(
        f'<section class="ch-note ch-note-waiting" role="status"><p>This scene now has text {newest.number}, and yours '
        f"was begun from text {base.number}. Keep a copy of what you want to use of yours; then take the newest.</p>"
        "</section>"
    )
    st.button(
        "Take the newest text",
        icon=":material/sync:",
        key=f"newest-{key}",
        on_click=_take,
        args=(key, newest),
    )


def _take(key: str, newest: Revision) -> None:
    forget()
    _begin(key, newest)


def _begin(key: str, current: Revision) -> None:
    st.session_state[_field(key)] = current.text
    st.session_state[_base(key)] = current


def _field(key: str) -> str:
    return f"in-hand-{key}"


def _base(key: str) -> str:
    return f"in-hand-{key}-base"
