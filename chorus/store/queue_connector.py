"""Procrastinate's way to the database: through our one pool, so that what holds for every query holds for its too."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from procrastinate.connector import BaseAsyncConnector, BaseConnector, Notify, Pool
from procrastinate.exceptions import NoResult
from sqlalchemy import CursorResult

from chorus.store.database import Database


class QueueConnector(BaseAsyncConnector):
    """Runs procrastinate's queries, each in a transaction of its own; they are in psycopg's own style."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get_sync_connector(self) -> BaseConnector:
        """Nothing is asked outside the event loop."""
        return self

    async def open_async(self, pool: Pool | None = None) -> None:
        """Do nothing: the pool is there."""

    async def close_async(self) -> None:
        """Do nothing: the pool belongs to the studio."""

    async def execute_query_async(self, query: str, **arguments: Any) -> None:
        """Run a query."""
        async with self._asked(query, arguments):
            pass

    async def execute_query_one_async(self, query: str, **arguments: Any) -> dict[str, Any]:
        """Run a query and give its first row, or raise NoResult."""
        async with self._asked(query, arguments) as result:
            row = result.mappings().first()
        if row is None:
            raise NoResult
        return dict(row)

    async def execute_query_all_async(self, query: str, **arguments: Any) -> list[dict[str, Any]]:
        """Run a query and give its rows."""
        async with self._asked(query, arguments) as result:
            return [dict(row) for row in result.mappings()]

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        """Hear nothing: PgBouncer passes no notification on, and looking once a second is enough."""

    @asynccontextmanager
    async def _asked(self, query: str, arguments: dict[str, Any]) -> AsyncIterator[CursorResult[Any]]:
        given = {name: list(value) if isinstance(value, (set, tuple)) else value for name, value in arguments.items()}
        async with self._database.transaction() as tx:
            yield await tx.connection.exec_driver_sql(query, given)
