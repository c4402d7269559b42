"""``write`` and ``resume``: a run worked on in this process, while somebody may look on or press Ctrl-C."""

import asyncio
import sys
import time
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chorus.cli.ids import resolve, short
from chorus.cli.loop import run
from chorus.cli.open import opened
from chorus.cli.terminal import counted, duration, print_json, say, shown, tell
from chorus.cli.watch import Onlooker, onlooker
from chorus.domain.budget import Scope
from chorus.domain.run import Run, RunSettings, RunStatus, RunSummary
from chorus.errors import EndpointError, InvalidInput

if TYPE_CHECKING:
    from chorus.domain.estimate import Estimate
    from chorus.studio import Studio

HEARD_S = 10.0
EXIT_CODES = {RunStatus.FAILED: 1, RunStatus.CANCELLED: 1, RunStatus.PAUSED: 3}


def write(
    premise: str, title: str | None, chosen: dict[str, Any], manner: dict[str, Any], *, detach: bool, as_json: bool
) -> int:
    """Start a run and work on it, or leave it to the background; ``manner``: language, style, what to avoid."""
    text = sys.stdin.read() if premise == "-" else premise
    if detach:
        return report(run(_detach(text, title, chosen, manner)), as_json=as_json)
    return report(run(_write(text, title, chosen, manner)), as_json=as_json)


def resume(
    typed: str,
    budget_tokens: int | None = None,
    budget_usd: float | None = None,
    budget_for: str = Scope.RUN,
    *,
    as_json: bool,
) -> int:
    """Go on with a run, with another budget if one is given."""
    return report(run(_resume(typed, budget_tokens, budget_usd, Scope(budget_for))), as_json=as_json)


async def _write(premise: str, title: str | None, chosen: dict[str, Any], manner: dict[str, Any]) -> RunSummary:
    with onlooker() as looking_on:
        async with opened(looking_on) as studio:
            begun = await studio.start_run(premise, title=title, settings=settings_of(studio, chosen), **manner)
            return await work_watched(studio, begun, looking_on)


async def work_watched(studio: "Studio", begun: Run, looking_on: Onlooker) -> RunSummary:
    """Work on a new run; its id is said first, so that a run that is killed can be resumed.

    Raises:
        EndpointError: it failed before any answer came, and nothing of it is kept.
    """
    say(f"Run {begun.id}, story {begun.story_id}", style="dim")
    foretell(begun)
    summary = await _work(studio, begun.id, looking_on)
    if summary.status is RunStatus.FAILED and await studio.withdraw(begun.id):
        raise EndpointError(f"{shown(summary.error or 'No answer came.')} Nothing was begun, and nothing is kept.")
    return summary


def settings_of(studio: "Studio", chosen: dict[str, Any]) -> RunSettings:
    """What the run is asked to do, or InvalidInput."""
    from pydantic import ValidationError

    try:
        return studio.default_settings(**chosen)
    except ValidationError as error:
        problem = error.errors()[0]
        option = str(problem["loc"][0]).replace("_", "-") if problem["loc"] else "settings"
        raise InvalidInput(f"--{option}: {problem['msg']}.") from error


def foretell(begun: Run) -> None:
    """Say what the run will take."""
    if begun.estimate:
        from chorus.domain.estimate import Estimate

        say(f"   {told(Estimate.model_validate(begun.estimate))}", style="dim")


def told(foreseen: "Estimate") -> str:
    """Put an estimate into a line: what half of the runs stay under, and what nine of ten do."""
    likely = foreseen.prompt_tokens.p50 + foreseen.completion_tokens.p50
    high = foreseen.prompt_tokens.p90 + foreseen.completion_tokens.p90
    cost = f"${foreseen.cost_usd.p50:.2f} to ${foreseen.cost_usd.p90:.2f}" if foreseen.cost_usd else "cost unknown"
    source = f"from {counted(foreseen.runs, 'earlier run')}" if foreseen.runs else "from the plan alone"
    return (
        f"Expect about {foreseen.llm_calls.p50:.0f} calls, {likely:,.0f} to {high:,.0f} tokens, {cost}, "
        f"{duration(foreseen.wall_s.p50)} to {duration(foreseen.wall_s.p90)} ({source})."
    )


