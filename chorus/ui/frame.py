"""What stands around every page: its place in the navigation, the look, and the name of the house."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import streamlit as st

from chorus import __version__
from chorus.settings import Role
from chorus.ui import address
from chorus.ui.markup import dress
from chorus.ui.places import contents
from chorus.ui.rest import set_aside
from chorus.ui.states import explained
from chorus.ui.visitor import badge, require

_ABOUT = f"**Chorus** {__version__} turns a premise into a finished, consistent story, with a small crew of agents."
_MISS_A_SESSION = ("runtime.scriptrunner_utils.script_run_context", "runtime.caching.cache_data_api")


def announce() -> None:
    """Tell Streamlit which pages there are before it serves anybody.

    Streamlit takes a folder named ``pages`` for an app of its first kind until ``st.navigation`` has been called once
    in the process; on a fresh server a deep link would then show its page without this frame.
    """
    with _quiet():
        st.navigation(contents())
        for module in (
            "board",
            "book",
            "codex",
            "experiment",
            "figures",
            "new_story",
            "plan_desk",
            "recall",
            "review",
            "scene_desk",
            "system",
            "waterfall",
        ):
            import_module(f"chorus.ui.{module}")  # what the first visitor would otherwise wait for
    set_aside()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Streamlit from warning that there is no session yet: that is the point."""
    loggers = [logging.getLogger(f"streamlit.{name}") for name in _MISS_A_SESSION]
    for logger in loggers:
        logger.disabled = True
    yield
    for logger in loggers:
        logger.disabled = False


def show() -> None:
    """Run the page the URL names, inside the frame."""
    page = st.navigation(contents())
    icon = ":material/auto_stories:"
    st.set_page_config(page_title="Chorus", page_icon=icon, layout="wide", menu_items={"About": _ABOUT})
    page.run()


@contextmanager
def sheet(title: str) -> Iterator[None]:
    """Begin a page: its name in the browser's tab, its look, and a friendly word when something is amiss."""
    st.set_page_config(page_title=f"{title} · Chorus", layout="wide")
    dress()
    address.tell_browser()
    with explained():
        require(Role.VIEWER)
        badge()
        yield
