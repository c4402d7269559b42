"""What processes share about the endpoints, on the store: a ``chorus.llm.Fleet`` in Postgres."""

from dataclasses import asdict

from chorus.domain.rate import Grant, Wish
from chorus.llm import Dialect
from chorus.llm.fleet import FIRST_PAUSE_S, LONGEST_PAUSE_S
from chorus.store import Database

DIALECT_DAYS = 7


class StoreFleet:
    """Every process that has the same database decides with the same rows."""

    def __init__(self, store: Database) -> None:
        """Share what is in ``store``."""
        self._store = store

    async def take(self, bucket: str, wish: Wish) -> Grant:
        """Pay for one event at a limit."""
        async with self._store.transaction() as tx:
            return await tx.endpoints.take(bucket, wish)

    async def trip(self, place: str) -> None:
        """Say that a place is in trouble."""
        async with self._store.transaction() as tx:
            await tx.endpoints.trip(place, FIRST_PAUSE_S)

    async def probe(self, place: str) -> float | None:
        """Ask to try a place in trouble."""
        async with self._store.transaction() as tx:
            return await tx.endpoints.probe(place, FIRST_PAUSE_S, LONGEST_PAUSE_S)

    async def trouble_s(self, place: str) -> float | None:
        """Seconds until a place in trouble may be tried."""
        async with self._store.reading() as tx:
            return await tx.endpoints.trouble_s(place)

    async def mend(self, place: str) -> None:
        """Say that a place is well again."""
        async with self._store.transaction() as tx:
            await tx.endpoints.mend(place)

    async def find_dialect(self, place: str) -> Dialect | None:
        """How a place was last found to be spoken to; after a week it may have learned more."""
        async with self._store.reading() as tx:
            words = await tx.endpoints.find_dialect(place, DIALECT_DAYS)
        return Dialect.of(words) if words else None

    async def keep_dialect(self, place: str, dialect: Dialect) -> None:
        """Keep how a place is spoken to."""
        async with self._store.transaction() as tx:
            await tx.endpoints.keep_dialect(place, asdict(dialect))