async def _detach(premise: str, title: str | None, chosen: dict[str, Any], manner: dict[str, Any]) -> RunSummary:
    async with opened() as studio:
        begun = await studio.start_run(
            premise, title=title, settings=settings_of(studio, chosen), dispatch=True, **manner
        )
        say("It waits for a worker: `chorus runs` tells how far it is.", style="dim")
        return await studio.summarise(begun.id)


async def _resume(typed: str, budget_tokens: int | None, budget_usd: float | None, scope: Scope) -> RunSummary:
    with onlooker() as looking_on:
        async with opened(looking_on) as studio:
            run_id = await find_run(studio, typed)
            before = await studio.summarise(run_id)
            if before.status is RunStatus.COMPLETE:
                say("The run is complete: there was nothing left to do.", style="dim")
                return before
            if budget_tokens or budget_usd:
                await studio.grant(run_id, tokens=budget_tokens, usd=budget_usd, scope=scope)
            looking_on.take_up(before)
            await studio.approve(run_id)
            return await _work(studio, run_id, looking_on)


def cancel(typed: str, *, as_json: bool) -> int:
    """End a run for good."""
    summary = run(_cancel(typed))
    if as_json:
        print_json(document_of(summary))
    elif summary.status is RunStatus.CANCELLED:
        tell("The run is cancelled; what it has written stays.")
    else:
        tell("The run will be cancelled in a moment; what it has written stays.")
    return 0


async def _cancel(typed: str) -> RunSummary:
    async with opened() as studio:
        run_id = await find_run(studio, typed)
        await studio.cancel(run_id)
        return await _until_heard(studio, run_id)


async def _until_heard(studio: "Studio", run_id: UUID) -> RunSummary:
    """Wait a moment for whoever works on the run to end it."""
    give_up_s = time.monotonic() + HEARD_S
    while True:
        summary = await studio.summarise(run_id)
        if summary.status is not RunStatus.RUNNING or time.monotonic() > give_up_s:
            return summary
        await asyncio.sleep(0.2)


async def find_run(studio: "Studio", typed: str) -> UUID:
    """Find the run that somebody typed the id of, or its beginning."""

    async def page(limit: int, offset: int) -> list[UUID]:
        async with studio.store.transaction() as tx:
            return [summary.run_id for summary in await tx.runs.list_summaries(limit, offset)]

    return await resolve(typed, "run", "chorus runs", page)


async def _work(studio: "Studio", run_id: UUID, looking_on: Onlooker) -> RunSummary:
    try:
        return await studio.work_on(run_id, looking_on)
    except asyncio.CancelledError:
        say(f"Stopped; everything so far is kept. Go on with: chorus resume {run_id}")
        raise


def report(summary: RunSummary, *, as_json: bool) -> int:
    """Tell how a run stands, and give the exit code that says so too."""
    if as_json:
        print_json(document_of(summary))
    else:
        _tell(summary)
    if summary.status is RunStatus.FAILED:
        say(shown(summary.error or "The run failed."), style="red")
    elif summary.status is RunStatus.PAUSED:
        say(f"The run waits for you. Go on with: chorus resume {summary.run_id}", style="yellow")
    return EXIT_CODES.get(summary.status, 0)


def document_of(summary: RunSummary) -> dict[str, Any]:
    """The JSON object of a run: ``cost_usd`` is a number, or null if it is not known."""
    document = summary.model_dump(mode="json")
    document["cost_usd"] = None if summary.cost_usd is None else float(summary.cost_usd)
    document["wall_s"] = round(summary.wall_s, 3)
    return document


def _tell(summary: RunSummary) -> None:
    tokens = summary.prompt_tokens + summary.completion_tokens
    tell(shown(summary.title) or "Untitled", style="bold")
    figures = [
        summary.status.value,
        f"{summary.scenes} of {counted(summary.scenes_planned, 'scene')}",
        counted(summary.words, "word"),
        counted(summary.llm_calls, "call"),
        counted(tokens, "token"),
        cost(summary),
        duration(summary.wall_s),
    ]
    tell(" · ".join(figures))
    if summary.scenes:
        tell(f"Read it with: chorus export {short(summary.story_id)}")


def cost(summary: RunSummary) -> str:
    """Say what a run cost; an unknown price is not nothing."""
    return "cost unknown" if summary.cost_usd is None else f"${summary.cost_usd:.4f}"
