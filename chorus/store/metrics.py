"""What the calls add up to: whole days as they were added up before, the rest as it stands in the ledger.

Sums are exact, percentiles within 1 %. What is asked of one story or run is read from the ledger alone.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Float,
    Text,
    and_,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from chorus.domain.llm_call import Outcome
from chorus.domain.metrics import (
    CallBucket,
    CallFigures,
    CallFilter,
    Choices,
    FailureBucket,
    Foreseen,
    GroupedBy,
    StoryCost,
    Sums,
)
from chorus.domain.run import RunStatus
from chorus.domain.sketch import percentile
from chorus.store import tables as t
from chorus.store.rollups import Days, Rollups
from chorus.store.tally import SUMS, Keys, Tally, add_times, add_up, folded, of_calls, of_days, of_runs, times_of_runs

MOST_GROUPS = 50
MOST_BUCKETS = 60
MOST_CHOICES = 200
DAY_S = 86_400
FEW_DAYS = 3
"""So many days that are over are read call by call, to be told in stretches shorter than a day."""
_ROUND_S = (60, 300, 900, 3600, 10_800, DAY_S, 7 * DAY_S, 28 * DAY_S, 364 * DAY_S)
_MANY = {"agents": "agent", "nodes": "node", "models": "model", "prompt_versions": "prompt_version"}
_ID_OF = {GroupedBy.STORY: "story_id", GroupedBy.RUN: "run_id"}

_call, _day, _of_run = t.llm_call.c, t.call_day.c, t.call_day_of_run.c


class CallMetrics:
    """Reads of the ledger for people who measure; attempts still in flight are left out of all of them."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def sums(self, wanted: CallFilter, by: GroupedBy = GroupedBy.AGENT) -> Sums:
        """Sum wanted calls up in all, by time and agent, and by group, of which there are ``MOST_GROUPS`` at most."""
        days = await self._days(wanted)
        time = await self._time(wanted, days)
        by_time = await self._by_time(time)
        by_agent = folded(by_time, lambda keys: keys[1:])
        whole = folded(by_agent, lambda _keys: ())
        in_all_groups = 0
        if by is GroupedBy.AGENT:
            groups = [_figures(str(agent), "", tally) for (agent,), tally in by_agent.items()]
        elif by in _ID_OF:
            in_all_groups, groups = await self._groups_by_id(by, wanted, days)
        else:
            tallies = await self._tallies(wanted, [_call[by.value]], [_day[by.value]], days)
            groups = [_figures(str(key), "", tally) for (key,), tally in tallies.items()]
        buckets = (_bucket(began_at, agent, tally) for (began_at, agent), tally in by_time.items())
        return Sums(
            total=_figures("all", "", whole[()]) if whole else None,
            groups=tuple(sorted(groups, key=_most_tokens)[:MOST_GROUPS]),
            stretch_s=time.stretch_s if time else 0.0,
            buckets=tuple(sorted(buckets, key=lambda bucket: (bucket.began_at, bucket.agent))),
            failures=await self._failures(time),
            in_all=max(in_all_groups, len(groups)),
        )

    async def foreseen(self, wanted: CallFilter, limit: int = 200) -> list[Foreseen]:
        """Estimates and truth of the newest complete runs that have a wanted call, the oldest first."""
        run = t.run.c
        whose = [column == one for column, one in ((run.story_id, wanted.story_id), (run.id, wanted.run_id)) if one]
        there = select(_call.id).where(_call.run_id == run.id, *those(wanted)).exists()
        newest = (
            select(t.run)
            .where(run.status == RunStatus.COMPLETE, run.estimate.is_not(None), *whose, there)
            .order_by(run.created_at.desc(), run.id)
            .limit(limit)
            .cte("newest")
        )
        took = (
            select(
                func.sum(_call.prompt_tokens + _call.completion_tokens).label("tokens"),
                cast(func.sum(_call.cost_usd), Float).label("cost_usd"),
                func.count().filter(_call.cost_usd.is_(None), _call.completion_tokens > 0).label("unpriced"),
            )
            .where(_call.run_id == newest.c.id, _call.outcome != Outcome.IN_FLIGHT)
            .lateral("took")
        )
        query = (
            select(newest, t.story.c.title, took)
            .join(t.story, t.story.c.id == newest.c.story_id)
            .join(took, literal(True))
            .order_by(newest.c.created_at.desc(), newest.c.id)
        )
        rows = (await self._connection.execute(query)).mappings().all()
        return [_foreseen(row) for row in reversed(rows)]

    async def costs(self, story_ids: Sequence[UUID]) -> dict[UUID, StoryCost]:
        """What the calls of some stories cost, by story; one without calls is left out."""
        days = await self._days(CallFilter())
        ours = select(_call.story_id, SUMS["cost_usd"], SUMS["unpriced"]).where(*those(CallFilter()), *_outside(days))
        whole = select(_of_run.story_id, func.sum(_of_run.cost_usd), func.sum(_of_run.unpriced))
        whole = whole.where(*_these(CallFilter(), days, _of_run))
        costs: dict[UUID, StoryCost] = {}
        for query, story_id in ((ours, _call.story_id), (whole, _of_run.story_id)):
            found = await self._connection.execute(query.where(story_id.in_(story_ids)).group_by(story_id))
            for story, cost_usd, unpriced in found:
                so_far = costs.get(story, StoryCost())
                costs[story] = so_far.plus(None if cost_usd is None else float(cost_usd), unpriced)
        return costs

    async def choices(self) -> Choices:
        """What a filter can name."""
        days, names = await self._days(CallFilter()), _MANY.values()
        whole = select(*(_day[name] for name in names)).where(*_these(CallFilter(), days, _day)).distinct()
        ours = select(*(_call[name] for name in names)).where(*_outside(days)).distinct()
        rows = (await self._connection.execute(union_all(whole, ours))).all()
        named = {many: sorted({row[place] for row in rows} - {""}) for place, many in enumerate(_MANY)}
        return Choices(**{many: tuple(found[:MOST_CHOICES]) for many, found in named.items()})

    async def _days(self, wanted: CallFilter) -> Days:
        """The days that need not be read call by call."""
        if wanted.story_id or wanted.run_id:
            return Days()
        return await Rollups(self._connection).days(wanted.since, wanted.until)

    async def _time(self, wanted: CallFilter, days: Days) -> "_Time | None":
        """Divide the time of the wanted calls; None if there are none."""
        first, last = await self._ends(wanted, days)
        if first is None or last is None:
            return None
        size_s = stretch_s(first, last) if len(days.whole) <= FEW_DAYS else max(stretch_s(first, last), DAY_S)
        if size_s % DAY_S:
            wanted = wanted.model_copy(update={"since": first})
            days = Days()
        size, begin = timedelta(seconds=size_s), literal(_EPOCH)
        of_call = func.date_bin(size, _call.started_at, begin)
        of_day = func.date_bin(size, cast(_day.day, DateTime).op("AT TIME ZONE")("UTC"), begin)
        return _Time(size_s, wanted, days, of_call, of_day)

    async def _by_time(self, time: "_Time | None") -> dict[Keys, Tally]:
        """Sum up by beginning of a stretch and agent."""
        if time is None:
            return {}
        keys = [time.of_call, _call.agent], [time.of_day, _day.agent]
        return await self._tallies(time.wanted, *keys, time.days)

    async def _failures(self, time: "_Time | None") -> tuple[FailureBucket, ...]:
        """Count what ended badly, by beginning of a stretch and how it ended."""
        if time is None:
            return ()
        keys: tuple[ColumnElement[Any], ...] = literal_column("1"), literal_column("2")
        ours = select(time.of_call, _call.outcome, func.count()).where(
            *those(time.wanted), *_outside(time.days), _call.outcome != Outcome.OK
        )
        counted: Counter[tuple[Any, Outcome]] = Counter()
        queries = [ours.group_by(*keys)]
        if time.days.whole:
            whole = select(time.of_day, _day.outcome, func.sum(_day.calls))
            these = (*_these(time.wanted, time.days, _day), _day.outcome != Outcome.OK)
            queries.append(whole.where(*these).group_by(*keys))
        for query in queries:
            for began_at, outcome, calls in await self._connection.execute(query):
                counted[began_at, outcome] += int(calls)
        return tuple(
            FailureBucket(began_at=began_at, outcome=outcome, calls=calls)
            for (began_at, outcome), calls in sorted(counted.items())
        )

    async def _tallies(
        self, wanted: CallFilter, of_call: Sequence[Any], of_day: Sequence[Any], days: Days
    ) -> dict[Keys, Tally]:
        tallies: dict[Keys, Tally] = {}
        ours = of_calls(of_call).where(*those(wanted), *_outside(days))
        add_up(tallies, await self._connection.execute(ours), len(of_call))
        if days.whole:
            whole = of_days(of_day).where(*_these(wanted, days, _day))
            add_up(tallies, await self._connection.execute(whole), len(of_day))
        return tallies

    async def _ends(self, wanted: CallFilter, days: Days) -> tuple[datetime | None, datetime | None]:
        """When the first and the last wanted call began."""
        at: ColumnElement[Any] = _call.started_at
        conditions = [*those(wanted), *_outside(days)]
        if days.whole or wanted.story_id or wanted.run_id:
            # with an offset, for else Postgres reads the whole index in search of the first that fits
            at, conditions = select(at).where(*conditions).offset(0).subquery().c.started_at, []
        ours = select(func.min(at), func.max(at)).where(*conditions)
        whole = select(func.min(_day.first_at), func.max(_day.last_at)).where(*_these(wanted, days, _day))
        found = [(await self._connection.execute(query)).one() for query in (ours, whole)]
        first = min((row[0] for row in found if row[0]), default=None)
        return first, max((row[1] for row in found if row[1]), default=None)

    async def _groups_by_id(self, by: GroupedBy, wanted: CallFilter, days: Days) -> tuple[int, list[CallFigures]]:
        """How many stories or runs there are; then which used the most, and the calls of these alone."""
        name = _ID_OF[by]
        tokens = [columns.prompt_tokens + columns.completion_tokens for columns in (_call, _of_run)]
        spent = union_all(
            select(_call[name].label("one"), tokens[0].label("tokens")).where(*those(wanted), *_outside(days)),
            select(_of_run[name], tokens[1]).where(*_these(wanted, days, _of_run)),
        ).subquery()
        ranked = select(spent.c.one, func.count().over()).group_by(spent.c.one).limit(MOST_GROUPS)
        ranked = ranked.order_by(func.sum(spent.c.tokens).desc(), func.coalesce(cast(spent.c.one, Text), ""))
        found = (await self._connection.execute(ranked)).all()
        most = [row[0] for row in found]
        tallies: dict[Keys, Tally] = {}
        ours = of_calls([_call[name]]).where(*those(wanted), *_outside(days), _among(_call[name], most))
        add_up(tallies, await self._connection.execute(ours), 1)
        key, among = _of_run[name], (*_these(wanted, days, _of_run), _among(_of_run[name], most))
        add_up(tallies, await self._connection.execute(of_runs(key).where(*among)), 1)
        add_times(tallies, await self._connection.execute(times_of_runs(key).where(*among)))
        titles = await self._titles(by, [one for one in most if one])
        groups = [
            _figures("" if one is None else str(one), titles.get(one, ""), tally) for (one,), tally in tallies.items()
        ]
        return (found[0][1] if found else 0), groups

    async def _titles(self, by: GroupedBy, ids: Sequence[Any]) -> dict[Any, str]:
        """The title of each story, or of each run's."""
        query = select(t.story.c.id, t.story.c.title).where(t.story.c.id.in_(ids))
        if by is GroupedBy.RUN:
            query = select(t.run.c.id, t.story.c.title).join(t.story).where(t.run.c.id.in_(ids))
        return {row[0]: row[1] for row in await self._connection.execute(query)}


