"""The library: every story as a card with a cover."""

from collections.abc import Sequence

import streamlit as st

from chorus.domain.run import RunStatus
from chorus.domain.story import Origin
from chorus.store import StoryCard
from chorus.ui.cover import cover
from chorus.ui.markup import draw, excerpt, safe, spoken
from chorus.ui.places import PlaceName, link_to
from chorus.ui.states import empty
from chorus.ui.words import IMPORTED, RUN_STATUS, ago, count, number, titled


def masthead(cards: Sequence[StoryCard]) -> None:
    """Head the page with what the library holds."""
    words = sum(card.words for card in cards)
    holding = f"{count(len(cards), 'story', 'stories')} · {count(words, 'word')}"
    line = holding if cards else "A premise becomes a finished story, and you can watch it being written."
    draw(f'<header class="ch-masthead"><h1>Stories</h1><p>{safe(line)}</p></header>')


def shelves(cards: Sequence[StoryCard]) -> None:
    """Show the whole library, or an invitation."""
    if cards:
        shelf(cards, "story")
    else:
        empty("❧", "The shelves are still empty", "Every library begins with one story. Write its premise above.")


def shelf(cards: Sequence[StoryCard], page: PlaceName) -> None:
    """Lay cards out; each is one link to ``page``."""
    with st.container(key="shelf"):
        for card in cards:
            with st.container(key=f"card-{card.id}"):
                draw(_face(card))
                link_to(page, f"Open {spoken(titled(card.title))}", story_id=card.id)


def _face(card: StoryCard) -> str:
    icon, word, css = status_of(card)
    planned = f"{card.scenes} of {count(card.scenes_planned, 'scene')}" if card.scenes_planned else "No scenes yet"
    return (
        f'<article class="ch-card">{cover(card.id, titled(card.title), "Chorus")}<div class="ch-card-text">'
        f'<h2 dir="auto">{safe(titled(card.title))}</h2>'
        f'<p class="ch-status ch-{css}"><span aria-hidden="true">{icon}</span> {safe(word)}</p>'
        f'<p class="ch-premise" dir="auto">{safe(excerpt(card.premise, 150))}</p>'
        f'<p class="ch-facts">{safe(planned)} · {number(card.words)} words<br>{safe(ago(card.updated_at))}</p>'
        "</div></article>"
    )


def status_of(card: StoryCard) -> tuple[str, str, str]:
    """Tell a story's status as (icon, word, css class)."""
    if card.run_status:
        return RUN_STATUS[RunStatus(card.run_status)]
    return IMPORTED if card.origin == Origin.IMPORTED else RUN_STATUS[RunStatus.QUEUED]
