"""The ledger: every attempt at a model's endpoint."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from chorus.api.asked import EXAMPLE_ID, APage, AStudio
from chorus.api.bodies import CallDetail, CallRow
from chorus.api.errors import answers
from chorus.api.examples import CALL, CALLS, page_shown, shown
from chorus.api.wanted import Wanted

router = APIRouter(prefix="/api/llm-calls", tags=["llm calls"], responses=answers())


@router.get("", responses=page_shown(CALLS))
async def list_calls(studio: AStudio, page: APage, wanted: Wanted) -> list[CallRow]:
    """List attempts, the newest first."""
    async with studio.store.reading() as tx:
        calls = await tx.calls.list_page(wanted, page.one_more, page.offset)
    return [CallRow.from_call(call) for call in page.of(calls)]


@router.get("/{call_id}", responses={**answers(404), **shown(CALL)})
async def show_call(
    call_id: Annotated[UUID, Path(description="Id of a call.", examples=[EXAMPLE_ID])], studio: AStudio
) -> CallDetail:
    """Show one attempt with all that was said: what was asked, what the prompt was told and why, and the answer."""
    async with studio.store.reading() as tx:
        return CallDetail.from_call(await tx.calls.load(call_id))
