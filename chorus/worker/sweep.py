"""Looking after what others have left: nothing requeues the run of a worker that was killed by itself."""

import logging

from chorus.pipeline.claim import is_dead
from chorus.store import Database

_log = logging.getLogger(__name__)


async def sweep(store: Database) -> int:
    """Put a job in for every run of the workers that nobody works on; return how many there were.

    Any number of workers may do this at once.
    """
    async with store.transaction() as tx:
        dead = [owner for owner in await tx.jobs.list_owners() if is_dead(owner)]
        await tx.jobs.forget_workers(dead)
        await tx.jobs.close_stalled()
        left = await tx.jobs.list_left(dead)
        for run in left:
            await tx.jobs.enqueue(run.id, run.priority)
    for run in left:
        _log.info("Run %s was left (%s): it waits for a worker again", run.id, run.lease_owner or run.status.value)
    return len(left)
