"""Why a run stands still, and what to do about it."""

from datetime import timedelta
from typing import NamedTuple

from chorus.domain.run import Run, RunStatus
from chorus.domain.value import now
from chorus.ui.reads import Staff
from chorus.ui.words import count

PATIENCE = timedelta(seconds=10)  # a command line that has kept a run begins it at once


class Told(NamedTuple):
    """A heading, what to do as HTML of ours, and a CSS class for how bad it is."""

    title: str
    text: str
    css: str


NO_WORKER = (
    "The story is kept, and goes on as soon as somebody works. Run <code>chorus worker</code> in a terminal; "
    "or start the dashboard by <code>chorus app</code>, which looks after a worker of its own."
)
_TO_WORKERS = "Nothing is lost. To hand the story to the workers, press “Go on”."


def what_stands_still(run: Run, staff: Staff, *, asked: bool) -> Told | None:
    """Tell why nothing happens; None while all is well. ``asked``: a question to a person is open."""
    if run.status.is_open:
        return None if _is_held(run) else _unattended(run, staff)
    if run.status is RunStatus.FAILED:
        text = "Nothing is lost, and nothing will be paid for twice: press “Go on” once the cause is mended."
        return Told("This run stopped", text, "failed")
    if asked:
        return Told("This run waits for you", "To say yes and go on, press “Approve and go on”.", "paused")
    return Told("This run is paused", "It goes on where it stood when you press “Go on”.", "paused")


def may_go_on(run: Run) -> bool:
    """Whether nothing will happen until somebody hands the run to the workers."""
    if run.status.is_open:
        return not run.dispatched and not _is_held(run) and (run.status is RunStatus.RUNNING or _is_old(run))
    return not run.status.is_over


def _unattended(run: Run, staff: Staff) -> Told | None:
    if run.dispatched and not staff.workers:
        return Told("No worker is there to write", NO_WORKER, "paused")
    if run.dispatched and run.status is RunStatus.RUNNING:
        return Told("Its worker has gone", "Another one takes over within a minute. Nothing is lost.", "waiting")
    if run.dispatched:
        line = f"{count(staff.queue.waiting, 'story', 'stories')} in line, {staff.queue.working} being written."
        return Told("This story waits for its turn", line, "waiting")
    if run.status is RunStatus.RUNNING:
        return Told("Nobody works on this run just now", _TO_WORKERS, "paused")
    return Told("Nobody has begun yet", _TO_WORKERS, "paused") if _is_old(run) else None


def _is_held(run: Run) -> bool:
    return run.lease_until is not None and run.lease_until >= now()


def _is_old(run: Run) -> bool:
    return now() - run.created_at > PATIENCE
