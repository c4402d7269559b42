"""The ways between the pages of one story: the same row on each of them, with where one is marked."""

from typing import Literal
from uuid import UUID

import streamlit as st

from chorus.ui.places import PlaceName, link_to

Way = Literal["story", "plan", "read", "codex", "memory", "review", "metrics"]
_WAYS: dict[Way, tuple[PlaceName, str, str]] = {
    "story": ("story", "Board", ":material/account_tree:"),
    "plan": ("story", "Outline", ":material/list_alt:"),
    "read": ("read", "Manuscript", ":material/menu_book:"),
    "codex": ("codex", "Codex", ":material/public:"),
    "memory": ("memory", "Memory", ":material/manage_search:"),
    "review": ("review", "Questions", ":material/rate_review:"),
    "metrics": ("metrics", "Metrics", ":material/monitoring:"),
}


def story_ways(story_id: UUID, here: Way) -> None:
    """Put links to all pages of a story on the page."""
    with st.container(horizontal=True, key="story-ways"):
        for name, (page, title, icon) in _WAYS.items():
            with st.container(width="content", key=f"way-now-{name}" if name == here else f"way-{name}"):
                link_to(page, title, icon, story_id=story_id, view="plan" if name == "plan" else None)
