"""The one connection pool and the one place that commits.

A ``Transaction`` offers the repositories; leaving its ``async with`` commits, an exception rolls back. What a run
writes is written while holding its lease: the fence is checked first, in the same transaction.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cached_property

from sqlalchemy import bindparam, event, func, select, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from chorus.domain.run import Lease
from chorus.errors import DatabaseUnavailable, LeaseLost, SchemaMismatch, StoreError
from chorus.store import tables
from chorus.store.calls import Calls
from chorus.store.canon import Canon
from chorus.store.endpoints import Endpoints
from chorus.store.experiments import Experiments
from chorus.store.history import History
from chorus.store.jobs import Jobs
from chorus.store.memories import Memories
from chorus.store.outlines import Outlines
from chorus.store.runs import Runs
from chorus.store.search import Search
from chorus.store.stories import Stories

CONNECT_TIMEOUT_S = 5
PING_AFTER_IDLE_S = 1.0
_FENCE = select(tables.run.c.fence).where(tables.run.c.id == bindparam("run_id")).with_for_update(read=True)
_REFUSALS = {
    "25006": "The database only lets itself be read: point DATABASE_URL at the server that can be written.",
    "42501": "The database user may not do this: let it be granted the tables of Chorus.",
    "53100": "The disk of the database is full: make room there. What was committed is kept.",
    "53200": "The database has run out of memory: give it more, or stop what else uses it.",
    "53300": "The database takes no more connections: raise max_connections, or stop what holds them.",
}


class Transaction:
    """The repositories, all on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    @cached_property
    def stories(self) -> Stories:
        """Stories, their plan and their text."""
        return Stories(self.connection)

    @cached_property
    def outlines(self) -> Outlines:
        """Outlines as they change, and their versions."""
        return Outlines(self.connection)

    @cached_property
    def canon(self) -> Canon:
        """Facts, character states, findings."""
        return Canon(self.connection)

    @cached_property
    def history(self) -> History:
        """What the story was."""
        return History(self.connection)

    @cached_property
    def memories(self) -> Memories:
        """What is recalled by similarity."""
        return Memories(self.connection)

    @cached_property
    def search(self) -> Search:
        """What search reads."""
        return Search(self.connection)

    @cached_property
    def runs(self) -> Runs:
        """Runs, their events and their questions."""
        return Runs(self.connection)

    @cached_property
    def jobs(self) -> Jobs:
        """What waits for the workers, and who they are."""
        return Jobs(self.connection)

    @cached_property
    def calls(self) -> Calls:
        """The ledger of LLM calls."""
        return Calls(self.connection)

    @cached_property
    def endpoints(self) -> Endpoints:
        """What all processes share about the endpoints."""
        return Endpoints(self.connection)

    @cached_property
    def experiments(self) -> Experiments:
        """Experiments, arms and trials."""
        return Experiments(self.connection)


class Database:
    """A Postgres database with Chorus's tables in ``schema``."""

    def __init__(self, url: str, schema: str = "public", *, pool_size: int = 10) -> None:
        self.url = url
        self.schema = schema
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            connect_args={
                "prepare_threshold": None,  # prepared statements do not survive PgBouncer
                "connect_timeout": CONNECT_TIMEOUT_S,
                "application_name": "chorus",
            },
        )
        event.listen(self.engine.sync_engine, "checkin", _note_checkin)
        event.listen(self.engine.sync_engine, "checkout", _ping_if_idle)
        self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def transaction(self, lease: Lease | None = None) -> AsyncIterator[Transaction]:
        """Run one transaction; with a ``lease``, only while that lease is the newest.

        Raises:
            LeaseLost: another process has taken the run over; nothing was written.
            DatabaseUnavailable: the server does not answer; nothing was written.
            SchemaMismatch: the tables are not those of this version.
        """
        with _explaining():
            async with self.engine.begin() as connection:
                if self.schema != "public":
                    path = f"{self.schema}, public"
                    await connection.execute(select(func.set_config("search_path", path, True)))
                if lease:
                    await _hold(connection, lease)
                yield Transaction(connection)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """Read without a transaction around it, which saves two round trips; raises as ``transaction`` does.

        A single statement that writes is fit for it too: it is committed when it is done.
        """
        if self.schema != "public":  # the search path holds for one transaction
            async with self.transaction() as tx:
                yield tx
            return
        with _explaining():
            async with self._autocommit.connect() as connection:
                yield Transaction(connection)

    async def ping(self) -> str:
        """Return the server's version, or raise DatabaseUnavailable."""
        async with self.transaction() as tx:
            return str(await tx.connection.scalar(text("SHOW server_version")))

    async def wait_until_up(self, timeout_s: float) -> None:
        """Return as soon as the server answers; raise DatabaseUnavailable after ``timeout_s``."""
        give_up_s = time.monotonic() + timeout_s
        while True:
            try:
                await self.ping()
            except DatabaseUnavailable:
                if time.monotonic() > give_up_s:
                    raise
                await asyncio.sleep(0.2)
            else:
                return

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()


def _note_checkin(_connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    record.info["idle_since"] = time.monotonic()


def _ping_if_idle(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Ask a connection that has not been used for a while whether it still lives; the pool replaces a dead one.

    Asking every time, as the pool can, costs a round trip for each transaction.
    """
    if time.monotonic() - record.info.get("idle_since", time.monotonic()) < PING_AFTER_IDLE_S:
        return
    try:
        cursor = connection.cursor()
        cursor.execute("SELECT 1")
        cursor.close()
        connection.rollback()
    except Exception as error:
        raise DisconnectionError("the server has gone") from error


@contextmanager
def _explaining() -> Iterator[None]:
    """Turn what the driver says into what a user can act on."""
    try:
        yield
    except DBAPIError as error:
        raise _explained(error) or error from error
    except OSError as error:
        raise DatabaseUnavailable(f"The database does not answer: {error}") from error


async def _hold(connection: AsyncConnection, lease: Lease) -> None:
    """Lock the run's row against a new claim until commit, and make sure that the lease is still the newest."""
    if await connection.scalar(_FENCE, {"run_id": lease.run_id}) != lease.fence:
        raise LeaseLost("Another process has taken this run over, so this one stops; nothing is lost.")


def _explained(error: DBAPIError) -> StoreError | None:
    state = getattr(error.orig, "sqlstate", None) or ""
    if state in {"42P01", "42703", "42704"}:  # undefined table, column, object
        return SchemaMismatch("The database has no tables of this version of Chorus: run `chorus db upgrade`.")
    lost = error.connection_invalidated or state.startswith(("08", "57P"))
    if lost or (isinstance(error, OperationalError) and not state):
        reason = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else "connection lost"
        return DatabaseUnavailable(f"The database does not answer ({reason}): check DATABASE_URL and the server.")
    if state in _REFUSALS:
        return StoreError(_REFUSALS[state])
    return None
