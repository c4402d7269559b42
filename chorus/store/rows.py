"""Turn values into rows and back: field names are column names.

A statement that is built once and run with parameters costs half of one that is built for each run: those that a run
needs for every scene stand at the top of their module.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Insert, Select, Table, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chorus.domain.value import Value


def row_of(value: Value) -> dict[str, Any]:
    """The columns of a value; nested models become JSON."""
    return {
        name: field.model_dump(mode="json") if isinstance(field, BaseModel) else _plain(field) for name, field in value
    }


def _plain(field: object) -> object:
    return list(field) if isinstance(field, tuple) else field


async def add_all(connection: AsyncConnection, table: Table, values: Iterable[Value]) -> None:
    """Insert values into their table."""
    rows = [row_of(value) for value in values]
    if rows:
        await connection.execute(_inserting(table), rows if len(rows) > 1 else rows[0])


async def fetch_all[V: Value](
    connection: AsyncConnection, query: Select[Any], kind: type[V], **parameters: Any
) -> list[V]:
    """Read every row of a query as a value."""
    return [kind.of(row) for row in (await connection.execute(query, parameters)).mappings()]


async def fetch_one[V: Value](
    connection: AsyncConnection, query: Select[Any], kind: type[V], **parameters: Any
) -> V | None:
    """Read the first row of a query as a value, if there is one; the query says that it wants no more."""
    row = (await connection.execute(query, parameters)).mappings().first()
    return kind.of(row) if row else None


@cache
def _inserting(table: Table) -> Insert:
    return insert(table)
