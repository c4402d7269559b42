"""Commands that a page gives: handed over here, refused kindly, and what is old is forgotten."""

from collections.abc import Awaitable, Callable

import streamlit as st

from chorus.errors import Conflict, InvalidInput, NotFound
from chorus.studio import Studio
from chorus.ui import reads, recalled
from chorus.ui.backend import backend
from chorus.ui.markup import draw, worded

_SAID = "said"


def give[T](command: Callable[[Studio], Awaitable[T]], timeout_s: float = 60.0) -> T | None:
    """Give a command and return what came of it; None if it was refused, which is shown where the page stands."""
    try:
        done = backend().run(command, timeout_s=timeout_s)
    except (Conflict, InvalidInput, NotFound) as refusal:
        refused(str(refusal))
        return None
    finally:
        forget()
    return done


def refused(reason: str) -> None:
    """Say why something was not done."""
    draw(f'<section class="ch-note ch-note-failed" role="alert"><h2>Not done</h2><p>{worded(reason)}</p></section>')


def say_next(text: str) -> None:
    """Say something once, when the page is drawn the next time."""
    st.session_state[_SAID] = text


def say() -> None:
    """Say what was left to be said."""
    told = st.session_state.pop(_SAID, None)
    if told:
        draw(f'<section class="ch-note ch-note-done" role="status"><p>{worded(told)}</p></section>')


def forget() -> None:
    """Let every page read anew what a command may have changed."""
    for kept in (reads.progress, reads.shelf, reads.titles, reads.manuscript, reads.scene_file, reads.questions):
        kept.clear()
    for derived in (reads.codex, reads.mentions, reads.proposing, reads.standing, reads.staff):
        derived.clear()
    recalled.forget()
