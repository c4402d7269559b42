"""A client of server-sent events that may be cut off anywhere."""

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

LIMIT_S = 60.0


@dataclass(frozen=True)
class Heard:
    kind: str
    id: int | None
    data: dict[str, Any]


async def follow(
    url: str, run_id: UUID, *, after: int | None = None, last_event_id: int | None = None
) -> AsyncIterator[Heard]:
    """What a run tells, until the server or the caller ends it."""
    headers = {} if last_event_id is None else {"Last-Event-ID": str(last_event_id)}
    params = {} if after is None else {"after": after}
    async with (
        httpx.AsyncClient(base_url=url, timeout=LIMIT_S, trust_env=False) as client,
        client.stream("GET", f"/api/runs/{run_id}/events", headers=headers, params=params) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        fields: dict[str, str] = {}
        async for line in answer.aiter_lines():
            if line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "data" in fields:
                event_id = int(fields["id"]) if "id" in fields else None
                yield Heard(fields["event"], event_id, json.loads(fields["data"]))
                fields = {}
            else:
                fields = {}


async def hear(url: str, run_id: UUID, most: int | None = None, **where: int | None) -> list[Heard]:
    """Everything up to the end, or up to so many events."""
    heard: list[Heard] = []
    async with aclosing(follow(url, run_id, **where)) as events:  # type: ignore[type-var]
        async for event in events:
            heard.append(event)
            if event.kind == "end" or len(heard) == most:
                break
    return heard
