"""Memory: what is remembered, searched by words and by meaning."""

from datetime import datetime
from typing import Annotated, Self
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field

from chorus.api.asked import LARGEST_INT, APage, AStudio, OfStory, StoryId
from chorus.api.errors import answers
from chorus.api.examples import HITS, OTHER_ID, STORY_ID, WHEN, page_shown, shown
from chorus.domain.canon import Memory, MemoryHit, MemoryKind
from chorus.domain.search import HEAVIEST, Grouping, Weights
from chorus.domain.value import Value
from chorus.studio import LONGEST_QUERY, MOST_HITS, Studio

Name = Annotated[str, Query(min_length=1, max_length=200)]
Kinds = Annotated[list[MemoryKind] | None, Query(max_length=20, description="Only these kinds.")]
Weight = Annotated[float, Query(ge=0, le=HEAVIEST)]

router = APIRouter(prefix="/api", tags=["memories"], responses=answers())
REEMBED_S = 10.0
"""How long one request makes vectors."""


class MemoryStatus(Value):
    """How far memories are: those without a vector of today's embedder are found by their words."""

    pending: int = Field(
        description="Memories that wait for their vector; workers make them, or `chorus memory reembed`."
    )


class Reembedded(MemoryStatus):
    """What one request did, and what is left."""

    embedded: int = Field(description="Vectors that were made.")


class MemoryRow(Value):
    """Something that is recalled by similarity; `scene_number` 0 is what is known before the story begins."""

    memory_id: UUID
    story_id: UUID
    scene_number: int
    kind: MemoryKind
    text: str
    revision_id: UUID | None
    span_start: int | None
    span_end: int | None
    entities: tuple[str, ...]
    importance: float
    valid_from: int
    valid_to: int | None
    created_at: datetime

    @classmethod
    def from_memory(cls, memory: Memory) -> Self:
        """Name its id as the API does."""
        return cls.of({**dict(memory), "memory_id": memory.id})


MEMORIES = [
    MemoryRow.from_memory(
        Memory(
            id=OTHER_ID,
            story_id=STORY_ID,
            scene_id=OTHER_ID,
            scene_number=1,
            kind=MemoryKind.PASSAGE,
            text="Ilan found a letter in a bottle.",
            entities=("Ilan",),
            valid_from=1,
            created_at=WHEN,
        )
    )
]


@router.get("/memories/status", responses={**answers(404), **shown(MemoryStatus(pending=0))})
async def show_memory_status(studio: AStudio, story_id: OfStory = None) -> MemoryStatus:
    """Say how many memories wait for a vector of today's embedder."""
    await _see_that_it_is_there(studio, story_id)
    return MemoryStatus(pending=await studio.count_pending_memories(story_id))


@router.post("/memories/reembed", responses={**answers(404), **shown(Reembedded(embedded=256, pending=1_024))})
async def reembed_memories(studio: AStudio, story_id: OfStory = None) -> Reembedded:
    """Give memories the vectors of today's embedder for some seconds; ask again until none is pending."""
    await _see_that_it_is_there(studio, story_id)
    embedded = await studio.embed_memories(story_id, within_s=REEMBED_S)
    return Reembedded(embedded=embedded, pending=await studio.count_pending_memories(story_id))


@router.get("/stories/{story_id}/memories", responses={**answers(404), **page_shown(MEMORIES)})
async def list_memories(
    story_id: StoryId,
    studio: AStudio,
    page: APage,
    kind: Kinds = None,
    scene: Annotated[int | None, Query(ge=0, le=LARGEST_INT, description="Only of this scene; 0: lore.")] = None,
) -> list[MemoryRow]:
    """List what is remembered of a story, in story order."""
    async with studio.store.reading() as tx:
        await tx.stories.load(story_id)
        found = await tx.memories.list_page(story_id, page.one_more, page.offset, kinds=kind or (), scene=scene)
    return [MemoryRow.from_memory(memory) for memory in page.of(found)]


@router.get("/memories/search", responses={**answers(404), **shown(HITS)})
async def search_memories(  # noqa: PLR0913, PLR0917 - an argument for each parameter
    studio: AStudio,
    response: Response,
    q: Annotated[
        str, Query(min_length=1, max_length=LONGEST_QUERY, description="What to look for.", examples=["the letter"])
    ],
    k: Annotated[int, Query(ge=1, le=MOST_HITS, description="How many hits.")] = 10,
    story_id: OfStory = None,
    as_of: Annotated[
        int | None, Query(ge=0, le=LARGEST_INT, description="Only what was known at the end of this scene.")
    ] = None,
    group: Annotated[
        Grouping, Query(description="What a hit is: a passage, or a scene by its best one.")
    ] = Grouping.PASSAGE,
    kind: Kinds = None,
    character: Annotated[Name | None, Query(description="Only where this character is.", examples=["Mara"])] = None,
    place: Annotated[Name | None, Query(description="Only scenes at this place.", examples=["The harbour"])] = None,
    chapter: Annotated[int | None, Query(ge=1, le=LARGEST_INT, description="Only this chapter.")] = None,
    recency: Annotated[Weight, Query(description="What it weighs to be of a late scene.", examples=[0.2])] = 0,
    importance: Annotated[Weight, Query(description="What it weighs to be important.")] = 0,
    entities: Annotated[Weight, Query(description="What it weighs to have the characters the query names.")] = 0,
) -> list[MemoryHit]:
    """Search what stories remember; each hit says what either leg gave it.

    `Chorus-Words-Only` says why hits were found by words only, where the embedder does not answer;
    `Chorus-Pending-Vectors` counts the memories that were weighed and have no vector yet.
    """
    hits = await studio.search_memory(
        q,
        story_id,
        k,
        as_of,
        kind or (),
        group=group,
        character=character,
        place=place,
        chapter=chapter,
        weights=Weights(recency=recency, importance=importance, entities=entities),
    )
    if hits.words_only:
        response.headers["Chorus-Words-Only"] = quote(hits.words_only, safe=" ,.:;'()/")
    if hits.pending:
        response.headers["Chorus-Pending-Vectors"] = str(hits.pending)
    return hits


async def _see_that_it_is_there(studio: Studio, story_id: UUID | None) -> None:
    if story_id:
        async with studio.store.reading() as tx:
            await tx.stories.load(story_id)
