"""Removing a story for good."""

from uuid import UUID

import streamlit as st

from chorus.settings import Role
from chorus.studio import Studio
from chorus.ui.markup import draw
from chorus.ui.orders import give, say_next
from chorus.ui.places import go_to
from chorus.ui.visitor import may_govern, require


def offer_removal(story_id: UUID, title: str) -> None:
    """Offer it to who may do it; what it takes along is said before."""
    if not may_govern():
        return
    with st.popover("Remove", icon=":material/delete:", key="remove"):
        draw(
            "<p>The story goes for good, with its texts, canon, memories, runs and calls. Nothing brings it back: "
            "export it first if you are not sure.</p>"
        )
        if st.button("Yes, remove this story", key="remove-yes", type="primary") and _remove(story_id):
            say_next(f"“{title}” is removed.")
            go_to("stories")


def _remove(story_id: UUID) -> bool:
    require(Role.ADMIN)  # as over HTTP

    async def command(studio: Studio) -> bool:
        await studio.remove_story(story_id)
        return True

    return bool(give(command))
