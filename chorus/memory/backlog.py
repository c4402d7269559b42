"""Embed the memories of a story behind the writing, so that storing scene n never delays drafting n+1."""

import asyncio
from uuid import UUID

from chorus.domain.run import Lease
from chorus.memory.recall import Recall


class Backlog:
    """The embedding still to do for one run, scene by scene, one after another."""

    def __init__(self, recall: Recall, story_id: UUID, lease: Lease) -> None:
        self._recall = recall
        self._story_id = story_id
        self._lease = lease
        self._tasks: dict[int, asyncio.Task[int]] = {}

    def start(self, scene_number: int) -> None:
        """Embed what is pending once what was started before is done."""
        before = self._tasks.get(max(self._tasks, default=-1))
        self._tasks[scene_number] = asyncio.create_task(self._embed_after(before))

    async def settle(self, up_to: int | None = None) -> None:
        """Return when everything of the scenes up to this one has its vector; raise what went wrong.

        What was made in another process, or before the story was rolled back, may be pending still.
        """
        if up_to is not None and up_to not in self._tasks:
            self.start(up_to)
        due = [task for number, task in self._tasks.items() if up_to is None or number <= up_to]
        if due:
            await asyncio.gather(*due)

    async def stop(self) -> None:
        """Stop embedding; what is pending stays pending."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._tasks.clear()

    async def _embed_after(self, before: asyncio.Task[int] | None) -> int:
        if before:
            await asyncio.wait([before])
        return await self._recall.embed_pending(self._story_id, self._lease)
