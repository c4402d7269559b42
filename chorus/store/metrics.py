"""What the calls add up to, computed by Postgres: sums, shares and percentiles of whichever calls are meant."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, Text, case, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chorus.domain.llm_call import Outcome
from chorus.domain.metrics import CallBucket, CallFigures, CallFilter, Choices, Foreseen, GroupedBy
from chorus.domain.run import RunStatus
from chorus.store import tables as t
from chorus.store.rows import fetch_all, fetch_one

MOST_GROUPS = 50
MOST_BUCKETS = 60
MOST_CHOICES = 200
_ROUND_S = (60, 300, 900, 3600, 10_800, 21_600, 43_200, 86_400, 604_800)
_MANY = {"agents": "agent", "nodes": "node", "models": "model", "prompt_versions": "prompt_version"}

_call = t.llm_call.c
_ok = _call.outcome == Outcome.OK


class CallMetrics:
    """Reads of the ledger for people who measure; attempts still in flight are left out of all of them."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def total(self, wanted: CallFilter) -> CallFigures | None:
        """Sum all wanted calls up; None if there are none."""
        query = _figures(literal("all"), literal("")).where(*those(wanted)).having(func.count() > 0)
        return await fetch_one(self._connection, query, CallFigures)

    async def groups(self, by: GroupedBy, wanted: CallFilter, limit: int = MOST_GROUPS) -> list[CallFigures]:
        """Sum wanted calls up by group, the one with the most tokens first."""
        key, label, keys = _grouping(by)
        tokens = func.sum(_call.prompt_tokens + _call.completion_tokens)
        query = _figures(key, label).where(*those(wanted)).group_by(*keys).order_by(tokens.desc(), key).limit(limit)
        if by in (GroupedBy.STORY, GroupedBy.RUN):
            query = query.outerjoin(t.story, t.story.c.id == _call.story_id)
        return await fetch_all(self._connection, query, CallFigures)

    async def over_time(self, wanted: CallFilter) -> tuple[float, list[CallBucket]]:
        """Sum wanted calls up by time and agent: (seconds of a stretch, the stretches in order)."""
        ends = select(func.min(_call.started_at), func.max(_call.started_at)).where(*those(wanted))
        first, last = (await self._connection.execute(ends)).one()
        if first is None:
            return 0.0, []
        size_s = stretch_s(first, last)
        began_at = func.date_bin(timedelta(seconds=size_s), _call.started_at, literal(_EPOCH)).label("began_at")
        query = (
            select(
                began_at,
                _call.agent,
                func.count().label("calls"),
                func.count().filter(~_ok).label("failed"),
                func.sum(_call.prompt_tokens + _call.completion_tokens).label("tokens"),
                cast(func.sum(_call.cost_usd), Float).label("cost_usd"),
                _percentile(0.5, _call.latency_ms).label("latency_p50_ms"),
                _percentile(0.95, _call.latency_ms).label("latency_p95_ms"),
            )
            .where(*those(wanted))
            .group_by(began_at, _call.agent)
            .order_by(began_at, _call.agent)
        )
        return size_s, await fetch_all(self._connection, query, CallBucket)

    async def foreseen(self, wanted: CallFilter, limit: int = 200) -> list[Foreseen]:
        """Estimates and truth of the newest complete runs that have a wanted call, the oldest first."""
        tokens = func.sum(_call.prompt_tokens + _call.completion_tokens)
        unpriced = func.count().filter(_call.cost_usd.is_(None), _call.completion_tokens > 0)
        took = (
            select(
                _call.run_id,
                tokens.label("tokens"),
                cast(func.sum(_call.cost_usd), Float).label("cost_usd"),
                unpriced.label("unpriced"),
            )
            .where(_call.run_id == t.run.c.id, _call.outcome != Outcome.IN_FLIGHT)
            .group_by(_call.run_id)
            .lateral("took")
        )
        there = select(_call.id).where(_call.run_id == t.run.c.id, *those(wanted)).exists()
        newest = (
            select(t.run, t.story.c.title, took)
            .join(t.story, t.story.c.id == t.run.c.story_id)
            .join(took, literal(True))
            .where(t.run.c.status == RunStatus.COMPLETE, t.run.c.estimate.is_not(None), there)
            .order_by(t.run.c.created_at.desc(), t.run.c.id)
            .limit(limit)
        )
        rows = (await self._connection.execute(newest)).mappings().all()
        return [_foreseen(row) for row in reversed(rows)]

    async def choices(self) -> Choices:
        """What a filter can name."""
        found = {
            many: tuple(
                (
                    await self._connection.execute(
                        select(_call[one]).where(_call[one] != "").distinct().order_by(_call[one]).limit(MOST_CHOICES)
                    )
                ).scalars()
            )
            for many, one in _MANY.items()
        }
        return Choices(**found)


