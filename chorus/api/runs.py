"""Runs: how far they are, and what they are told; pause, resume, cancel."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from chorus.api.asked import APage, AStudio, OfStory, RunId
from chorus.api.bodies import NewBudget, RunDetail
from chorus.api.errors import answers
from chorus.api.examples import RUN, RUNS, page_shown, shown
from chorus.domain.budget import Scope
from chorus.domain.run import RunStatus, RunSummary
from chorus.studio import Studio

_AS_IT_IS = NewBudget()

router = APIRouter(prefix="/api/runs", tags=["runs"], responses=answers())
Standing = Annotated[RunStatus | None, Query(description="Only runs that stand so.")]


@router.get("", responses=page_shown(RUNS))
async def list_runs(
    studio: AStudio, page: APage, story_id: OfStory = None, status: Standing = None
) -> list[RunSummary]:
    """List runs, the newest first."""
    async with studio.store.reading() as tx:
        rows = await tx.runs.list_summaries(page.one_more, page.offset, story_id=story_id, status=status)
    return page.of(rows)


@router.get("/{run_id}", responses={**answers(404), **shown(RUN)})
async def show_run(run_id: RunId, studio: AStudio) -> RunDetail:
    """Show how far a run is, and what it was asked to do."""
    return await _detail(studio, run_id)


@router.post("/{run_id}/pause", status_code=202, responses={**answers(404, 409), **shown(RUN, 202)})
async def pause_run(run_id: RunId, studio: AStudio) -> RunDetail:
    """Let a run rest as soon as who works on it has heard; `requested` says that it will."""
    await studio.pause(run_id)
    return await _detail(studio, run_id)


@router.post("/{run_id}/resume", status_code=202, responses={**answers(404, 409), **shown(RUN, 202)})
async def resume_run(run_id: RunId, studio: AStudio, grant: NewBudget = _AS_IT_IS) -> RunDetail:
    """Go on with a run where it stood; if it waits for a person's word, this is a yes.

    A budget sent along takes the place of the run's own.
    """
    if grant.budget_tokens or grant.budget_usd:
        scope = Scope(grant.budget_for)
        await studio.grant(run_id, tokens=grant.budget_tokens, usd=grant.budget_usd, scope=scope)
    await studio.dispatch(run_id)
    return await _detail(studio, run_id)


@router.post("/{run_id}/cancel", status_code=202, responses={**answers(404, 409), **shown(RUN, 202)})
async def cancel_run(run_id: RunId, studio: AStudio) -> RunDetail:
    """End a run for good; what it has written stays."""
    await studio.cancel(run_id)
    return await _detail(studio, run_id)


async def _detail(studio: Studio, run_id: UUID) -> RunDetail:
    async with studio.store.reading() as tx:
        return RunDetail.from_run(await tx.runs.load(run_id), await tx.runs.summarise(run_id))
