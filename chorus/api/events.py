"""The events of a run as they happen: server-sent, resumable by the id of the last one."""

from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import APIRouter, Header, Query
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from chorus.api.asked import EXAMPLE_ID, LARGEST_ID, AHub, AStudio, RunId
from chorus.api.errors import answers, turned_away

router = APIRouter(prefix="/api/runs", tags=["runs"], responses=answers())

_EXAMPLE = f"""id: 41
event: scene_committed
data: {{"id": 41, "run_id": "{EXAMPLE_ID}", "scene_number": 1, "kind": "scene_committed", ...}}

event: draft
data: {{"scene_number": 2, "offset": 0, "text": "The sea was"}}

event: draft
data: {{"scene_number": 2, "offset": 11, "text": " quiet."}}

event: end
data: {{"run_id": "{EXAMPLE_ID}", "status": "complete"}}

"""
_STREAM = {
    "description": "The events from there on. `end` says that the run is over, and nothing follows.",
    "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _EXAMPLE}},
}
After = Annotated[int, Query(ge=0, le=LARGEST_ID, description="Only events with a higher id.")]
LastSeen = Annotated[
    int | None, Header(ge=0, le=LARGEST_ID, description="What a browser sends when it comes back; it counts first.")
]


class EventStream(StreamingResponse):
    """A stream that lets go of its source as soon as the client is gone."""

    media_type = "text/event-stream"

    def __init__(self, frames: AsyncGenerator[bytes]) -> None:
        super().__init__(frames, headers={"X-Accel-Buffering": "no"})
        self._frames = frames

    async def stream_response(self, send: Send) -> None:
        """Send what comes, then close the source."""
        try:
            await super().stream_response(send)
        finally:
            await self._frames.aclose()


@router.get("/{run_id}/events", response_class=Response, responses={**answers(404), 200: _STREAM})
async def follow_run(
    run_id: RunId, studio: AStudio, hub: AHub, after: After = 0, last_event_id: LastSeen = None
) -> Response:
    """Follow a run until it is over.

    `event` is the event's kind and `id` where to go on after a break. `draft` has no id: it is the scene that is being
    written, as far as it has come; replace what you have from `offset` (in Unicode code points) on by `text`.
    """
    async with studio.store.reading() as tx:
        await tx.runs.load(run_id)
    if hub.is_full:
        return turned_away(429, "As many follow runs here as may: try again in a moment.", {"Retry-After": "10"})
    return EventStream(hub.follow(run_id, after if last_event_id is None else last_event_id))
