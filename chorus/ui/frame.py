"""What stands around every page: its place in the navigation, the look, and the name of the house."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.navigation.page import Page as StreamlitPage

from chorus import __version__
from chorus.ui.markup import dress
from chorus.ui.states import explained

_ABOUT = f"**Chorus** {__version__} turns a premise into a finished, consistent story, with a small crew of agents."


def show(page: StreamlitPage) -> None:
    """Run a page inside the frame."""
    st.set_page_config(
        page_title="Chorus", page_icon=":material/auto_stories:", layout="wide", menu_items={"About": _ABOUT}
    )
    page.run()


@contextmanager
def sheet(title: str) -> Iterator[None]:
    """Begin a page: its name in the browser's tab, its look, and a friendly word when something is amiss."""
    st.set_page_config(page_title=f"{title} · Chorus", layout="wide")
    dress()
    with explained():
        yield
