"""A worker takes jobs no faster than it should, however many there are."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from chorus.worker import intake
from chorus.worker.intake import Intake


class Bench:
    """Takes every run and forgets it."""

    def __init__(self) -> None:
        self.studio = SimpleNamespace(store=None)
        self.taken = 0

    async def take(self, _run_id: object) -> None:
        self.taken += 1


async def test_a_flood_of_jobs_is_taken_at_a_steady_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "JOBS_PER_MINUTE", 120)
    bench: Any = Bench()
    worker, began_s = Intake(bench), time.monotonic()
    await asyncio.gather(*(worker._take(str(uuid4())) for _ in range(4)))
    assert bench.taken == 4
    assert time.monotonic() - began_s >= 0.4
