"""Embed the memories of a story behind the writing, so that storing scene n never delays drafting n+1."""

import asyncio
from uuid import UUID

from chorus.domain.run import Lease
from chorus.memory.recall import Recall


class Backlog:
    """The embedding still to do for one run, scene by scene, one after another.

    Whatever embeds, embeds all that is pending: what failed once is made up for by the next, and is forgotten.
    """

    def __init__(self, recall: Recall, story_id: UUID, lease: Lease) -> None:
        self._recall = recall
        self._story_id = story_id
        self._lease = lease
        self._tasks: dict[int, asyncio.Task[int]] = {}
        self._at_work: set[asyncio.Task[int]] = set()
        self._newest: asyncio.Task[int] | None = None

    def start(self, scene_number: int) -> asyncio.Task[int]:
        """Embed what is pending once what was started before is done."""
        for number in [number for number, task in self._tasks.items() if _has_failed(task)]:
            del self._tasks[number]
        task = asyncio.create_task(self._embed_after(self._newest))
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)
        self._newest = self._tasks[scene_number] = task
        return task

    async def settle(self, up_to: int | None = None) -> None:
        """Return when everything of the scenes up to this one, or of all, has its vector; raise if that fails now.

        What was made in another process, or before the story was rolled back, may be pending still.
        """
        task = self._newest if up_to is None else self._tasks.get(up_to)
        if task is None or _has_failed(task):
            task = self.start(max(self._tasks, default=0) if up_to is None else up_to)
        await asyncio.wait([task])
        task.result()

    async def stop(self) -> None:
        """Stop embedding; what is pending stays pending."""
        at_work = list(self._at_work)
        for task in at_work:
            task.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)
        self._tasks.clear()
        self._newest = None

    async def _embed_after(self, before: asyncio.Task[int] | None) -> int:
        if before:
            await asyncio.wait([before])
        return await self._recall.embed_pending(self._story_id, self._lease)


def _has_failed(task: asyncio.Task[int]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
