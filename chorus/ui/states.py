"""The pages' other faces: nothing there yet, not found, nobody answers. Never a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from chorus.errors import ChorusError, ConfigError, DatabaseUnavailable, NotAllowed, NotFound, SchemaMismatch
from chorus.ui.backend import TRY_AGAIN
from chorus.ui.markup import draw, safe, worded
from chorus.ui.places import link_to


def empty(ornament: str, title: str, text: str) -> None:
    """Say kindly that there is nothing yet, and what would change that."""
    draw(
        f'<section class="ch-state"><div class="ch-state-ornament" aria-hidden="true">{safe(ornament)}</div>'
        f"<h2>{safe(title)}</h2><p>{worded(text)}</p></section>"
    )


@contextmanager
def explained() -> Iterator[None]:
    """Show an error a person can act on as a page of its own, and stop the script there."""
    try:
        yield
    except ChorusError as error:
        explain(error)
        st.stop()


def explain(error: ChorusError) -> None:
    """Show an error in the place of what it kept from being shown."""
    if isinstance(error, NotFound):
        _not_found(str(error))
    elif isinstance(error, NotAllowed):
        empty("☾", "This is not yours to do", str(error))
    elif isinstance(error, SchemaMismatch):
        _retry("The database needs an update", str(error), "chorus db upgrade")
    elif isinstance(error, DatabaseUnavailable):
        _retry("The archive is closed just now", str(error), "chorus db status")
    elif isinstance(error, ConfigError):
        _retry("A setting needs your attention", str(error), "chorus doctor")
    else:
        _retry("That did not work", str(error), "chorus doctor")


def _not_found(reason: str) -> None:
    empty("❦", "This page is missing from the book", reason)
    with st.container(horizontal=True, horizontal_alignment="center"):
        link_to("stories", "Back to all stories", ":material/arrow_back:")


def _retry(title: str, reason: str, command: str) -> None:
    draw(
        f'<section class="ch-state" role="alert"><div class="ch-state-ornament" aria-hidden="true">☾</div>'
        f"<h2>{safe(title)}</h2><p>{worded(reason)}</p>"
        f"<p>Your stories are safe where they are. To see more, run <code>{safe(command)}</code> in a terminal; "
        "then try again here.</p></section>"
    )
    with st.container(horizontal=True, horizontal_alignment="center"):
        st.button("Try again", icon=":material/refresh:", type="primary", key=TRY_AGAIN)
