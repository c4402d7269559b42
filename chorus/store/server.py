"""Looks at a database server: its version, its pgvector, the tables of Chorus in it. Waits for nobody's lock."""

from dataclasses import dataclass

from sqlalchemy import text

from chorus.store.migrate import SchemaState, connected, state_of

OLDEST_POSTGRES = 150_000
OLDEST_PGVECTOR = (0, 8, 2)


@dataclass(frozen=True, slots=True)
class ServerLook:
    """What can be read of a server without changing anything."""

    version: str
    version_number: int
    """As Postgres counts: 180001 is 18.1."""
    pgvector: str | None
    """The version in this database; None: not created here."""
    pgvector_offered: str | None
    """The version the server could create; None: it has none."""
    tables: SchemaState
    size_bytes: int
    connections: int
    most_connections: int


def look_at(url: str, schema: str = "public") -> ServerLook:
    """Look at a server and the database in ``url``.

    Raises:
        DatabaseUnavailable: nobody answers there.
    """
    with connected(url, schema, waits=False) as connection:
        row = (
            connection.execute(
                text(
                    "SELECT current_setting('server_version') AS version,"
                    " current_setting('server_version_num')::int AS version_number,"
                    " (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS pgvector,"
                    " (SELECT default_version FROM pg_available_extensions WHERE name = 'vector') AS pgvector_offered,"
                    " pg_database_size(current_database()) AS size_bytes,"
                    " (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,"
                    " current_setting('max_connections')::int AS most_connections"
                )
            )
            .mappings()
            .one()
        )
        return ServerLook(tables=state_of(connection, schema), **row)


def is_old_pgvector(version: str) -> bool:
    """Whether a version of pgvector is older than the one Chorus needs."""
    numbers = tuple(int(number) for number in version.split(".") if number.isdecimal())
    return numbers < OLDEST_PGVECTOR
