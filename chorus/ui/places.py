"""The pages of the app by name: their file, title, icon and URL path."""

from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

import streamlit as st
from streamlit.navigation.page import Page as StreamlitPage

PlaceName = Literal[
    "stories", "story", "read", "codex", "memory", "review", "metrics", "trace", "experiments", "system"
]

_PAGES = Path(__file__).resolve().parents[2] / "pages"
_FRONT: PlaceName = "stories"
_PLACES: dict[PlaceName, tuple[str, str]] = {
    "stories": ("Stories", ":material/auto_stories:"),
    "story": ("Story", ":material/account_tree:"),
    "read": ("Read", ":material/menu_book:"),
    "codex": ("Codex", ":material/public:"),
    "memory": ("Memory", ":material/manage_search:"),
    "review": ("Review", ":material/rate_review:"),
    "metrics": ("Metrics", ":material/monitoring:"),
    "trace": ("Trace", ":material/timeline:"),
    "experiments": ("Experiments", ":material/science:"),
    "system": ("System", ":material/dns:"),
}


def place(name: PlaceName) -> StreamlitPage:
    """One page, as Streamlit's navigation and links want it."""
    title, icon = _PLACES[name]
    return st.Page(_PAGES / f"{name}.py", title=title, icon=icon, url_path=name, default=name == _FRONT)


def contents() -> list[StreamlitPage]:
    """All pages in the order of the navigation; the first one is the front page."""
    return [place(name) for name in _PLACES]


def link_to(name: PlaceName, label: str, icon: str | None = None, /, **parameters: object) -> None:
    """Put a link to a page on the page; it changes the page without loading the app anew."""
    st.page_link(place(name), label=label, icon=icon, query_params=_given(parameters) or None)


def go_to(name: PlaceName, /, **parameters: object) -> None:
    """Change to a page."""
    st.switch_page(place(name), query_params=_given(parameters))


def href(name: PlaceName, /, **parameters: object) -> str:
    """Address a page from within HTML of ours, relative to any page."""
    given = _given(parameters)
    return f"{name}?{urlencode(given)}" if given else name


def _given(parameters: dict[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in parameters.items() if value not in (None, "")}
