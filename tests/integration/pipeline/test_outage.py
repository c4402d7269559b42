"""A database that is away for a moment: nothing that is paid for is lost, and whoever wants to stop can."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from chorus.domain.run import Continuity, RunStatus
from chorus.errors import DatabaseUnavailable
from chorus.store import Transaction
from chorus.studio import Studio
from tests.endpoint.server import Call, EndpointServer
from tests.integration.pipeline.conftest import Open

PREMISE = "A lighthouse keeper finds a letter in a bottle."
SCENES = 6


@asynccontextmanager
async def away(database_url: str) -> AsyncIterator[None]:
    """Every connection is cut and none is let in, as when the server restarts."""
    name = database_url.rpartition("/")[2].partition("?")[0]
    elsewhere = database_url.replace(f"/{name}", "/postgres")
    async with await psycopg.AsyncConnection.connect(elsewhere, autocommit=True) as admin:
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())


async def writing(studio: Studio, endpoint: EndpointServer, calls: int) -> asyncio.Task[RunStatus]:
    """Begin a story, and give the work on it once so many calls have gone out and some are under way."""

    async def write() -> RunStatus:
        settings = studio.default_settings(
            scenes=SCENES, words=60, continuity=Continuity.PARALLEL, concurrency=4, concepts=1
        )
        return (await studio.write_story(PREMISE, settings=settings)).status

    task = asyncio.create_task(write())
    while len(endpoint.calls) < calls or not in_flight(endpoint.calls):  # noqa: ASYNC110 - it is in another thread
        await asyncio.sleep(0.01)
    return task


def in_flight(calls: list[Call]) -> list[Call]:
    return [call for call in calls if call.ended_s is None]


async def test_answers_that_come_while_the_database_is_away_are_kept(studio_at: Open, database_url: str) -> None:
    with EndpointServer(latency_s=1.0) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            task = await writing(studio, endpoint, calls=8)
            async with away(database_url):
                flying = len(in_flight(endpoint.calls))
                await asyncio.sleep(5)  # longer than the run says that it lives, shorter than its lease
            assert await task is RunStatus.COMPLETE
    asked = [call.prompt_hash for call in endpoint.calls]
    assert flying >= 2
    assert len(asked) == len(set(asked)), "no answer is bought twice"


async def test_who_is_cancelled_meanwhile_stops(studio_at: Open, database_url: str) -> None:
    with EndpointServer(latency_s=1.0) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            task = await writing(studio, endpoint, calls=8)
            async with away(database_url):
                await asyncio.sleep(0.5)
                task.cancel()
                began_s = time.monotonic()
                with pytest.raises(asyncio.CancelledError):
                    await task
            assert time.monotonic() - began_s < 15


async def locked(tx: Transaction, key: int) -> None:
    await tx.connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({key})")


async def impatient(studio: Studio, limit: str, key: int) -> None:
    async with studio.store.transaction() as tx:
        await tx.connection.exec_driver_sql(f"SET LOCAL {limit} = 50")
        await locked(tx, key)


async def test_what_passes_is_told_from_what_stays(studio_at: Open) -> None:
    """A statement that took too long, a lock that somebody holds, two that wait for each other: none ends a run."""
    async with studio_at("http://127.0.0.1:9/v1") as studio:
        for wish, key in (("statement_timeout", 1), ("lock_timeout", 2)):
            async with studio.store.transaction() as holder:
                await locked(holder, key)
                with pytest.raises(DatabaseUnavailable):
                    await impatient(studio, wish, key)

        async def both(first: int, second: int) -> None:
            async with studio.store.transaction() as tx:
                await locked(tx, first)
                await asyncio.sleep(0.2)
                await locked(tx, second)

        ended = await asyncio.gather(both(7, 8), both(8, 7), return_exceptions=True)
        assert sorted(str(type(each).__name__) for each in ended) == ["DatabaseUnavailable", "NoneType"]
