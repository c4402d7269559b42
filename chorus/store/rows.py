"""Turn values into rows and back: field names are column names."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Select, Table, insert
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
        await connection.execute(insert(table), rows)


async def fetch_all[V: Value](connection: AsyncConnection, query: Select[Any], kind: type[V]) -> list[V]:
    """Read every row of a query as a value."""
    return [kind.of(row) for row in (await connection.execute(query)).mappings()]


async def fetch_one[V: Value](connection: AsyncConnection, query: Select[Any], kind: type[V]) -> V | None:
    """Read the first row of a query as a value, if there is one."""
    row = (await connection.execute(query.limit(1))).mappings().first()
    return kind.of(row) if row else None
