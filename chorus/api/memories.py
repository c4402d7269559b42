"""Memory: search by words and by meaning."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Response
from pydantic import Field

from chorus.api.asked import LARGEST_INT, AStudio, OfStory
from chorus.api.errors import answers
from chorus.api.examples import HITS, shown
from chorus.domain.canon import MemoryHit, MemoryKind
from chorus.domain.search import Grouping
from chorus.domain.value import Value
from chorus.studio import LONGEST_QUERY, MOST_HITS

Name = Annotated[str, Query(min_length=1, max_length=200)]

router = APIRouter(prefix="/api/memories", tags=["memories"], responses=answers())


class MemoryStatus(Value):
    """How far memories are: those without a vector of today's embedder are found by their words."""

    pending: int = Field(
        description="Memories that wait for their vector; workers make them, or `chorus memory reembed`."
    )


@router.get("/status", responses={**answers(404), **shown(MemoryStatus(pending=0))})
async def show_memory_status(studio: AStudio, story_id: OfStory = None) -> MemoryStatus:
    """Say how many memories wait for a vector of today's embedder."""
    if story_id:
        async with studio.store.reading() as tx:
            await tx.stories.load(story_id)
    return MemoryStatus(pending=await studio.count_pending_memories(story_id))


@router.get("/search", responses={**answers(404), **shown(HITS)})
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
    kind: Annotated[list[MemoryKind] | None, Query(max_length=20, description="Only these kinds.")] = None,
    character: Annotated[Name | None, Query(description="Only where this character is.", examples=["Mara"])] = None,
    place: Annotated[Name | None, Query(description="Only scenes at this place.", examples=["The harbour"])] = None,
    chapter: Annotated[int | None, Query(ge=1, le=LARGEST_INT, description="Only this chapter.")] = None,
) -> list[MemoryHit]:
    """Search what stories remember; each hit says what either leg gave it.

    `Chorus-Words-Only` says why hits were found by words only, where the embedder does not answer;
    `Chorus-Pending-Vectors` counts the memories that were weighed and have no vector yet.
    """
    hits = await studio.search_memory(
        q, story_id, k, as_of, kind or (), group=group, character=character, place=place, chapter=chapter
    )
    if hits.words_only:
        response.headers["Chorus-Words-Only"] = quote(hits.words_only, safe=" ,.:;'()/")
    if hits.pending:
        response.headers["Chorus-Pending-Vectors"] = str(hits.pending)
    return hits
