"""Statements that a run sends again and again: built once, and then given to the driver as they are.

SQLAlchemy takes twice as long to run a statement as the driver (decision 0022). What it is good at it has done when
a ``Fixed`` is used for the first time: SQL for this dialect, and how each parameter is told. What comes back is as the
driver reads it; values of ``domain`` are checked when they are made of rows.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from psycopg import AsyncConnection as Driver
from psycopg import AsyncCursor
from psycopg.rows import dict_row, tuple_row
from sqlalchemy import ClauseElement, Dialect
from sqlalchemy.dialects.postgresql import psycopg as dialects
from sqlalchemy.ext.asyncio import AsyncConnection

_dialect: Any = dialects.dialect_async
_DIALECT: Dialect = _dialect()

type Row = dict[str, Any]


def driver_of(connection: AsyncConnection) -> Driver:
    """The driver's connection behind SQLAlchemy's."""
    sqlalchemys: Any = connection.sync_connection
    driver: Driver = sqlalchemys.connection.dbapi_connection.driver_connection
    return driver


class Fixed:
    """A statement that never changes but for its parameters; ``binary``: its rows are bytes for the most part."""

    def __init__(self, statement: ClauseElement, *, binary: bool = False) -> None:
        self._statement = statement
        self._binary = binary

    async def rows(self, connection: AsyncConnection, **parameters: Any) -> list[Row]:
        """Run it and read every row by its names."""
        cursor = driver_of(connection).cursor(row_factory=dict_row)
        await cursor.execute(self._sql, self._told(parameters), binary=self._binary)
        return await cursor.fetchall()

    async def tuples(self, connection: AsyncConnection, **parameters: Any) -> list[tuple[Any, ...]]:
        """Run it and read every row by its places."""
        cursor = await self.run(connection, **parameters)
        return await cursor.fetchall()

    async def scalar(self, connection: AsyncConnection, **parameters: Any) -> Any:
        """Run it and read the first column of the first row; None if there is none."""
        cursor = await self.run(connection, **parameters)
        row = await cursor.fetchone()
        return row[0] if row else None

    async def run(self, connection: AsyncConnection, **parameters: Any) -> AsyncCursor[Any]:
        """Run it; the cursor says how many rows it changed."""
        cursor = driver_of(connection).cursor(row_factory=tuple_row)
        return await cursor.execute(self._sql, self._told(parameters))

    @cached_property
    def _compiled(self) -> Any:
        return self._statement.compile(dialect=_DIALECT)

    @cached_property
    def _sql(self) -> bytes:
        return str(self._compiled).encode()

    @cached_property
    def _tellings(self) -> dict[str, Callable[[Any], Any]]:
        """What makes of a parameter what the driver sends, for those that are not sent as they are."""
        names = self._compiled.bind_names
        tellings = {names[bind]: bind.type.dialect_impl(_DIALECT).bind_processor(_DIALECT) for bind in names}
        return {name: tell for name, tell in tellings.items() if tell}

    @cached_property
    def _constants(self) -> dict[str, Any]:
        return dict(self._compiled.params)

    def _told(self, parameters: dict[str, Any]) -> dict[str, Any]:
        told = self._constants | parameters
        for name, tell in self._tellings.items():
            told[name] = tell(told[name])
        return told
