"""How often a page looks again while a story is being written."""

from chorus.domain.run import Run, RunStatus

LIVE_S = 1.0
QUEUED_S = 2.0
WATCHFUL_S = 15.0  # a run that rests may be resumed from elsewhere


def pace_of(run: Run | None) -> float | None:
    """How often to draw again, in seconds; None while nothing happens."""
    if run is None:
        return None
    return {RunStatus.QUEUED: QUEUED_S, RunStatus.RUNNING: LIVE_S}.get(run.status)
