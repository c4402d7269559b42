"""What happened in a run, once it has: its events as a plain list, its calls in time, and both to take away."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from chorus.api.asked import LARGEST_ID, APage, AStudio, RunId
from chorus.api.errors import answers
from chorus.api.examples import OTHER_ID, RUN_ID, STORY_ID, WHEN, page_shown
from chorus.api.takeaway import a_file, attached
from chorus.domain.run import RunEvent
from chorus.domain.trace import Span, critical_path
from chorus.domain.value import Value
from chorus.experiments.files import to_otlp

router = APIRouter(prefix="/api/runs/{run_id}", tags=["runs"], responses=answers())
MOST_SPANS = 50_000
After = Annotated[int, Query(ge=0, le=LARGEST_ID, description="Only events with a higher id.")]


class SpanRow(Value):
    """One call in time: it was wanted `waits` (milliseconds, by reason) before it began."""

    call_id: UUID
    scene_number: int | None
    place: str = Field(description="What it was for: the plan, a scene, or the chapters.")
    agent: str
    node: str
    node_path: str
    attempt: int
    kind: str = Field(description="Empty, or what of a series it is: retry, re-ask, more room, other words.")
    model: str
    outcome: str
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    cost_usd: Decimal | None
    ttft_ms: float | None
    latency_ms: float | None
    waits: dict[str, float]
    started_at: datetime
    ended_at: datetime | None
    is_critical: bool = Field(description="Whether the run waited for it: the lengths of these add up to the run's.")

    @classmethod
    def from_span(cls, span: Span, *, is_critical: bool) -> Self:
        """Name its id as the API does."""
        told = {"call_id": span.id, "place": span.place, "kind": span.kind, "is_critical": is_critical}
        return cls.of({**dict(span), **told})


_EVENT = RunEvent(
    id=41, run_id=RUN_ID, story_id=STORY_ID, scene_number=1, kind="scene_committed", message="Done.", created_at=WHEN
)
_SPAN = Span(
    id=OTHER_ID,
    scene_number=1,
    agent="scene_generator",
    node="draft_scene",
    node_path="scene/1/draft_scene",
    attempt=1,
    model="gpt-4-turbo",
    outcome="ok",
    prompt_tokens=1_840,
    cached_tokens=0,
    completion_tokens=905,
    cost_usd=Decimal("0.0032"),
    ttft_ms=412.0,
    latency_ms=15_300.0,
    waits={"limit": 120.0},
    started_at=WHEN,
    ended_at=WHEN,
)


@router.get("/events/list", responses={**answers(404), **page_shown([_EVENT])})
async def list_events(run_id: RunId, studio: AStudio, page: APage, after: After = 0) -> list[RunEvent]:
    """List what has happened in a run so far, the oldest event first."""
    async with studio.store.reading() as tx:
        await tx.runs.load(run_id)
        return page.of(await tx.runs.list_events(run_id, after, page.one_more, page.offset))


@router.get("/spans", responses={**answers(404), **page_shown([SpanRow.from_span(_SPAN, is_critical=True)])})
async def list_spans(run_id: RunId, studio: AStudio, page: APage) -> list[SpanRow]:
    """List the calls of a run in time, with what held each back and whether the run waited for it."""
    async with studio.store.reading() as tx:
        await tx.runs.load(run_id)
        spans = await tx.calls.list_spans(run_id, MOST_SPANS)
    critical = set(critical_path(spans))
    return [SpanRow.from_span(span, is_critical=span.id in critical) for span in page.cut(spans)]


@router.get(
    "/otlp",
    response_class=Response,
    responses={**answers(404), **a_file("application/json", example={"resourceSpans": []})},
)
async def take_trace(
    run_id: RunId,
    studio: AStudio,
    prose: Annotated[bool, Query(description="Whether prompts and answers are in it.")] = False,
) -> Response:
    """Take the trace of a run away as OTLP in JSON, as a collector is told it; without prose unless that is asked."""
    async with studio.store.reading() as tx:
        await tx.runs.load(run_id)
        calls = await tx.calls.list_of_run(run_id)
    return attached(to_otlp(calls, prose=prose), "application/json", f"run-{str(run_id)[:8]}.otlp.json")
