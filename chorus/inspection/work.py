"""The work: what waits, and who works on it."""

import asyncio
from collections.abc import Sequence

from chorus.domain.worker import Queue, Worker
from chorus.embedded import EmbeddedPostgres
from chorus.errors import ChorusError
from chorus.inspection.report import Area, Condition, Part
from chorus.settings import ChorusConfig
from chorus.store import Database

_LONG_WAIT_S = 300.0


async def inspect_work(config: ChorusConfig) -> Sequence[Part]:
    """Look at the queue and at the workers that live."""
    url = config.database.url
    if url is None:
        status = await asyncio.to_thread(EmbeddedPostgres(config.system.home).status)
        if not status.running:
            return [_unknown("nothing is queued while the database is stopped")]
        url = status.url
    store = Database(url, config.database.db_schema)
    try:
        async with store.reading() as tx:
            workers, queue = await tx.jobs.list_workers(), await tx.jobs.queue()
    except ChorusError:
        return [_unknown("not known before the database is well")]
    finally:
        await store.close()
    return [_queue(queue, workers), *(_worker(each) for each in workers)]


def _unknown(said: str) -> Part:
    return Part(area=Area.WORK, name="queue", title="Queue", condition=Condition.OFF, said=said)


def _queue(queue: Queue, workers: Sequence[Worker]) -> Part:
    condition, remedy = Condition.OK, None
    said = f"{queue.waiting} waiting, {queue.working} in work, {len(workers)} workers"
    if not workers:
        condition = Condition.OFF
        said = f"{queue.waiting} waiting, no worker; `chorus app` and `chorus worker` bring one"
    if queue.waiting and not workers:
        condition, remedy = Condition.WARNING, "Start one with `chorus worker`, or the dashboard with `chorus app`."
    elif queue.waiting and (queue.oldest_wait_s or 0) > _LONG_WAIT_S:
        condition = Condition.WARNING
        remedy = "Start more with `chorus worker`: the first has waited for more than five minutes."
    figures = {"waiting": queue.waiting, "working": queue.working, "oldest_wait_s": queue.oldest_wait_s}
    return Part(
        area=Area.WORK, name="queue", title="Queue", condition=condition, said=said, remedy=remedy, figures=figures
    )


def _worker(worker: Worker) -> Part:
    count = len(worker.runs)
    return Part(
        area=Area.WORK,
        name=f"worker-{worker.id}",
        title="Worker",
        condition=Condition.OK,
        said=f"works on {count} of {worker.concurrency} runs at once since {worker.started_at:%Y-%m-%d %H:%M} UTC",
        version=f"chorus {worker.version}",
        location=f"{worker.host}, process {worker.pid}",
        figures={"runs": count, "concurrency": worker.concurrency, "pid": worker.pid},
    )
