"""Choosing a story, where a page needs one and its link names none."""

from collections.abc import Sequence
from typing import NoReturn
from uuid import UUID

import streamlit as st

from chorus.store import StoryCard
from chorus.ui import reads
from chorus.ui.library import shelf
from chorus.ui.markup import draw, label, safe
from chorus.ui.places import PlaceName, link_to
from chorus.ui.states import empty
from chorus.ui.words import titled

EVERY_STORY = "Every story"


def choose_story(page: PlaceName, question: str) -> NoReturn:
    """Ask which story is meant, and end the script there."""
    cards = reads.library()
    if cards:
        draw(f'<header class="ch-masthead"><h1>{safe(question)}</h1></header>')
        shelf(cards, page)
    else:
        empty("❧", "There is no story yet", "Give Chorus a premise, and the first one begins.")
        with st.container(horizontal=True, horizontal_alignment="center"):
            link_to("stories", "Begin a story", ":material/edit:")
    st.stop()


def story_filter(cards: Sequence[StoryCard], chosen: UUID | None, key: str) -> UUID | None:
    """Offer all stories and each one; the one the link names stays on offer even if the library's page ends before."""
    titles: dict[UUID | None, str] = {None: EVERY_STORY}
    titles.update((card.id, label(titled(card.title))) for card in cards)
    if chosen not in titles and chosen is not None:
        titles[chosen] = label(titled(reads.progress(chosen).story.title))
    options = list(titles)
    return st.selectbox("Story", options, index=options.index(chosen), format_func=titles.__getitem__, key=key)
