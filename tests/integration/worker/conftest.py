"""Workers in this process, on the test's database."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from uuid import UUID

import pytest

from chorus.domain.run import RunStatus, RunSummary
from chorus.studio import Studio
from chorus.worker import WorkerProcess
from tests.integration.pipeline.conftest import Open, studio_at

__all__ = ["Open", "studio_at"]

type Hire = Callable[..., AbstractAsyncContextManager[asyncio.Task[None]]]


@pytest.fixture
def hire() -> Hire:
    """``async with hire(studio, concurrency=2) as worker: ...``; whoever leaves the block lets it hand back."""

    @asynccontextmanager
    async def hired(studio: Studio, concurrency: int = 2) -> AsyncIterator[asyncio.Task[None]]:
        task = asyncio.create_task(WorkerProcess(studio, concurrency).run())
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait([task])

    return hired


async def until(studio: Studio, run_id: UUID, *statuses: RunStatus, timeout_s: float = 60) -> RunSummary:
    """Wait until a run has come to one of these."""
    async with asyncio.timeout(timeout_s):
        while True:
            summary = await studio.summarise(run_id)
            if summary.status in statuses:
                return summary
            await asyncio.sleep(0.05)
