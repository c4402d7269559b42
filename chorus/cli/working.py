"""``worker``: work on the runs that were handed to the workers, until a signal comes."""

import asyncio

from chorus.cli.loop import run
from chorus.cli.open import opened
from chorus.cli.terminal import say


def work(concurrency: int, supervisor: str | None) -> int:
    """Be a worker."""
    return run(_work(concurrency, supervisor))


async def _work(concurrency: int, supervisor: str | None) -> int:
    from chorus.worker import WorkerProcess

    async with opened(foreground=False) as studio:
        say(f"A worker for {concurrency} runs at once (Ctrl-C hands them back)", style="dim")
        try:
            await WorkerProcess(studio, concurrency, supervisor).run()
        except asyncio.CancelledError:
            say("The worker has handed its runs back.", style="dim")
    return 0
