"""What is asked of a person."""

from typing import Annotated

from fastapi import APIRouter, Query

from chorus.api.asked import APage, AStudio, OfStory
from chorus.api.bodies import ReviewRow
from chorus.api.errors import answers
from chorus.api.examples import QUESTIONS, page_shown
from chorus.domain.run import ReviewStatus

router = APIRouter(prefix="/api/review-items", tags=["review items"], responses=answers())


@router.get("", responses=page_shown(QUESTIONS))
async def list_review_items(
    studio: AStudio,
    page: APage,
    story_id: OfStory = None,
    status: Annotated[ReviewStatus | None, Query(description="Only questions that stand so.")] = None,
) -> list[ReviewRow]:
    """List questions, the oldest first."""
    async with studio.store.reading() as tx:
        items = await tx.runs.list_questions(story_id=story_id, status=status, limit=page.one_more, offset=page.offset)
    return [ReviewRow.from_item(item) for item in page.of(items)]
