"""Turn values into rows and back: field names are column names."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from psycopg import sql
from pydantic import BaseModel
from sqlalchemy import Select, Table
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate

from chorus.domain.value import Value
from chorus.store.direct import Fixed, view_of

MOST_AT_ONCE = 1000
"""Rows that one statement inserts."""


def row_of(value: Value) -> dict[str, Any]:
    """The columns of a value; nested models become JSON."""
    return {
        name: field.model_dump(mode="json") if isinstance(field, BaseModel) else _plain(field) for name, field in value
    }


def _plain(field: object) -> object:
    return list(field) if isinstance(field, tuple) else field


async def add_all(
    connection: AsyncConnection, table: Table, values: Iterable[Value], *, unless_there: bool = False
) -> None:
    """Insert values into their table, many with each statement; ``unless_there``: what is there stays as it is."""
    rows = list(values)
    for start in range(0, len(rows), MOST_AT_ONCE):
        await _add(connection, table, rows[start : start + MOST_AT_ONCE], unless_there=unless_there)


async def _add(connection: AsyncConnection, table: Table, rows: Sequence[Value], *, unless_there: bool) -> None:
    told = f"[{','.join(row.model_dump_json() for row in rows)}]"
    inserting = _inserting(table.name, tuple(type(rows[0]).model_fields), unless_there=unless_there)
    await view_of(connection).tuples.execute(inserting, [told])


async def fetch_all[V: Value](
    connection: AsyncConnection, query: Select[Any] | ReturningUpdate[Any] | Fixed, kind: type[V], **parameters: Any
) -> list[V]:
    """Read every row of a query as a value."""
    if isinstance(query, Fixed):
        return [kind.of(row) for row in await query.rows(connection, **parameters)]
    return [kind.of(row) for row in (await connection.execute(query, parameters)).mappings()]


async def fetch_one[V: Value](
    connection: AsyncConnection, query: Select[Any] | ReturningUpdate[Any] | Fixed, kind: type[V], **parameters: Any
) -> V | None:
    """Read the first row of a query as a value, if there is one; the query says that it wants no more."""
    return next(iter(await fetch_all(connection, query, kind, **parameters)), None)


@cache
def _inserting(table: str, names: tuple[str, ...], *, unless_there: bool) -> bytes:
    """One statement for any number of rows, told as JSON: Postgres knows the types of its columns."""
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    inserting = sql.SQL(
        "INSERT INTO {table} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s)"
    ).format(table=sql.Identifier(table), columns=columns)
    return inserting.as_bytes() + (b" ON CONFLICT DO NOTHING" if unless_there else b"")
