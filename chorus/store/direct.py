"""Statements that a run sends again and again: built once, and then given to the driver as they are.

SQLAlchemy takes twice as long to run a statement as the driver (decision 0022). What it is good at it has done when
a ``Fixed`` is used for the first time: SQL for this dialect, and how each parameter is told. What comes back is as the
driver reads it; values of ``domain`` are checked when they are made of rows.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any, cast

from psycopg import AsyncConnection as Driver
from psycopg import AsyncCursor
from psycopg.rows import dict_row, tuple_row
from sqlalchemy import ClauseElement, Connection, Dialect
from sqlalchemy.dialects.postgresql import psycopg as dialects
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_dialect: Any = dialects.dialect_async
_DIALECT: Dialect = _dialect()

type Row = dict[str, Any]


class View(AsyncConnection):
    """SQLAlchemy's view of one of the driver's connections, and the cursors over which that one is told directly.

    A cursor is used again and again: what it reads is read before the next statement is sent.
    """

    driver: Driver
    tuples: AsyncCursor[tuple[Any, ...]]
    dicts: AsyncCursor[Row]

    @classmethod
    def of(cls, engine: AsyncEngine, connection: Connection) -> "View":
        """Lay it over a connection that SQLAlchemy has opened."""
        view = cls(engine, connection)
        fairy: Any = connection.connection
        view.driver = fairy.dbapi_connection.driver_connection
        view.tuples = view.driver.cursor(row_factory=tuple_row)
        view.dicts = view.driver.cursor(row_factory=dict_row)
        return view


def view_of(connection: AsyncConnection) -> View:
    """What the pool has lent, which is always a view; repositories know it as SQLAlchemy's."""
    return cast("View", connection)


class Fixed:
    """A statement that never changes but for its parameters; ``binary``: its rows are bytes for the most part."""

    def __init__(self, statement: ClauseElement, *, binary: bool = False) -> None:
        self._statement = statement
        self._binary = binary

    async def rows(self, connection: AsyncConnection, **parameters: Any) -> list[Row]:
        """Run it and read every row by its names."""
        view = view_of(connection)  # bytes are many: a cursor would hold on to them until its next statement
        cursor = view.driver.cursor(row_factory=dict_row) if self._binary else view.dicts
        await cursor.execute(self._sql, self._told(parameters), binary=self._binary)
        return await cursor.fetchall()

    async def tuples(self, connection: AsyncConnection, **parameters: Any) -> list[tuple[Any, ...]]:
        """Run it and read every row by its places."""
        cursor = view_of(connection).tuples
        await cursor.execute(self._sql, self._told(parameters))
        return await cursor.fetchall()

    async def scalar(self, connection: AsyncConnection, **parameters: Any) -> Any:
        """Run it and read the first column of the first row; None if there is none."""
        cursor = view_of(connection).tuples
        await cursor.execute(self._sql, self._told(parameters))
        row = await cursor.fetchone()
        return row[0] if row else None

    async def run(self, connection: AsyncConnection, **parameters: Any) -> None:
        """Run it, whatever it gives back."""
        await view_of(connection).tuples.execute(self._sql, self._told(parameters))

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
