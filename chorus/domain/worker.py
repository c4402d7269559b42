"""Who works, and what waits to be worked on."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from chorus.domain.value import Value, new_id, now


class Worker(Value):
    """A process that works on runs; ``owner`` is the name under which it holds their leases."""

    id: UUID = Field(default_factory=new_id)
    owner: str
    host: str
    pid: int
    version: str
    concurrency: int
    runs: tuple[UUID, ...] = ()
    started_at: datetime = Field(default_factory=now)
    seen_at: datetime = Field(default_factory=now)


class Queue(Value):
    """How many runs wait for a worker, how many are worked on, and how long the first has waited (None: none does)."""

    waiting: int
    working: int
    oldest_wait_s: float | None = None
