"""The ledger: every attempt at a model's endpoint."""

from typing import Annotated

from fastapi import APIRouter, Query

from chorus.api.asked import APage, AStudio, OfRun, OfStory
from chorus.api.bodies import CallRow
from chorus.api.errors import answers
from chorus.api.examples import CALLS, page_shown
from chorus.domain.llm_call import Outcome
from chorus.settings import AgentName

router = APIRouter(prefix="/api/llm-calls", tags=["llm calls"], responses=answers())


@router.get("", responses=page_shown(CALLS))
async def list_calls(
    studio: AStudio,
    page: APage,
    story_id: OfStory = None,
    run_id: OfRun = None,
    agent: Annotated[AgentName | None, Query(description="Only of this agent.")] = None,
    outcome: Annotated[Outcome | None, Query(description="Only those that ended so.")] = None,
) -> list[CallRow]:
    """List attempts, the newest first."""
    async with studio.store.reading() as tx:
        calls = await tx.calls.list_page(
            page.one_more, page.offset, story_id=story_id, run_id=run_id, agent=agent, outcome=outcome
        )
    return [CallRow.from_call(call) for call in page.of(calls)]