@dataclass(frozen=True, slots=True)
class _Time:
    """The time of some calls, divided: how long a stretch is, and when the one begins that a call or a day is in."""

    stretch_s: float
    wanted: CallFilter
    days: Days
    of_call: Any
    of_day: Any


_EPOCH = datetime(2000, 1, 3, tzinfo=UTC)
"""A Monday, so that weeks begin where people expect it."""


def stretch_s(first: datetime, last: datetime) -> float:
    """The shortest round stretch that divides a time into ``MOST_BUCKETS`` at most."""
    whole_s = (last - first).total_seconds()
    return float(next((s for s in _ROUND_S if whole_s / s < MOST_BUCKETS - 1), max(_ROUND_S[-1], whole_s)))


def those(wanted: CallFilter) -> list[ColumnElement[bool]]:
    """The conditions of a filter, of calls that have ended."""
    return [_call.outcome != Outcome.IN_FLIGHT, *fitting(wanted)]


def fitting(wanted: CallFilter) -> list[ColumnElement[bool]]:
    """The conditions of a filter, of calls that are still on their way too."""
    those = [*_named(wanted, _call), *_between(wanted.since, wanted.until)]
    if wanted.story_id:
        those.append(_call.story_id == wanted.story_id)
    if wanted.run_id:
        those.append(_call.run_id == wanted.run_id)
    return those


