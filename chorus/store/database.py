"""The one place that commits.

A ``Transaction`` offers the repositories; leaving its ``async with`` commits, an exception rolls back. What a run
writes is written while holding its lease: the fence is checked first, in the same transaction.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from copy import copy
from functools import cache, cached_property
from typing import Self

import psycopg
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chorus.domain.run import Lease
from chorus.errors import DatabaseUnavailable, LeaseLost, NotAllowed, SchemaMismatch, StoreError
from chorus.store.calls import Calls
from chorus.store.canon import Canon
from chorus.store.endpoints import Endpoints
from chorus.store.experiments import Experiments
from chorus.store.history import History
from chorus.store.jobs import Jobs
from chorus.store.memories import Memories
from chorus.store.metrics import CallMetrics
from chorus.store.outlines import Outlines
from chorus.store.pool import POOL_SIZE, Pool
from chorus.store.retention import Retention
from chorus.store.rollups import Rollups
from chorus.store.runs import Runs
from chorus.store.saved_views import SavedViews
from chorus.store.search import Search
from chorus.store.shards import Shards
from chorus.store.stories import Stories

_PATH = sql.SQL("SELECT set_config('search_path', {}, true)")
_FENCE = b";SELECT fence FROM run WHERE id = '%s' FOR SHARE"
_REFUSALS = {
    "25006": "The database only lets itself be read: point DATABASE_URL at the server that can be written.",
    "42501": "The database user may not do this: let it be granted the tables of Chorus.",
}
_PASSING = {
    "40001": "The database had to give way to another transaction: try again.",
    "40P01": "The database had to give way to another transaction: try again.",
    "55P03": "Another transaction holds what is needed: try again.",
    "57014": "The database took too long and gave up: try again.",
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
    def shards(self) -> Shards:
        """What is gathered for searches across all stories."""
        return Shards(self.connection)

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
    def metrics(self) -> CallMetrics:
        """What the calls add up to."""
        return CallMetrics(self.connection)

    @cached_property
    def rollups(self) -> Rollups:
        """Days of calls that are added up."""
        return Rollups(self.connection)

    @cached_property
    def retention(self) -> Retention:
        """What is kept of calls for how long."""
        return Retention(self.connection)

    @cached_property
    def saved_views(self) -> SavedViews:
        """Views of pages under a name."""
        return SavedViews(self.connection)

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

    def __init__(self, url: str, schema: str = "public", *, pool_size: int = POOL_SIZE) -> None:
        self.url = url
        self.schema = schema
        self.pool = Pool(url, most=pool_size)
        self._writes = True

    def for_reading(self) -> Self:
        """This database as somebody has it who may only read: Postgres refuses whatever would write (NotAllowed)."""
        reader = copy(self)
        reader._writes = False  # noqa: SLF001 - its own kind
        return reader

    @property
    def engine(self) -> AsyncEngine:
        """What SQLAlchemy knows of the database."""
        return self.pool.engine

    @asynccontextmanager
    async def transaction(self, lease: Lease | None = None, *, snapshot: bool = False) -> AsyncIterator[Transaction]:
        """Run one transaction; with a ``lease``, only while that lease is the newest.

        Of a ``snapshot`` all statements see the same, whatever others commit meanwhile.

        Raises:
            LeaseLost: another process has taken the run over; nothing was written.
            DatabaseUnavailable: the server does not answer, or can't do it just now; nothing was written.
            SchemaMismatch: the tables are not those of this version.
        """
        with _explaining(writes=self._writes):
            async with self.pool.line() as line:
                await self._begin(line.driver, lease, snapshot=snapshot)
                try:
                    yield Transaction(line.view)
                except BaseException:
                    with suppress(psycopg.Error):
                        await line.driver.rollback()
                    raise
                await line.driver.commit()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """Read without a transaction around it, which saves two round trips; raises as ``transaction`` does.

        A single statement that writes is fit for it too: it is committed when it is done.
        """
        if self.schema != "public" or not self._writes:  # the search path, or the vow, holds for one transaction
            async with self.transaction() as tx:
                yield tx
            return
        with _explaining():
            async with self.pool.line() as line:
                yield Transaction(line.view)

    async def _begin(self, driver: psycopg.AsyncConnection, lease: Lease | None, *, snapshot: bool) -> None:
        """Begin, all in one round trip: lock the run's row against a new claim until commit, and look at its fence."""
        steps = _beginning(self.schema, writes=self._writes, snapshot=snapshot) + (
            _FENCE % lease.run_id.hex.encode() if lease else b""
        )
        cursor = await driver.execute(steps)
        if lease:
            while cursor.nextset():
                pass
            row = await cursor.fetchone()
            if row is None or row[0] != lease.fence:
                await driver.rollback()
                raise LeaseLost("Another process has taken this run over, so this one stops; nothing is lost.")

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
        await self.pool.close()


@cache
def _beginning(schema: str, *, writes: bool, snapshot: bool) -> bytes:
    """How a transaction begins."""
    begin = b"BEGIN" + b" ISOLATION LEVEL REPEATABLE READ" * snapshot + b" READ ONLY" * (not writes)
    path = _PATH.format(f"{schema}, public").as_bytes()
    return begin if schema == "public" else b";".join([begin, path])


@contextmanager
def _explaining(*, writes: bool = True) -> Iterator[None]:
    """Turn what the driver says into what a user can act on."""
    try:
        yield
    except (psycopg.Error, DBAPIError) as error:  # SQLAlchemy's word for the same
        said = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(said, psycopg.errors.ReadOnlySqlTransaction) and not writes:
            raise NotAllowed("A viewer reads, and changes nothing: an editor's token is needed for this.") from error
        raise (isinstance(said, psycopg.Error) and _explained(said)) or error from error
    except OSError as error:
        raise DatabaseUnavailable(f"The database does not answer: {error}") from error


def _explained(error: psycopg.Error) -> StoreError | None:
    state = error.sqlstate or ""
    if state in {"42P01", "42703", "42704"}:  # undefined table, column, object
        return SchemaMismatch("The database has no tables of this version of Chorus: run `chorus db upgrade`.")
    if state.startswith(("08", "57P")) or (isinstance(error, psycopg.OperationalError) and not state):
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "connection lost"
        return DatabaseUnavailable(f"The database does not answer ({reason}): check DATABASE_URL and the server.")
    if state in _REFUSALS:
        return StoreError(_REFUSALS[state])
    if state in _PASSING or state.startswith("53"):
        return DatabaseUnavailable(_PASSING.get(state, "The database has no room for more: see to its server."))
    return None
