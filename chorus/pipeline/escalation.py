"""What becomes of a run when something ended its work: failed, or paused with a question to a person.

Waiting, retrying, re-asking and falling back have been tried by the gateway before an error comes here.
"""

from typing import Any

from chorus.domain.llm_call import Outcome
from chorus.domain.run import ReviewKind, RunStatus
from chorus.errors import BudgetExceeded, ChorusError, EndpointError, ErrorKind
from chorus.pipeline.desk import Desk
from chorus.pipeline.pause import ask


async def escalate(desk: Desk, error: ChorusError) -> RunStatus:
    """Ask a person about an error that a person can answer, and say how the run ends.

    What stays wrong until a setting changes fails the run; resuming it goes on all the same. An endpoint that was never
    heard is taken for a wrong setting, one that was is taken to be away.
    """
    async with desk.writing() as page:
        if isinstance(error, BudgetExceeded):
            await ask(page, ReviewKind.BUDGET, str(error), **_figures(error))
            return RunStatus.PAUSED
        if not isinstance(error, EndpointError) or (error.kind is ErrorKind.PERMANENT and not _may_be_away(error)):
            return RunStatus.FAILED
        if _may_be_away(error) and not await page.tx.calls.was_answered(page.run.id):
            return RunStatus.FAILED
        await ask(page, ReviewKind.FAILURE, str(error), error=error.kind.value, path=error.path, said=error.raw)
    return RunStatus.PAUSED


def _may_be_away(error: EndpointError) -> bool:
    """Whether it may pass: also a page of somebody else's, such as one that says "under maintenance"."""
    return error.kind is ErrorKind.TRANSIENT or error.outcome == Outcome.NOT_AN_LLM


def _figures(error: BudgetExceeded) -> dict[str, Any]:
    figures = {"limit": error.limit, "used": error.used, "needed": error.needed}
    return {"budget": error.budget, "unit": error.unit} | {name: float(value) for name, value in figures.items()}
