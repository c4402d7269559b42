"""Taking a story back to the end of a scene."""

from collections.abc import Sequence
from uuid import UUID

import streamlit as st

from chorus.domain.story import Scene, SceneStatus
from chorus.studio import Studio
from chorus.ui.markup import draw
from chorus.ui.orders import give


def offer_rollback(story_id: UUID, scenes: Sequence[Scene]) -> None:
    """Offer it where there is something to take back."""
    written = [scene.number for scene in scenes if scene.status is SceneStatus.APPROVED]
    if not written:
        return
    with (
        st.popover("Roll back", icon=":material/undo:", key="roll-back"),
        st.form("roll-back-form", border=False),
    ):
        draw(
            "<p>Canon and memory become what they were at the end of that scene, and the scenes after it wait to be "
            "written again. Their texts stay in the history; going on unchanged costs nothing.</p>"
        )
        last = max(written)
        scene = st.number_input("To the end of scene", 0, last - 1, last - 1, help="0: nothing but the plan.")
        if st.form_submit_button("Take it back", type="primary") and _take_back(story_id, int(scene)):
            st.rerun()


def _take_back(story_id: UUID, scene: int) -> bool:
    async def command(studio: Studio) -> bool:
        await studio.roll_back(story_id, scene)
        return True

    return bool(give(command))
