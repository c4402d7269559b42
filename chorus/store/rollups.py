"""Adding up whole days of calls, and which days are added up already (decision 0036)."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import Date, Integer, cast, func, insert, literal, select, text
from sqlalchemy.dialects.postgresql import insert as insert_unless_there
from sqlalchemy.ext.asyncio import AsyncConnection

from chorus.domain.llm_call import Outcome
from chorus.domain.sketch import counts_of
from chorus.domain.value import Value
from chorus.store import tables as t
from chorus.store.tally import SKETCHES, SUMS, WHAT, bins_of

LOCK = 1_667_591_279
"""Whoever adds a day up has it alone, whoever touches a call of it shares it; the trigger knows this number too."""
_call = t.llm_call.c
_DAY = timedelta(days=1)
_OPEN = text("""
    SELECT CAST(one AS date) FROM generate_series(
        (SELECT date_trunc('day', min(started_at) AT TIME ZONE 'UTC') FROM llm_call),
        date_trunc('day', (now() - interval '3 hours') AT TIME ZONE 'UTC') - interval '1 day',
        interval '1 day') AS one
    WHERE NOT EXISTS (SELECT FROM rolled_day WHERE day = CAST(one AS date))
    ORDER BY one LIMIT :most
""")
"""Days that ended three hours ago or earlier. The trigger looks at what is two hours old, so nothing falls between."""


class Days(Value):
    """A range of time as whole days that are added up, and the stretches between that are not."""

    whole: tuple[date, ...] = ()
    rest: tuple[tuple[datetime | None, datetime | None], ...] = ((None, None),)

    @classmethod
    def around(cls, rolled: Sequence[date]) -> "Days":
        """Days that are added up, in order, and all time around them."""
        if not rolled:
            return cls()
        holes = [(begin_of(one + _DAY), begin_of(next_)) for one, next_ in pairwise(rolled) if next_ - one > _DAY]
        return cls(whole=tuple(rolled), rest=((None, begin_of(rolled[0])), *holes, (begin_of(rolled[-1] + _DAY), None)))


def begin_of(day: date) -> datetime:
    """When a day begins."""
    return datetime.combine(day, time(), UTC)


class Rollups:
    """Which days are added up, and adding up one more."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def days(self, since: datetime | None, until: datetime | None) -> Days:
        """Divide a range into days that are added up and the rest."""
        day = t.rolled_day.c.day
        query = select(day).order_by(day)
        if since:
            query = query.where(day >= (since.astimezone(UTC) + _DAY - timedelta(microseconds=1)).date())
        if until:
            query = query.where(day < until.astimezone(UTC).date())
        return Days.around((await self._connection.execute(query)).scalars().all())

    async def list_open(self, most: int = 1000) -> list[date]:
        """List days that are over and not added up, the oldest first."""
        return list((await self._connection.execute(_OPEN, {"most": most})).scalars())

    async def roll(self, day: date) -> bool:
        """Add a day up, unless it is at hand elsewhere just now; to be done in a transaction."""
        number = (day - date(2000, 1, 1)).days
        mine = await self._connection.scalar(
            select(func.pg_try_advisory_xact_lock(literal(LOCK, Integer), literal(number, Integer)))
        )
        if not mine:
            return False
        for table in (t.call_day, t.call_day_of_run):
            await self._connection.execute(table.delete().where(table.c.day == day))
        of_day = (_call.started_at >= begin_of(day), _call.started_at < begin_of(day + _DAY), _over)
        found = await self._connection.execute(_by_what().where(*of_day))
        if rows := [_row_of(day, row) for row in found.mappings()]:
            await self._connection.execute(insert(t.call_day), rows)
        columns = ["day", *_RUN, *SUMS, *SKETCHES]
        await self._connection.execute(insert(t.call_day_of_run).from_select(columns, _by_run(day).where(*of_day)))
        await self._connection.execute(insert_unless_there(t.rolled_day).values(day=day).on_conflict_do_nothing())
        return True


_over = _call.outcome != Outcome.IN_FLIGHT
_RUN = ("story_id", "run_id", *WHAT)


def _by_what() -> Any:
    what = [_call[name] for name in WHAT]
    ends = (func.min(_call.started_at).label("first_at"), func.max(_call.started_at).label("last_at"))
    sums = [of_calls.label(name) for name, of_calls in SUMS.items()]
    return select(*what, *ends, *sums, *map(bins_of, SKETCHES)).group_by(*what)


def _by_run(day: date) -> Any:
    keys = [_call[name] for name in _RUN]
    return select(cast(literal(day), Date), *keys, *SUMS.values(), *map(bins_of, SKETCHES)).group_by(*keys)


def _row_of(day: date, row: Any) -> dict[str, Any]:
    counted = {name: counts_of(row[name]) if row[name] else None for name in SKETCHES}
    return {**row, "day": day, **counted}
