"""Asking the memory: a query, the hits it recalls, and how near each of them is."""

from collections.abc import Sequence
from uuid import UUID

import pandas as pd
import streamlit as st

from chorus.domain.canon import MemoryHit
from chorus.domain.value import Value
from chorus.store import StoryCard
from chorus.ui import address, charts
from chorus.ui.choose import story_filter
from chorus.ui.markup import draw, label, paragraphs, safe
from chorus.ui.places import href
from chorus.ui.states import empty
from chorus.ui.words import MEMORY_KIND, count, titled

LONGEST_QUERY = 500
MOST_HITS = 50
DEFAULT_HITS = 10


class Question(Value):
    """What a person wants recalled."""

    query: str
    story_id: UUID | None
    k: int
    as_of: int | None


def masthead() -> None:
    """Head the page with what it is for."""
    draw(
        '<header class="ch-masthead"><h1>Memory</h1><p>Ask for a person, a place, a promise. '
        "What the stories remember comes back by meaning and by word, the nearest first.</p></header>"
    )


def ask(cards: Sequence[StoryCard]) -> Question | None:
    """Show the query with its filters as the URL has them, and keep the URL as they are set."""
    chosen = address.story_id()
    query = st.text_input(
        "What shall be recalled?", address.text("q"), LONGEST_QUERY, placeholder="who lied about the light"
    )
    story_column, k_column, as_of_column = st.columns([2, 1, 1])
    with story_column:
        story_id = story_filter(cards, chosen, key="memory-story")
    k_given = address.whole("k", 1, MOST_HITS) or DEFAULT_HITS
    k = k_column.number_input("Most hits", 1, MOST_HITS, k_given)
    as_of = as_of_column.number_input(
        "As of scene",
        0,
        10_000,
        address.whole("as_of", 0, 10_000),
        placeholder="the whole story",
        help="Only what was known at the end of that scene. Leave empty for everything.",
    )
    address.keep(q=query.strip(), story_id=story_id, k=None if k == DEFAULT_HITS else k, as_of=as_of)
    if query.strip():
        return Question(query=query.strip(), story_id=story_id, k=k, as_of=as_of)
    if cards:
        empty("☙", "Ask, and the stories remember", "Facts, summaries and passages are kept scene by scene.")
    else:
        empty("☙", "There is nothing to remember yet", "Memories appear with the first scene of the first story.")
    return None


def answer(hits: Sequence[MemoryHit]) -> None:
    """Show the hits as passages, as a chart and as a table."""
    if not hits:
        empty("☙", "Nothing comes to mind", "No memory fits these filters. Try another story, or a later scene.")
        return
    draw(f'<h2 class="ch-heading">{count(len(hits), "memory", "memories")}</h2>')
    passages, picture = st.columns([1, 1], gap="large")
    with passages:
        draw(f'<ol class="ch-hits">{"".join(map(_hit, hits))}</ol>')
    with picture:
        best = hits[0]
        alt = f"Bar chart of {len(hits)} scores from {best.score:.2f} down to {hits[-1].score:.2f}."
        charts.plot(charts.scores(hits), alt, "scores")
        with st.expander("The same as a table", icon=":material/table:"):
            st.dataframe(_table(hits), hide_index=True, alt=alt)


def _hit(hit: MemoryHit) -> str:
    where = f"Scene {hit.scene_number}" if hit.scene_number else "Before the story begins"
    page = (
        href("read", story_id=hit.story_id, scene=hit.scene_number)
        if hit.scene_number
        else href("story", story_id=hit.story_id)
    )
    share = max(0.0, min(1.0, hit.score)) * 100
    return (
        f'<li class="ch-hit"><div class="ch-hit-head"><span class="ch-hit-rank">{hit.rank}</span>'
        f'<span class="ch-kind ch-kind-{hit.kind}">{MEMORY_KIND[hit.kind]}</span>'
        f'<a href="{safe(page)}"><span dir="auto">{safe(label(titled(hit.story_title)))}</span>, {where}</a>'
        f'<span class="ch-hit-score" title="How well it fits">{hit.score:.3f}</span></div>'
        f'<div class="ch-meter" aria-hidden="true"><span style="width:{share:.1f}%"></span></div>'
        f"{paragraphs(hit.text)}{_why(hit)}</li>"
    )


def _why(hit: MemoryHit) -> str:
    """By which of the two searches a memory was found, and in which place."""
    ranks = (("by meaning", hit.vector_rank), ("by its words", hit.lexical_rank))
    found = " · ".join(f"no. {rank} {leg}" for leg, rank in ranks if rank)
    return f'<p class="ch-facts">{found}</p>' if found else ""


def _table(hits: Sequence[MemoryHit]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Rank": [hit.rank for hit in hits],
            "Score": [round(hit.score, 4) for hit in hits],
            "Kind": [MEMORY_KIND[hit.kind] for hit in hits],
            "Story": [titled(hit.story_title) for hit in hits],
            "Scene": [hit.scene_number for hit in hits],
            "Text": [hit.text for hit in hits],
        }
    )
