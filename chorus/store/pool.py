"""The one pool of connections. Each is the driver's own, in autocommit, with SQLAlchemy's view of the same beside it.

SQLAlchemy's pool and its transactions cost a switch of stacks at every step, a third of what a short transaction costs
in all; so they are told by ``database`` to the driver itself (decision 0022).
"""

import asyncio
import select
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from psycopg import AsyncConnection as Driver
from psycopg import Error
from psycopg.pq import TransactionStatus
from sqlalchemy import NullPool
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from chorus.errors import DatabaseUnavailable
from chorus.store.direct import View

CONNECT_TIMEOUT_S = 5
PING_AFTER_IDLE_S = 30.0
"""A server that goes says so, which is seen at once; this is for what lies between, and drops what is quiet."""
PREPARED_FROM = 3
"""How often a connection has sent a statement when the server is told to remember it."""
LONGEST_WAIT_S = 30.0
POOL_SIZE = 5
"""Connections of a process. Its statements take a millisecond: more at once only get in each other's way, on the
server and with this process's own turn on the processor (decision 0029)."""


@dataclass
class Line:
    """One connection: the driver's, and SQLAlchemy's view of it."""

    driver: Driver
    view: View
    idle_since_s: float = field(default_factory=time.monotonic)

    @property
    def is_whole(self) -> bool:
        """Whether somebody else may use it next."""
        if self.driver.closed or self.view.invalidated:  # by a cancellation, or because the server has gone
            return False
        return self.driver.pgconn.transaction_status == TransactionStatus.IDLE

    async def lives(self) -> bool:
        """Whether the server is still there; asked only if it has said something or is quiet for long."""
        if not self.is_whole:
            return False
        if not self._was_told_something() and time.monotonic() - self.idle_since_s < PING_AFTER_IDLE_S:
            return True
        with suppress(Error, OSError):
            await self.driver.execute("SELECT 1")
        return self.is_whole

    def _was_told_something(self) -> bool:
        """Whether there is something to read, though nothing was asked: mostly that the server goes."""
        news = select.poll()
        news.register(self.driver.pgconn.socket, select.POLLIN)
        return bool(news.poll(0))


class Pool:
    """Lends connections, the newest first: at most ``most`` at once. Nobody who has one asks for a second."""

    def __init__(self, url: str, *, most: int = POOL_SIZE) -> None:
        self.most = most
        self.engine: AsyncEngine = create_async_engine(
            url,
            poolclass=NullPool,
            connect_args={
                "prepare_threshold": None,  # until it is known that no pooler is between: see ``_connect``
                "connect_timeout": CONNECT_TIMEOUT_S,
                "application_name": "chorus",
            },
        )
        self._idle: list[Line] = []
        self._places = asyncio.Semaphore(most)
        self._lent = 0

    @property
    def size(self) -> int:
        """How many connections there are."""
        return self._lent + len(self._idle)

    @asynccontextmanager
    async def line(self) -> AsyncIterator[Line]:
        """Lend a connection; one that comes back broken, or in the midst of something, is closed.

        Raises:
            DatabaseUnavailable: all have been busy for very long.
        """
        await self._wait_for_a_place()
        self._lent += 1
        line: Line | None = None
        try:
            line = await self._find_living() or await self._connect()
            yield line
        finally:
            self._lent -= 1
            self._places.release()
            if line is not None:
                await self._take_back(line)

    async def close(self) -> None:
        """Close the connections that nobody uses."""
        idle, self._idle = self._idle, []
        for line in idle:
            await line.driver.close()

    async def _wait_for_a_place(self) -> None:
        if not self._places.locked():  # a timer for each would cost more than the place
            await self._places.acquire()
            return
        try:
            async with asyncio.timeout(LONGEST_WAIT_S):
                await self._places.acquire()
        except TimeoutError:
            reason = f"all {self.most} connections have been busy for {LONGEST_WAIT_S:.0f} s"
            raise DatabaseUnavailable(f"The database does not keep up: {reason}.") from None

    async def _find_living(self) -> Line | None:
        while self._idle:
            line = self._idle.pop()
            if await line.lives():
                return line
            await line.driver.close()
        return None

    async def _connect(self) -> Line:
        fairy = await self.engine.raw_connection()
        fairy.detach()  # it is ours from now on
        view = View.of(self.engine, Connection(self.engine.sync_engine, fairy))
        driver = view.driver
        await driver.set_autocommit(True)
        if await _is_direct(driver):
            await driver.execute("SET plan_cache_mode = force_custom_plan")  # one plan for all is often a poor one
            driver.prepare_threshold = PREPARED_FROM
        return Line(driver, view)

    async def _take_back(self, line: Line) -> None:
        if not line.is_whole:
            await line.driver.close()
            return
        line.idle_since_s = time.monotonic()
        self._idle.append(line)


async def _is_direct(driver: Driver) -> bool:
    """Whether no pooler is between: prepared statements do not survive PgBouncer, which does not give the true pid."""
    row = await (await driver.execute("SELECT pg_backend_pid()")).fetchone()
    return row is not None and row[0] == driver.info.backend_pid
