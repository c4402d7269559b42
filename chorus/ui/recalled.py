"""What the memory page reads: hits for a question, and the people and places that its filters offer."""

from uuid import UUID

import streamlit as st

from chorus.domain.canon import MemoryHit, MemoryKind
from chorus.domain.search import Grouping, Weights
from chorus.domain.value import Value
from chorus.studio import Studio
from chorus.ui.backend import backend

LONGEST_S = 60.0
MOST_PLACES = 200


class Question(Value):
    """What a person wants recalled, and by what weights."""

    query: str
    story_id: UUID | None
    k: int
    as_of: int | None
    kinds: tuple[MemoryKind, ...] = ()
    character: str | None = None
    place: str | None = None
    chapter: int | None = None
    group: Grouping = Grouping.PASSAGE
    weights: Weights = Weights()


def hits(question: Question) -> list[MemoryHit]:
    """The memories that fit a question best, the best first. Raises NotFound."""
    return _hits(question.model_dump_json())


def forget() -> None:
    """Let the memory be asked anew."""
    for kept in (_hits, people, places):
        kept.clear()


def usual_ranks(question: Question) -> dict[UUID, int] | None:
    """The ranks by the usual weights; None where they are asked for anyway."""
    if question.weights == Weights():
        return None
    usual = question.model_copy(update={"weights": Weights()})
    return {hit.memory_id: hit.rank for hit in hits(usual)}


@st.cache_data(ttl=30, max_entries=200, show_spinner="Searching the memories…")
def _hits(asked: str) -> list[MemoryHit]:
    question = Question.model_validate_json(asked)

    async def search(studio: Studio) -> list[MemoryHit]:
        return await studio.search_memory(
            question.query,
            question.story_id,
            question.k,
            question.as_of,
            question.kinds,
            group=question.group,
            character=question.character,
            place=question.place,
            chapter=question.chapter,
            weights=question.weights,
        )

    return backend().run(search, timeout_s=LONGEST_S)


@st.cache_data(ttl=30, max_entries=32, show_spinner=False)
def people(story_id: UUID) -> list[str]:
    """The names of a story's cast. Raises NotFound."""

    async def ask(studio: Studio) -> list[str]:
        async with studio.store.reading() as tx:
            await tx.stories.load(story_id)
            return [character.name for character in await tx.stories.list_characters(story_id)]

    return backend().run(ask)


@st.cache_data(ttl=30, max_entries=32, show_spinner=False)
def places(story_id: UUID) -> list[str]:
    """The places where a story's scenes play, in story order. Raises NotFound."""

    async def ask(studio: Studio) -> list[str]:
        async with studio.store.reading() as tx:
            await tx.stories.load(story_id)
            scenes = (await tx.stories.load_outline(story_id)).scenes
        return list(dict.fromkeys(scene.brief.place for scene in scenes if scene.brief.place))[:MOST_PLACES]

    return backend().run(ask)
