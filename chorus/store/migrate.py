"""Bring the tables to this version of Chorus, and tell how far they are from it.

Alembic is loaded by whoever changes tables; every other process only looks at which revision they are.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, create_engine, func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from chorus.errors import DatabaseUnavailable, SchemaMismatch, StoreError
from chorus.store.tables import PROCRASTINATE, metadata

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATION_LOCK = 0x63686F727573  # "chorus": one upgrade at a time in one database
_MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaState(StrEnum):
    """How the tables compare with the code."""

    MISSING = "missing"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"


def upgrade(url: str, schema: str = "public", to: str = "head") -> None:
    """Bring the tables to revision ``to``; safe to run from several processes at once.

    Raises:
        DatabaseUnavailable: nobody answers at ``url``.
        SchemaMismatch: the tables are newer than this version.
        StoreError: the server has no pgvector, or the user may not create tables.
    """
    from alembic import command

    with connected(url, schema) as connection:
        if schema != "public":
            connection.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
        if state_of(connection, schema) is SchemaState.NEWER:
            raise SchemaMismatch("The database was made by a newer Chorus: update this one.")
        command.upgrade(_config(connection, schema), to)


def downgrade(url: str, schema: str, to: str) -> None:
    """Take the tables back to revision ``to``; "base" removes them."""
    from alembic import command

    with connected(url, schema) as connection:
        command.downgrade(_config(connection, schema), to)


def schema_state(url: str, schema: str = "public") -> SchemaState:
    """Compare the tables with the code."""
    with connected(url, schema) as connection:
        return state_of(connection, schema)


def differences(url: str, schema: str = "public") -> list[object]:
    """List what the migrations leave different from ``tables``; empty when they agree.

    Procrastinate's tables are not looked at: what they are is procrastinate's to say.
    """
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with connected(url, schema) as connection:
        options = {"compare_type": True, "compare_server_default": False, "include_name": _is_ours}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return not (kind == "table" and name in PROCRASTINATE)


def _config(connection: Connection, schema: str) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes.update(connection=connection, schema=schema)
    return config


@cache
def revisions() -> tuple[str, ...]:
    """The revisions that this version knows, the oldest first: the file of each begins with its number."""
    return tuple(sorted(path.name.partition("_")[0] for path in _MIGRATIONS.glob("versions/[0-9]*_*.py")))


def state_of(connection: Connection, schema: str) -> SchemaState:
    """Compare the tables that a connection sees with the code."""
    table = f'"{schema}".alembic_version'
    there = connection.scalar(text("SELECT to_regclass(:table)"), {"table": table})
    current = connection.scalar(text(f"SELECT version_num FROM {table}")) if there else None  # noqa: S608 - our own name
    if current is None:
        return SchemaState.MISSING
    if current == revisions()[-1]:
        return SchemaState.CURRENT
    return SchemaState.OLDER if current in revisions() else SchemaState.NEWER


@contextmanager
def connected(url: str, schema: str, *, waits: bool = True) -> Iterator[Connection]:
    """Connect for one transaction; it ``waits`` until no other process upgrades, unless told not to."""
    engine = create_engine(url, connect_args={"connect_timeout": 5, "prepare_threshold": None})
    try:
        with engine.begin() as connection:
            if waits:
                connection.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            if schema != "public":
                connection.execute(text("SELECT set_config('search_path', :path, true)"), {"path": f"{schema}, public"})
            yield connection
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise DatabaseUnavailable(f"The database does not answer ({reason}): check DATABASE_URL.") from error
    except DBAPIError as error:
        raise _explained(error) from error
    finally:
        engine.dispose()


def _explained(error: DBAPIError) -> StoreError:
    reason = str(error.orig).strip().splitlines()[0]
    state = getattr(error.orig, "sqlstate", "") or ""
    if "vector" in reason and state in {"0A000", "58P01", "42704"}:
        return StoreError("This Postgres has no pgvector: install pgvector >= 0.8.2 there, or unset DATABASE_URL.")
    if state == "42501" and "extension" in reason:
        return StoreError(
            "The database user may not create pgvector: let an administrator run CREATE EXTENSION vector in this "
            "database, then run `chorus db upgrade` again."
        )
    if state == "42501":
        return StoreError(f"The database user may not set up the tables ({reason}): grant it CREATE on the schema.")
    return StoreError(f"The tables could not be set up: {reason}")
