"""What Postgres tells by itself: one connection that waits for NOTIFY.

It has a driver's connection of its own, outside the pool: who listens holds a connection for as long as he listens.
"""

from collections.abc import Callable, Sequence

import psycopg
from psycopg import sql

from chorus.errors import DatabaseUnavailable

CONNECT_TIMEOUT_S = 5


class Deaf(Exception):
    """Something stands between (PgBouncer) that gives each transaction another connection: nothing would be heard."""


async def listen(
    url: str, channels: Sequence[str], *, ready: Callable[[], None], hear: Callable[[str, str], None]
) -> None:
    """Tell ``hear`` (channel, payload) of every notification, from ``ready`` on, until the connection breaks.

    Raises:
        DatabaseUnavailable: nobody answers, or does no longer; what was told meanwhile is lost.
        Deaf: LISTEN would succeed and hear nothing.
    """
    try:
        async with await _connected(url) as connection:
            await _must_be_direct(connection)
            for channel in channels:
                await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
            ready()
            async for told in connection.notifies():
                hear(told.channel, told.payload)
    except (psycopg.Error, OSError) as error:
        raise DatabaseUnavailable(f"The database does not answer: {error}") from error
    raise DatabaseUnavailable("The database has closed the connection.")


async def _connected(url: str) -> psycopg.AsyncConnection:
    return await psycopg.AsyncConnection.connect(
        url.replace("postgresql+psycopg://", "postgresql://", 1),
        autocommit=True,
        prepare_threshold=None,
        connect_timeout=CONNECT_TIMEOUT_S,
        application_name="chorus listener",
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
    )


async def _must_be_direct(connection: psycopg.AsyncConnection) -> None:
    """A pooler invents the process id it greets with; the server says its own."""
    cursor = await connection.execute("SELECT pg_backend_pid()")
    row = await cursor.fetchone()
    if row is None or row[0] != connection.info.backend_pid:
        raise Deaf
