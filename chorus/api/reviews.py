"""What is asked of a person."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from chorus.api.asked import EXAMPLE_ID, APage, AStudio, OfStory
from chorus.api.bodies import ReviewDetail, ReviewRow
from chorus.api.errors import answers
from chorus.api.examples import QUESTIONS, page_shown, shown
from chorus.api.past_bodies import AnsweredReview, NewAnswer
from chorus.api.past_examples import ANSWERED, QUESTION
from chorus.domain.run import ReviewStatus

ReviewId = Annotated[UUID, Path(description="Id of a question.", examples=[EXAMPLE_ID])]
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


@router.get("/{review_id}", responses={**answers(404), **shown(QUESTION)})
async def show_review_item(review_id: ReviewId, studio: AStudio) -> ReviewDetail:
    """Show one question, with the text it is about and both quotes of each contradiction in their places."""
    return ReviewDetail.from_context(await studio.load_review(review_id))


@router.post("/{review_id}", responses={**answers(400, 404, 409), **shown(ANSWERED)})
async def answer_review_item(review_id: ReviewId, answer: NewAnswer, studio: AStudio) -> AnsweredReview:
    """Answer a question: accept what it is about, edit it, have it drafted again, or dismiss the question.

    The run goes on as soon as no other question holds it up.
    """
    given = answer.model_dump(exclude={"base_revision_id"})
    answered = await studio.answer_review(review_id, **given, base=answer.base_revision_id)
    run = await studio.summarise(answered.run.id) if answered.run else None
    return AnsweredReview(item=ReviewRow.from_item(answered.item), run=run)
