"""What all processes share about the endpoints: limits, breakers and dialects, each decided in one statement.

The clock is the database's, so that machines whose clocks differ agree.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import Double, Interval, case, cast, delete, extract, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chorus.domain.endpoint import EndpointState, LimitState, Traffic
from chorus.domain.rate import Grant, Wish
from chorus.store import tables as t
from chorus.store.rows import fetch_all

_SECOND = cast("1 second", Interval)
_BEGUN_S = cast(extract("epoch", func.statement_timestamp()), Double)  # the same all through a statement
_CLOCK_S = cast(extract("epoch", func.clock_timestamp()), Double)


class Endpoints:
    """The shared state of endpoints."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    # --- limits

    async def take(self, bucket: str, wish: Wish) -> Grant:
        """Pay for one event, in the order in which they ask; nothing is paid where the wait would be too long."""
        row = t.rate_bucket.c
        start_s, weight_s = _start_s(wish)
        paid = (
            update(t.rate_bucket)
            .where(row.name == bucket, start_s - _BEGUN_S <= wish.longest_wait_s)
            .values(
                events_s=func.greatest(row.events_s, start_s) + wish.events.cost_s,
                weight_s=func.greatest(weight_s, start_s) + wish.weight.cost_s,
                granted_s=start_s,
            )
            .returning(row.granted_s - _CLOCK_S)
        )
        wait_s = await self._connection.scalar(paid)
        if wait_s is not None:
            return Grant(granted=True, wait_s=max(0.0, wait_s))
        needed_s = await self._connection.scalar(select(start_s - _BEGUN_S).where(row.name == bucket))
        if needed_s is not None and needed_s > wish.longest_wait_s:
            return Grant(granted=False, wait_s=needed_s)
        if needed_s is None:
            await self._connection.execute(insert(t.rate_bucket).values(name=bucket).on_conflict_do_nothing())
        return await self.take(bucket, wish)

    # --- who is in trouble

    async def trip(self, place: str, pause_s: float) -> None:
        """Say that an endpoint is in trouble; the first to say it decides when it is tried again."""
        open_circuit = insert(t.circuit).values(
            place=place, probes=0, probe_at=func.clock_timestamp() + timedelta(seconds=pause_s)
        )
        await self._connection.execute(open_circuit.on_conflict_do_nothing())

    async def probe(self, place: str, first_pause_s: float, longest_pause_s: float) -> float | None:
        """Ask to try an endpoint in trouble: 0 for whoever may, else seconds to wait; None if it is well.

        The pause until the next one may try doubles each time.
        """
        row = t.circuit.c
        pause_s = func.least(longest_pause_s, first_pause_s * func.power(2.0, row.probes))
        tried = (
            update(t.circuit)
            .where(row.place == place, row.probe_at <= func.clock_timestamp())
            .values(probes=row.probes + 1, probe_at=func.clock_timestamp() + pause_s * _SECOND)
            .returning(row.place)
        )
        if await self._connection.scalar(tried) is not None:
            return 0.0
        return await self.trouble_s(place)

    async def trouble_s(self, place: str) -> float | None:
        """Seconds until an endpoint in trouble may be tried; None if it is well."""
        left = extract("epoch", t.circuit.c.probe_at - func.clock_timestamp())
        left_s = await self._connection.scalar(select(left).where(t.circuit.c.place == place))
        return None if left_s is None else max(0.0, float(left_s))

    async def mend(self, place: str) -> None:
        """Say that an endpoint is well again."""
        await self._connection.execute(delete(t.circuit).where(t.circuit.c.place == place))

    # --- dialects

    async def find_dialect(self, place: str, younger_than_days: int) -> dict[str, Any] | None:
        """How an endpoint was last found to be spoken to, unless that is long ago."""
        row = t.dialect.c
        young = row.learned_at > func.now() - timedelta(days=younger_than_days)
        words: dict[str, Any] | None = await self._connection.scalar(select(row.words).where(row.place == place, young))
        return words

    async def keep_dialect(self, place: str, words: dict[str, Any]) -> None:
        """Keep how an endpoint is spoken to."""
        learned = {"words": words, "learned_at": func.now()}
        kept = insert(t.dialect).values(place=place, **learned)
        await self._connection.execute(kept.on_conflict_do_update(index_elements=["place"], set_=learned))

    # --- how all of them are

    async def load_traffic(self, limit: int = 50) -> Traffic:
        """Say how each endpoint is that was ever asked, those in trouble first, and how far limits are used."""
        circuit, dialect, bucket = t.circuit.c, t.dialect.c, t.rate_bucket.c
        left_s = func.greatest(0.0, cast(extract("epoch", circuit.probe_at - func.clock_timestamp()), Double))
        known = t.circuit.join(t.dialect, circuit.place == dialect.place, full=True)
        columns = [
            func.coalesce(circuit.place, dialect.place).label("place"),
            case((circuit.place.is_(None), None), else_=left_s).label("next_try_s"),
            func.coalesce(circuit.probes, 0).label("tries"),
            dialect.words["format"].astext.label("format"),
        ]
        places = select(*columns).select_from(known).order_by(circuit.place.is_(None), "place").limit(limit)
        booked_s = func.greatest(0.0, func.greatest(bucket.events_s, bucket.weight_s) - _CLOCK_S)
        limits = select(bucket.name, booked_s.label("booked_s")).order_by(bucket.name).limit(limit)
        return Traffic(
            endpoints=tuple(await fetch_all(self._connection, places, EndpointState)),
            limits=tuple(await fetch_all(self._connection, limits, LimitState)),
        )


def _start_s(wish: Wish) -> tuple[Any, Any]:
    """When an event may pass, and up to when weight is paid for: ``Lanes.passed_by`` in SQL."""
    row = t.rate_bucket.c
    weight_s = row.weight_s - wish.credit_s
    return func.greatest(_BEGUN_S, row.events_s - wish.events.lead_s, weight_s - wish.weight.lead_s), weight_s
