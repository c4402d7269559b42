"""What people tell a run from outside: hand it to the workers, pause it, cancel it. Each in one transaction.

A run that nobody works on changes at once. One that somebody works on is asked, and its writer ends it in order.
"""

from uuid import UUID

from chorus.domain.budget import Scope, Unit
from chorus.domain.run import Run, RunEvent, RunStatus, budget_field
from chorus.errors import Conflict, InvalidInput
from chorus.pipeline.claim import is_dead
from chorus.store import Transaction

_WHOSE = {Scope.CALL: " for each call", Scope.SCENE: " for each scene", Scope.DAY: " for the day"}


async def dispatch(tx: Transaction, run_id: UUID, priority: int | None = None, *, approving: bool = True) -> Run:
    """Hand a run to the workers; for one that waits for a person this is a yes, unless not ``approving``.

    Raises:
        NotFound: there is no such run.
        Conflict: it is over, or a process of its own works on it.
    """
    run = await tx.runs.load_to_change(run_id)
    if run.status.is_over:
        raise Conflict(f"The run is {run.status.value}: there is nothing left to do.")
    if run.dispatched and run.status.is_open and run.requested is None:
        return run
    if await is_worked_on(tx, run):
        who = "It is just being stopped" if run.requested else f"A process of its own ({run.lease_owner}) works on it"
        raise Conflict(f"{who}: wait until the run is paused, then resume it.")
    if approving:
        await tx.runs.approve(run_id)
    await tx.runs.dispatch(run_id, run.priority if priority is None else priority)
    return await _enqueued(tx, run_id)


async def grant(
    tx: Transaction,
    run_id: UUID,
    *,
    tokens: int | None = None,
    usd: float | None = None,
    scope: Scope = Scope.RUN,
) -> Run:
    """Give a run another budget, in all and not on top of the old one; None leaves that one as it is.

    ``scope``: what it is for: the whole run, each of its calls, each of its scenes, or all that is used on a day.

    Raises:
        NotFound: there is no such run.
        InvalidInput: the budget is not above nothing.
        Conflict: it is at work, or over.
    """
    run = await tx.runs.load_to_change(run_id)
    if run.status.is_over or await is_worked_on(tx, run):
        raise Conflict(f"The run is {_named(run.status)}: a budget is changed while it is paused.")
    given = {budget_field(scope, Unit.TOKENS): tokens, budget_field(scope, Unit.USD): usd}
    changed = {name: value for name, value in given.items() if value is not None}
    if not all(value > 0 for value in changed.values()):
        raise InvalidInput("A budget must be above 0.")
    settings = run.settings.model_copy(update=changed)
    await tx.runs.change_settings(run_id, settings)
    said = " and ".join([*([f"{tokens:,} tokens"] if tokens else []), *([f"${usd:,.2f}"] if usd else [])])
    message = f"The budget is now {said}{_WHOSE.get(scope, '')}."
    await tx.runs.record(RunEvent(run_id=run.id, story_id=run.story_id, kind="budget", message=message, data=changed))
    return run.model_copy(update={"settings": settings})


async def pause(tx: Transaction, run_id: UUID) -> Run:
    """Let a run rest until somebody resumes it.

    Raises:
        NotFound: there is no such run.
        Conflict: it neither runs nor waits.
    """
    run = await tx.runs.load_to_change(run_id)
    if not run.status.is_open:
        raise Conflict(f"The run is {_named(run.status)}: there is nothing to pause.")
    return await _end(tx, run, RunStatus.PAUSED, "The run is paused; resume it to go on.")


async def cancel(tx: Transaction, run_id: UUID) -> Run:
    """End a run for good; what it has written stays.

    Raises:
        NotFound: there is no such run.
        Conflict: it has ended.
    """
    run = await tx.runs.load_to_change(run_id)
    if not (run.status.is_open or run.status is RunStatus.PAUSED):
        raise Conflict(f"The run is {_named(run.status)}: there is nothing to cancel.")
    return await _end(tx, run, RunStatus.CANCELLED, "The run is cancelled.")


async def _end(tx: Transaction, run: Run, status: RunStatus, message: str) -> Run:
    if await is_worked_on(tx, run):
        await tx.runs.request(run.id, status)
    else:
        await tx.runs.settle(run.id, status)
        await tx.jobs.withdraw(run.id)
        event = RunEvent(run_id=run.id, story_id=run.story_id, kind=f"run_{status.value}", message=message)
        await tx.runs.record(event)
    if status is RunStatus.CANCELLED:
        await tx.runs.withdraw_questions(run.id)
    return await tx.runs.load(run.id)


async def _enqueued(tx: Transaction, run_id: UUID) -> Run:
    run = await tx.runs.load(run_id)
    await tx.jobs.enqueue(run_id, run.priority)
    await tx.runs.record(
        RunEvent(run_id=run_id, story_id=run.story_id, kind="run_queued", message="The run waits for a worker.")
    )
    return run


async def is_worked_on(tx: Transaction, run: Run) -> bool:
    """Whether a living process holds the lease of a run."""
    if run.status is not RunStatus.RUNNING or run.lease_owner is None or is_dead(run.lease_owner):
        return False
    return await tx.runs.holds_lease(run.id)


def _named(status: RunStatus) -> str:
    return {RunStatus.FAILED: "failed already", RunStatus.PAUSED: "paused already"}.get(status, status.value)
