"""Connections after a busy time: kept, and never more than a process may have."""

import asyncio

import psycopg

from chorus.store import Database

BUSY = 4


async def _all_at_once(database: Database) -> None:
    """Hold as many connections as there may be, all at the same time."""
    together = asyncio.Barrier(BUSY)

    async def hold() -> None:
        async with database.pool.line():
            await together.wait()

    await asyncio.gather(*(hold() for _ in range(BUSY)))


async def test_connections_outlive_a_busy_moment_and_are_never_more(database_url: str) -> None:
    database = Database(database_url.replace("postgresql:", "postgresql+psycopg:"), pool_size=BUSY)
    try:
        await _all_at_once(database)
        assert database.pool.size == BUSY
        await asyncio.gather(*(database.ping() for _ in range(10 * BUSY)))
        assert database.pool.size == BUSY
    finally:
        await database.close()
    assert database.pool.size == 0


async def test_a_connection_whose_server_has_gone_is_not_lent(database_url: str) -> None:
    database = Database(database_url.replace("postgresql:", "postgresql+psycopg:"), pool_size=BUSY)
    try:
        await _all_at_once(database)
        with psycopg.connect(database_url, autocommit=True) as other:
            ended = other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
                "pg_backend_pid()"
            ).fetchall()
        assert len(ended) == BUSY
        await _all_at_once(database)
        assert await database.ping()
    finally:
        await database.close()