def _named(wanted: CallFilter, columns: Any) -> list[ColumnElement[bool]]:
    named = [columns[one].in_(getattr(wanted, many)) for many, one in _MANY.items() if getattr(wanted, many)]
    return [*named, columns.outcome.in_(wanted.outcomes)] if wanted.outcomes else named


def _these(wanted: CallFilter, days: Days, columns: Any) -> list[ColumnElement[bool]]:
    return [columns.day == func.any(literal(list(days.whole), ARRAY(Date))), *_named(wanted, columns)]


def _outside(days: Days) -> list[ColumnElement[bool]]:
    """The time that is not in whole days; no condition if that is all of it."""
    if not days.whole:
        return []
    return [or_(*(and_(*_between(since, until)) for since, until in days.rest))]


def _between(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    ends = (_call.started_at >= since) if since else None, (_call.started_at < until) if until else None
    return [end for end in ends if end is not None]


def _among(column: ColumnElement[Any], ids: Sequence[Any]) -> ColumnElement[bool]:
    there = column.in_([one for one in ids if one])
    return there | column.is_(None) if None in ids else there


def _figures(group: str, label: str, tally: Tally) -> CallFigures:
    return CallFigures(group=group, label=label, **tally.figures())


def _most_tokens(group: CallFigures) -> tuple[int, str]:
    return -group.prompt_tokens - group.completion_tokens, group.group


def _bucket(began_at: Any, agent: Any, tally: Tally) -> CallBucket:
    return CallBucket(
        began_at=began_at,
        agent=agent,
        calls=tally.calls,
        failed=tally.failed,
        tokens=tally.tokens,
        cost_usd=None if tally.cost_usd is None else float(tally.cost_usd),
        latency_p50_ms=percentile(tally.latency, 0.5),
        latency_p95_ms=percentile(tally.latency, 0.95),
        ttft_p50_ms=percentile(tally.ttft, 0.5),
        ttft_p95_ms=percentile(tally.ttft, 0.95),
    )


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