_EPOCH = datetime.fromisoformat("2000-01-03T00:00:00+00:00")
"""A Monday, so that weeks begin where people expect it."""


def stretch_s(first: datetime, last: datetime) -> float:
    """The shortest round stretch that divides a time into ``MOST_BUCKETS`` at most."""
    whole_s = (last - first).total_seconds()
    return float(next((s for s in _ROUND_S if whole_s / s < MOST_BUCKETS - 1), max(_ROUND_S[-1], whole_s)))


def those(wanted: CallFilter) -> list[ColumnElement[bool]]:
    """The conditions of a filter."""
    those: list[ColumnElement[bool]] = [_call.outcome != Outcome.IN_FLIGHT]
    if wanted.since:
        those.append(_call.started_at >= wanted.since)
    if wanted.until:
        those.append(_call.started_at < wanted.until)
    if wanted.story_id:
        those.append(_call.story_id == wanted.story_id)
    if wanted.run_id:
        those.append(_call.run_id == wanted.run_id)
    if wanted.outcomes:
        those.append(_call.outcome.in_(wanted.outcomes))
    those += [_call[one].in_(getattr(wanted, many)) for many, one in _MANY.items() if getattr(wanted, many)]
    return those


def _grouping(by: GroupedBy) -> tuple[Any, Any, list[Any]]:
    """What is a group's name, what is its label, and what to group by."""
    title = func.coalesce(t.story.c.title, "")
    if by is GroupedBy.STORY:
        return cast(_call.story_id, Text), title, [_call.story_id, t.story.c.title]
    if by is GroupedBy.RUN:
        run = func.coalesce(cast(_call.run_id, Text), "")
        label = case((_call.run_id.is_(None), ""), else_=title)
        return run, label, [run, label]
    column = _call[by.value]
    return column, literal(""), [column]


def _figures(group: Any, label: Any) -> Select[Any]:
    took_ms = func.sum(_call.latency_ms).filter(_ok)
    speed = (
        func.sum(_call.completion_tokens).filter(_ok, _call.latency_ms.is_not(None)) * 1000.0 / func.nullif(took_ms, 0)
    )
    sums = [
        func.sum(_call[name]).label(name)
        for name in ("prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens")
    ]
    unpriced = func.count().filter(_call.cost_usd.is_(None), _call.prompt_tokens + _call.completion_tokens > 0)
    return select(
        group.label("group"),
        label.label("label"),
        func.count().label("calls"),
        func.count().filter(~_ok).label("failed"),
        *sums,
        cast(func.sum(_call.cost_usd), Float).label("cost_usd"),
        unpriced.label("unpriced"),
        _percentile(0.5, _call.latency_ms).label("latency_p50_ms"),
        _percentile(0.95, _call.latency_ms).label("latency_p95_ms"),
        _percentile(0.99, _call.latency_ms).label("latency_p99_ms"),
        _percentile(0.5, _call.ttft_ms).label("ttft_p50_ms"),
        _percentile(0.95, _call.ttft_ms).label("ttft_p95_ms"),
        speed.label("tokens_per_s"),
    ).select_from(t.llm_call)


def _percentile(share: float, column: Any) -> Any:
    return func.percentile_cont(share).within_group(column.asc())


def _foreseen(row: Any) -> Foreseen:
    estimate = row["estimate"]

    def sum_of(quantile: str) -> float:
        return float(sum(estimate.get(name, {}).get(quantile) or 0 for name in ("prompt_tokens", "completion_tokens")))

    wall, usd = estimate.get("wall_s") or {}, estimate.get("cost_usd") or {}
    return Foreseen(
        run_id=row["id"],
        title=row["title"],
        foreseen_tokens=sum_of("p50"),
        high_tokens=sum_of("p90"),
        tokens=row["tokens"],
        foreseen_s=wall.get("p50") or 0.0,
        high_s=wall.get("p90") or 0.0,
        active_s=row["active_s"],
        foreseen_usd=usd.get("p50"),
        cost_usd=None if row["unpriced"] else row["cost_usd"],
    )
