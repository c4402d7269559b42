"""How often a page looks again while a story is being written."""

from chorus.domain.run import Run, RunStatus

LIVE_S = 2.0
WATCHFUL_S = 15.0  # a paused or failed run may be resumed from elsewhere


def pace_of(run: Run | None) -> float | None:
    """How often to look again, in seconds; None when nothing more will happen."""
    if run is None or run.status.is_over:
        return None
    return LIVE_S if run.status in (RunStatus.QUEUED, RunStatus.RUNNING) else WATCHFUL_S
