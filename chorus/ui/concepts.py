"""Choosing the concept a story follows, where a run waits for a person to say."""

from uuid import UUID

import streamlit as st

from chorus.domain.story import Concept
from chorus.studio import Studio
from chorus.ui.backend import backend
from chorus.ui.markup import draw, safe
from chorus.ui.orders import give, say_next
from chorus.ui.visitor import may_edit


def choose_concept(story_id: UUID, run_id: UUID | None) -> None:
    """Show the concepts of a story beside each other, each with a button that lets the run go on with it."""
    concepts = backend().run(lambda studio: studio.list_concepts(story_id))
    for place, column in enumerate(st.columns(max(1, len(concepts)), gap="medium")[: len(concepts)]):
        concept = concepts[place]
        with column, st.container(border=True, height="stretch", key=f"concept-{concept.id}"):
            draw(_told(concept))
            if may_edit() and st.button(
                "Write this one", type="primary", icon=":material/check:", key=f"choose-{concept.id}"
            ):
                _choose(story_id, run_id, concept.number)


def _told(concept: Concept) -> str:
    told = [("Conflict", concept.conflict), ("Ending", concept.ending), ("Tone", concept.tone)]
    parts = "".join(f'<div><dt>{name}</dt><dd dir="auto">{safe(text)}</dd></div>' for name, text in told if text)
    score = f" · scored {concept.score:.1f} by its architect" if concept.score else ""
    return (
        f'<article class="pl-concept"><p class="ch-facts">Concept {concept.number}{score}</p>'
        f'<h3 dir="auto">{safe(concept.title)}</h3><p dir="auto">{safe(concept.logline)}</p><dl>{parts}</dl></article>'
    )


def _choose(story_id: UUID, run_id: UUID | None, number: int) -> None:
    async def command(studio: Studio) -> Concept:
        concept = await studio.choose_concept(story_id, number)
        if run_id:
            await studio.dispatch(run_id)
        return concept

    chosen = give(command)
    if chosen:
        say_next(f"The story will be “{chosen.title}”. Its run goes on as soon as a worker is free.")
        st.rerun()
