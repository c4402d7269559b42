"""Choosing a story, where a page needs one and its link names none."""

from collections.abc import Mapping
from typing import NoReturn
from uuid import UUID

import streamlit as st

from chorus.ui import library, reads
from chorus.ui.markup import draw, label, safe
from chorus.ui.places import PlaceName, link_to
from chorus.ui.states import empty
from chorus.ui.words import titled

EVERY_STORY = "Every story"


def choose_story(page: PlaceName, question: str) -> NoReturn:
    """Ask which story is meant, and end the script there."""
    whole = reads.shelf("", None, 1)
    if whole.stories or whole.tried:
        draw(f'<header class="ch-masthead"><h1>{safe(question)}</h1></header>')
        wanted = library.wish(whole)
        found = reads.shelf(wanted.words, wanted.status, wanted.page, tried=wanted.tried)
        library.shelves(found, wanted, to=page, on=page)
    else:
        empty("❧", "There is no story yet", "Give Chorus a premise, and the first one begins.")
        with st.container(horizontal=True, horizontal_alignment="center"):
            link_to("stories", "Begin a story", ":material/edit:")
    st.stop()


def story_filter(titles: Mapping[UUID, str], chosen: UUID | None, key: str) -> UUID | None:
    """Offer all stories and each one, to be found by typing; the one that is chosen is always on offer.

    It may be an experiment's, or older than all those that are offered by themselves.
    """
    offered: dict[UUID | None, str] = {None: EVERY_STORY}
    offered.update((story_id, label(titled(title))) for story_id, title in titles.items())
    for story_id in (chosen, st.session_state.get(key)):
        if story_id is not None and story_id not in offered:
            offered[story_id] = label(titled(reads.title_of(story_id)))
    options = list(offered)
    return st.selectbox("Story", options, index=options.index(chosen), format_func=offered.__getitem__, key=key)
