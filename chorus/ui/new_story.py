"""The form that begins a story."""

from uuid import UUID

import streamlit as st

from chorus.domain.value import Value
from chorus.studio import Studio

SHORTEST_PREMISE = 12  # characters
LONGEST_PREMISE = 4000
_EXAMPLE = "A lighthouse keeper finds that the light has begun to answer the ships in a voice of its own."


class StoryOrder(Value):
    """What a person asked to have written."""

    premise: str
    title: str | None
    scenes: int
    words: int

    async def place(self, studio: Studio) -> UUID:
        """Start the run and hand it to the workers."""
        settings = studio.default_settings(scenes=self.scenes, words=self.words)
        run = await studio.start_run(self.premise, title=self.title, settings=settings, dispatch=True)
        return run.story_id


def ask_for_story(*, expanded: bool) -> StoryOrder | None:
    """Show the form; the answer is None until it is sent and makes sense."""
    with (
        st.expander("Begin a new story", expanded=expanded, icon=":material/edit:"),
        st.form("new-story", border=False),
    ):
        premise = st.text_area("Premise", placeholder=_EXAMPLE, max_chars=LONGEST_PREMISE, height=120)
        title_column, scenes_column, words_column = st.columns([2, 1, 1])
        title = title_column.text_input("Title (optional)", max_chars=200, placeholder="Chorus finds one")
        scenes = scenes_column.number_input("Scenes", 1, 500, 6, help="How many scenes the outline will have.")
        words = words_column.number_input("Words per scene", 50, 5000, 250, 50, help="A target for each scene.")
        if not st.form_submit_button("Write this story", type="primary", icon=":material/ink_pen:"):
            return None
    wrong = _what_is_wrong(premise)
    if wrong:
        st.warning(wrong, icon=":material/edit_note:")
        return None
    return StoryOrder(premise=premise.strip(), title=title.strip() or None, scenes=scenes, words=words)


def _what_is_wrong(premise: str) -> str | None:
    letters = sum(character.isalnum() for character in premise)
    if not letters:
        return "Please write a premise first: a sentence or two about who, where, and what goes wrong."
    if letters < SHORTEST_PREMISE:
        return "That premise is very short. Say who it is about and what they want or fear."
    return None
