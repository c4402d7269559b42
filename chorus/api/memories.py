"""Memory: search by words and by meaning."""

from typing import Annotated

from fastapi import APIRouter, Query

from chorus.api.asked import LARGEST_INT, AStudio, OfStory
from chorus.api.errors import answers
from chorus.api.examples import HITS, shown
from chorus.domain.canon import MemoryHit
from chorus.domain.search import Grouping
from chorus.studio import LONGEST_QUERY, MOST_HITS

router = APIRouter(prefix="/api/memories", tags=["memories"], responses=answers())


@router.get("/search", responses={**answers(404), **shown(HITS)})
async def search_memories(
    studio: AStudio,
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
) -> list[MemoryHit]:
    """Search what stories remember; each hit says what either leg gave it."""
    return await studio.search_memory(q, story_id, k, as_of, group=group)
