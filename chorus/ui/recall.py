"""Asking the memory: a query, the hits it recalls, why each of them, and what other weights would have recalled."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from chorus.domain.canon import MemoryHit, MemoryKind
from chorus.domain.search import Grouping, Weights
from chorus.ui import address, charts, recalled
from chorus.ui.choose import story_filter
from chorus.ui.highlight import highlighted
from chorus.ui.markup import draw, label, safe
from chorus.ui.places import href
from chorus.ui.recalled import Question
from chorus.ui.states import empty
from chorus.ui.ways import story_ways
from chorus.ui.words import MEMORY_KIND, PARTS, count, titled

LONGEST_QUERY = 500
MOST_HITS = 50
DEFAULT_HITS = 10
_HEAVIEST = 2.0
_KINDS = {kind.value: kind for kind in MemoryKind}
_ANYBODY = "Anybody"


def masthead() -> None:
    """Head the page with what it is for."""
    draw(
        '<header class="ch-masthead"><h1>Memory</h1><p>Ask for a person, a place, a promise. '
        "What the stories remember comes back by meaning and by word, the nearest first.</p></header>"
    )


def ask(titles: Mapping[UUID, str]) -> Question | None:
    """Show the query with its filters as the URL has them, and keep the URL as they are set."""
    chosen = address.story_id()
    query = st.text_input(
        "What shall be recalled?", address.text("q"), LONGEST_QUERY, placeholder="who lied about the light"
    )
    story_column, k_column, as_of_column = st.columns([2, 1, 1])
    with story_column:
        story_id = story_filter(titles, chosen, key="memory-story")
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
    if story_id:
        story_ways(story_id, "memory")
    narrow = _filters(story_id) if titles or story_id else {}
    weights = _weights() if titles or story_id else Weights()
    if query.strip():
        return Question(query=query.strip(), story_id=story_id, k=k, as_of=as_of, weights=weights, **narrow)
    if titles:
        empty("☙", "Ask, and the stories remember", "Facts, summaries and passages are kept scene by scene.")
    else:
        empty("☙", "There is nothing to remember yet", "Memories appear with the first scene of the first story.")
    return None


def _filters(story_id: UUID | None) -> dict[str, Any]:
    """Offer to look among some memories only; inside a story its people and places are named."""
    given = [kind for kind in address.text("kinds").split(",") if kind in _KINDS]
    used = bool(given or any(address.text(name) for name in ("character", "place", "chapter", "group")))
    with st.expander("Among which memories", expanded=used, icon=":material/filter_alt:"):
        left, right = st.columns(2, gap="large")
        with left:
            kinds = st.multiselect(
                "Kinds",
                list(_KINDS),
                given,
                format_func=lambda kind: MEMORY_KIND[_KINDS[kind]],
                placeholder="every kind",
                key="memory-kinds",
            )
            by_scene = st.toggle("Each scene once, by its best memory", address.text("group") == "scene")
        with right:
            character = _choice("Character", "character", recalled.people(story_id) if story_id else [])
            place = _choice("Place", "place", recalled.places(story_id) if story_id else [])
            chapter = st.number_input(
                "Chapter", 1, 1000, address.whole("chapter", 1, 1000), placeholder="every chapter", key="memory-chapter"
            )
    group = Grouping.SCENE if by_scene else Grouping.PASSAGE
    address.keep(
        kinds=",".join(kinds), character=character, place=place, chapter=chapter, group="scene" if by_scene else None
    )
    return {
        "kinds": tuple(_KINDS[kind] for kind in kinds),
        "character": character,
        "place": place,
        "chapter": chapter,
        "group": group,
    }


def _choice(title: str, name: str, options: Sequence[str]) -> str | None:
    given = address.text(name).strip()[:200]
    offered = list(dict.fromkeys([*([given] if given else []), *options]))
    return st.selectbox(
        title,
        offered,
        0 if given else None,
        format_func=label,
        placeholder="any" if options else "choose a story first, or type one",
        accept_new_options=True,
        key=f"memory-{name}",
    )


def _weights() -> Weights:
    """What each reason weighs; the URL keeps it where it is not as it was measured best."""
    usual = Weights()
    given = _weights_given(usual)
    with st.expander("What if other reasons counted more", expanded=given != usual, icon=":material/tune:"):
        draw('<p class="ch-facts">The order changes at once; no model is asked.</p>')
        columns = st.columns(3, gap="large")
        chosen = {
            name: columns[place % 3].slider(
                title, 0.0, _HEAVIEST, float(getattr(given, name)), 0.05, help=tip, key=f"weight-{name}"
            )
            for place, (name, (title, tip)) in enumerate(PARTS.items())
        }
    weights = Weights(**chosen)
    told = ",".join(f"{value:g}" for value in chosen.values())
    address.keep(w=None if weights == usual else told)
    return weights


def _weights_given(usual: Weights) -> Weights:
    parts = address.text("w").split(",")
    try:
        values = [float(part) for part in parts]
    except ValueError:
        return usual
    if len(values) != len(PARTS) or not all(0 <= value <= _HEAVIEST for value in values):
        return usual
    return Weights(**dict(zip(PARTS, values, strict=True)))


# --- the answer


def answer(hits: Sequence[MemoryHit], question: Question, usual: Mapping[UUID, int] | None = None) -> None:
    """Show the hits as passages, as a chart and as a table; ``usual``: their ranks by the usual weights."""
    if not hits:
        empty("☙", "Nothing comes to mind", "No memory fits these filters. Try another story, or a later scene.")
        return
    draw(f'<h2 class="ch-heading">{count(len(hits), "memory", "memories")}</h2>')
    passages, picture = st.columns([1, 1], gap="large")
    with passages:
        draw(f'<ol class="ch-hits">{"".join(_hit(hit, question, usual) for hit in hits)}</ol>')
    with picture:
        best = hits[0]
        alt = f"Bar chart of {len(hits)} scores from {best.score:.2f} down to {hits[-1].score:.2f}."
        charts.plot(charts.scores(hits), alt, "scores")
        with st.expander("The same as a table", icon=":material/table:"):
            st.dataframe(_table(hits), hide_index=True, alt=alt)


def _hit(hit: MemoryHit, question: Question, usual: Mapping[UUID, int] | None) -> str:
    where = f"Scene {hit.scene_number}" if hit.scene_number else "Before the story begins"
    where += "" if hit.valid_to is None else f", true until scene {hit.valid_to}"
    page = (
        href("read", story_id=hit.story_id, scene=hit.scene_number, at=hit.span_start)
        if hit.scene_number
        else href("codex", story_id=hit.story_id)
    )
    share = max(0.0, min(1.0, hit.score / max(sum(dict(question.weights).values()), 0.01))) * 100
    return (
        f'<li class="ch-hit"><div class="ch-hit-head"><span class="ch-hit-rank">{hit.rank}</span>'
        f'<span class="ch-kind ch-kind-{hit.kind}">{MEMORY_KIND[hit.kind]}</span>'
        f'<a href="{safe(page)}"><span dir="auto">{safe(label(titled(hit.story_title)))}</span>, {where}</a>'
        f'{_moved(hit, usual)}<span class="ch-hit-score" title="How well it fits">{hit.score:.3f}</span></div>'
        f'<div class="ch-meter" aria-hidden="true"><span style="width:{share:.1f}%"></span></div>'
        f"{highlighted(hit.text, question.query)}{_why(hit, question.weights)}</li>"
    )


def _moved(hit: MemoryHit, usual: Mapping[UUID, int] | None) -> str:
    """How far other weights have moved a memory."""
    if usual is None:
        return ""
    before = usual.get(hit.memory_id)
    if before is None:
        return '<span class="ch-status ch-good">new here</span>'
    if before == hit.rank:
        return ""
    arrow, css = ("▲", "good") if before > hit.rank else ("▼", "review")
    return f'<span class="ch-status ch-{css}"><span aria-hidden="true">{arrow}</span> was no. {before}</span>'


def _why(hit: MemoryHit, weights: Weights) -> str:
    """By which of the two searches a memory was found, in which place, and what its score is made of."""
    ranks = (("by meaning", hit.vector_rank), ("by its words", hit.lexical_rank))
    found = " · ".join(f"no. {rank} {leg}" for leg, rank in ranks if rank)
    made = [
        f"{PARTS[name][0].lower()} {part:.2f} × {getattr(weights, name):g}"
        for name, part in hit.parts.items()
        if name in PARTS and part and getattr(weights, name)
    ]
    lines = "<br>".join(filter(None, [found, " + ".join(made)]))
    return f'<p class="ch-facts">{lines}</p>' if lines else ""


def _table(hits: Sequence[MemoryHit]) -> pd.DataFrame:
    parts = {
        title: [round(hit.parts[name], 3) if name in hit.parts else None for hit in hits]
        for name, (title, _) in PARTS.items()
    }
    return pd.DataFrame(
        {
            "Rank": [hit.rank for hit in hits],
            "Score": [round(hit.score, 4) for hit in hits],
            "Kind": [MEMORY_KIND[hit.kind] for hit in hits],
            "Story": [titled(hit.story_title) for hit in hits],
            "Scene": [hit.scene_number for hit in hits],
            "No. by meaning": [hit.vector_rank for hit in hits],
            "No. by its words": [hit.lexical_rank for hit in hits],
            **parts,
            "Text": [hit.text for hit in hits],
        }
    )
