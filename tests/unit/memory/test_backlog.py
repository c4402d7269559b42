import asyncio
from typing import Any, cast
from uuid import uuid4

import pytest

from chorus.domain.run import Lease
from chorus.errors import EndpointError
from chorus.memory import Backlog, Recall


class Wavering:
    """Counts how often it was asked to embed, and fails at those times."""

    def __init__(self, *failing: int) -> None:
        self.asked = 0
        self._failing = failing

    async def embed_pending(self, *_: Any) -> int:
        self.asked += 1
        turn = self.asked
        await asyncio.sleep(0)
        if turn in self._failing:
            raise EndpointError("The embedder is away.")
        return 1


def backlog_of(recall: Wavering) -> Backlog:
    story_id = uuid4()
    return Backlog(cast("Recall", recall), story_id, Lease(run_id=uuid4(), story_id=story_id, fence=1, owner="me"))


async def test_what_failed_once_is_made_up_for_and_forgotten() -> None:
    recall = Wavering(1)
    backlog = backlog_of(recall)
    backlog.start(0)
    with pytest.raises(EndpointError):
        await backlog.settle(0)
    backlog.start(1)
    await backlog.settle(1)
    await backlog.settle(1)
    await backlog.settle()
    assert recall.asked == 2
    await backlog.settle(0)  # nobody knows any more whether it was embedded
    assert recall.asked == 3
    await backlog.stop()


async def test_what_fails_again_is_said_again_and_tried_again() -> None:
    recall = Wavering(1, 2, 3)
    backlog = backlog_of(recall)
    backlog.start(4)
    for settled in (4, 4, None):
        with pytest.raises(EndpointError):
            await backlog.settle(settled)
    await backlog.settle()
    assert recall.asked == 4
    await backlog.stop()


async def test_who_waits_no_more_stops_nothing() -> None:
    recall = Wavering()
    backlog = backlog_of(recall)
    backlog.start(1)
    waiting = asyncio.create_task(backlog.settle(1))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await backlog.settle(1)
    assert recall.asked == 1


async def test_nothing_goes_on_once_it_is_stopped() -> None:
    recall = Wavering()
    backlog = backlog_of(recall)
    for _ in range(3):
        backlog.start(0)
    await backlog.stop()
    await asyncio.sleep(0.01)
    assert recall.asked <= 1
    await backlog.settle(0)
