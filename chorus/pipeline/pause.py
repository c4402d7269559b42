"""Stopping for a person: a question in the rows, and an exception that takes the run to its pause."""

from collections import Counter
from typing import Any
from uuid import UUID

from chorus.domain.run import ReviewItem, ReviewKind, ReviewStatus
from chorus.errors import EndpointError, ErrorKind
from chorus.pipeline.desk import Desk, Page
from chorus.pipeline.slips import MOST_ALIKE

_UNUSABLE = frozenset({ErrorKind.VALIDATION.value, ErrorKind.BUSINESS.value})
"""What an error says of itself where the answers were heard, and were no use."""


class PausedForPerson(Exception):
    """The run waits for an answer to the question that was asked."""


async def ask(page: Page, kind: ReviewKind, question: str, scene_id: UUID | None = None, **details: Any) -> None:
    """Keep a question to a person, unless this run has asked it and waits for the answer."""
    if not any(item.status is ReviewStatus.OPEN for item in await _asked(page, kind, scene_id)):
        item = ReviewItem(
            story_id=page.run.story_id,
            run_id=page.run.id,
            scene_id=scene_id,
            kind=kind,
            question=question,
            details=details,
        )
        await page.tx.runs.ask(item)
        page.record("review", question)


async def load_retakes(page: Page) -> dict[str, int]:
    """How often a person has said "try again" to each node whose answers were unusable.

    Answers that were heard are never bought again; only this asks for other ones. An endpoint that was away, or an
    account without credit, has given no answer that another one could stand in for.
    """
    questions = await page.tx.runs.list_questions(story_id=page.run.story_id, status=ReviewStatus.RESOLVED)
    failures = [item for item in questions if item.run_id == page.run.id and item.kind is ReviewKind.FAILURE]
    unusable = [item.details for item in failures if item.details.get("error") in _UNUSABLE]
    return Counter(str(details["path"]).removesuffix("/again") for details in unusable if details.get("path"))


async def gate(desk: Desk, kind: ReviewKind, question: str, scene_id: UUID | None = None, **details: Any) -> None:
    """Pass if a person has answered this question in this run; else ask it and pause.

    A question that was taken back has no answer.
    """
    async with desk.writing() as page:
        asked = await _asked(page, kind, scene_id)
        answers = [item.resolution or {} for item in asked if item.status is ReviewStatus.RESOLVED]
        is_open = any(item.status is ReviewStatus.OPEN for item in asked)
        if not is_open and any(answer.get("decision") != "withdrawn" for answer in answers):
            return
        await ask(page, kind, question, scene_id, **details)
    raise PausedForPerson(question)


async def bear(desk: Desk, node: str, error: EndpointError) -> None:
    """Go on without an answer, unless it is one of three alike in a row: then a person is asked, once in a run.

    Raises:
        PausedForPerson: nobody has said yet that the story shall go on without.

    """
    asks = node.split("/", maxsplit=1)[0]
    is_one_too_many = desk.slips.note(node, error.outcome)
    async with desk.writing() as page:
        questions = await page.tx.runs.list_questions(story_id=page.run.story_id, status=None)
        asked = {item.status for item in questions if (item.run_id, item.details.get("node")) == (page.run.id, asks)}
        if ReviewStatus.OPEN not in asked and (asked or not is_one_too_many):
            return
        question = f"{asks} has failed {MOST_ALIKE} times in a row in the same way. {error} Go on to try again."
        await ask(
            page, ReviewKind.FAILURE, question, error=error.kind.value, path=error.path, node=asks, said=error.raw
        )
    raise PausedForPerson(question)


async def _asked(page: Page, kind: ReviewKind, scene_id: UUID | None) -> list[ReviewItem]:
    questions = await page.tx.runs.list_questions(story_id=page.run.story_id, status=None)
    return [item for item in questions if (item.run_id, item.kind, item.scene_id) == (page.run.id, kind, scene_id)]
