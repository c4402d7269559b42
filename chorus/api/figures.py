"""Metrics: what the calls in the ledger add up to, for any of them."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.responses import Response

from chorus.api.asked import AStudio
from chorus.api.errors import answers
from chorus.api.examples import RUN_ID, WHEN, shown
from chorus.api.takeaway import a_file, attached
from chorus.api.wanted import Wanted
from chorus.domain.metrics import CallBucket, CallFigures, CallFilter, FailureBucket, Foreseen, GroupedBy
from chorus.domain.value import Value
from chorus.export.spreadsheet import csv_of
from chorus.studio import Studio

router = APIRouter(prefix="/api/metrics", tags=["metrics"], responses=answers())
ADDING_S = 1.0
"""How long whoever asks waits for days to be added up."""


class Figures(Value):
    """What the wanted calls add up to; calls that have not ended are left out."""

    total: CallFigures | None = Field(description="null: there are no such calls.")
    groups: tuple[CallFigures, ...] = Field(description="The one with the most tokens first, fifty at most.")
    stretch_s: float = Field(description="How long a stretch of `over_time` is.")
    over_time: tuple[CallBucket, ...]
    failures: tuple[FailureBucket, ...] = Field(description="What ended badly, by stretch and outcome.")
    in_all: int = Field(description="How many groups there are, told or not.")
    foreseen: tuple[Foreseen, ...] = Field(description="Finished runs: what was estimated, and what it took.")


class Table(StrEnum):
    """The lists that can be had as CSV."""

    GROUPS = "groups"
    OVER_TIME = "over_time"
    FAILURES = "failures"
    FORESEEN = "foreseen"


By = Annotated[GroupedBy, Query(description="What calls are told apart by.")]

_ALL = CallFigures(
    group="scene_generator",
    label="scene_generator",
    calls=4,
    failed=0,
    prompt_tokens=9_120,
    cached_tokens=0,
    completion_tokens=3_870,
    reasoning_tokens=0,
    cost_usd=0.0121,
    unpriced=0,
    latency_p50_ms=15_300.0,
    latency_p95_ms=17_100.0,
    latency_p99_ms=17_100.0,
    ttft_p50_ms=412.0,
    ttft_p95_ms=530.0,
    ttft_p99_ms=530.0,
    tokens_per_s=59.2,
)
_EXAMPLE = Figures(
    total=_ALL.model_copy(update={"group": "all", "label": ""}),
    groups=(_ALL,),
    stretch_s=60,
    over_time=(
        CallBucket(
            began_at=WHEN,
            agent="scene_generator",
            calls=4,
            failed=0,
            tokens=12_990,
            cost_usd=0.0121,
            latency_p50_ms=15_300.0,
            latency_p95_ms=17_100.0,
            ttft_p50_ms=412.0,
            ttft_p95_ms=530.0,
        ),
    ),
    failures=(),
    in_all=1,
    foreseen=(
        Foreseen(
            run_id=RUN_ID,
            title="The Lamp",
            foreseen_tokens=14_000,
            high_tokens=21_000,
            tokens=12_990,
            foreseen_s=70,
            high_s=120,
            active_s=62.5,
            foreseen_usd=0.013,
            cost_usd=0.0121,
        ),
    ),
)


@router.get("", responses={**answers(404), **shown(_EXAMPLE)})
async def read_metrics(studio: AStudio, wanted: Wanted, by: By = GroupedBy.AGENT) -> Figures:
    """Sum up calls: tokens, cost, errors, latency; in all, by what you choose, and over time."""
    return await _read(studio, wanted, by)


@router.get("/{table}.csv", response_class=Response, responses={**answers(404), **a_file("text/csv")})
async def take_metrics(
    table: Annotated[Table, Path(description="Which list.")], studio: AStudio, wanted: Wanted, by: By = GroupedBy.AGENT
) -> Response:
    """Take one of the lists away as CSV."""
    rows: Sequence[Value] = getattr(await _read(studio, wanted, by), table.value)
    kinds: dict[Table, type[Value]] = {
        Table.GROUPS: CallFigures,
        Table.OVER_TIME: CallBucket,
        Table.FAILURES: FailureBucket,
        Table.FORESEEN: Foreseen,
    }
    content = csv_of(list(kinds[table].model_fields), [row.model_dump(mode="json") for row in rows])
    return attached(content, "text/csv; charset=utf-8", f"chorus-{table.value}.csv")


async def _read(studio: Studio, wanted: CallFilter, by: GroupedBy) -> Figures:
    await studio.add_up_calls(within_s=ADDING_S)
    async with studio.store.transaction() as tx:
        if wanted.story_id:
            await tx.stories.load(wanted.story_id)
        sums = await tx.metrics.sums(wanted, by)
        return Figures(
            total=sums.total,
            groups=sums.groups,
            stretch_s=sums.stretch_s,
            over_time=sums.buckets,
            failures=sums.failures,
            in_all=sums.in_all,
            foreseen=tuple(await tx.metrics.foreseen(wanted)),
        )
