"""Prose on its way, written down while it streams in, so that other processes can show it.

Nothing waits for it and nothing depends on it. An answer that comes at once is never written down.
"""

import asyncio
import logging

from chorus.domain.run import Lease, LiveDraft
from chorus.errors import ChorusError
from chorus.store import Database, Transaction

INTERVAL_S = 0.5

_log = logging.getLogger(__name__)


class Scribe:
    """Writes down, about twice a second, how far each scene of a run has come."""

    def __init__(self, store: Database, lease: Lease) -> None:
        self._store = store
        self._lease = lease
        self._heard: dict[int, list[str]] = {}
        self._grown: set[int] = set()
        self._shown: set[int] = set()
        self._task: asyncio.Task[None] | None = None
        self._pen = asyncio.Lock()

    def hear(self, scene_number: int, piece: str) -> None:
        """Take in the next piece of a scene; an empty one means that it begins anew."""
        pieces = self._heard.setdefault(scene_number, [])
        if not piece:
            pieces.clear()
            return
        pieces.append(piece)
        self._grown.add(scene_number)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._keep_up())

    async def rest(self, scene_number: int) -> None:
        """Write no more of this scene; a write that is under way is over when this returns."""
        self._heard.pop(scene_number, None)
        self._grown.discard(scene_number)
        async with self._pen:
            pass

    async def show(self, scene_number: int, text: str, tx: Transaction) -> None:
        """Let a scene of which something was shown be seen as it was kept, while it is checked."""
        if scene_number in self._shown:
            await tx.runs.save_draft(self._draft(scene_number, text))

    async def forget(self, scene_number: int, tx: Transaction) -> None:
        """Take away what was shown of a scene, in the transaction that commits it."""
        if scene_number in self._shown:
            self._shown.discard(scene_number)
            await tx.runs.drop_drafts(self._lease.run_id, scene_number)

    async def stop(self) -> None:
        """Write no more."""
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _keep_up(self) -> None:
        """Write while there is more; a database that does not answer is asked again when more has come."""
        while True:
            await asyncio.sleep(INTERVAL_S)
            if not self._grown:
                return
            due = [self._draft(number, "".join(self._heard[number])) for number in sorted(self._grown)]
            self._grown.clear()
            self._shown.update(draft.scene_number for draft in due)
            try:
                async with self._pen, self._store.transaction(self._lease) as tx:
                    for draft in due:
                        await tx.runs.save_draft(draft)
            except ChorusError as error:
                _log.debug("the draft is not shown: %s", error)

    def _draft(self, scene_number: int, text: str) -> LiveDraft:
        return LiveDraft(run_id=self._lease.run_id, scene_number=scene_number, text=text)
