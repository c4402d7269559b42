"""Who works, and what waits to be worked on."""

from datetime import datetime
from typing import Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from chorus.api.asked import APage, AStudio
from chorus.api.errors import answers
from chorus.api.examples import OTHER_ID, RUN_ID, WHEN, page_shown, shown
from chorus.domain.value import Value
from chorus.domain.worker import Queue, Worker

router = APIRouter(prefix="/api", tags=["workers"], responses=answers())


class WorkerRow(Value):
    """A process that works on runs."""

    worker_id: UUID
    host: str
    pid: int
    version: str
    concurrency: int = Field(description="Most runs at once.")
    runs: tuple[UUID, ...] = Field(description="What it works on.")
    started_at: datetime
    seen_at: datetime

    @classmethod
    def from_worker(cls, worker: Worker) -> Self:
        """Name its id as the API does."""
        return cls.of({**dict(worker), "worker_id": worker.id})


_WORKER = Worker(
    id=OTHER_ID,
    owner="tower:4711:0",
    host="tower",
    pid=4711,
    version="1.0.0",
    concurrency=4,
    runs=(RUN_ID,),
    started_at=WHEN,
    seen_at=WHEN,
)


@router.get("/workers", responses=page_shown([WorkerRow.from_worker(_WORKER)]))
async def list_workers(studio: AStudio, page: APage) -> list[WorkerRow]:
    """List the workers that live, and the runs that each works on."""
    async with studio.store.reading() as tx:
        return [WorkerRow.from_worker(worker) for worker in page.cut(await tx.jobs.list_workers())]


@router.get("/queue", responses=shown(Queue(waiting=1, working=2, oldest_wait_s=3.5)))
async def show_queue(studio: AStudio) -> Queue:
    """Count the runs that wait for a worker and those that are worked on, and say how long the first has waited."""
    async with studio.store.transaction() as tx:
        return await tx.jobs.queue()
