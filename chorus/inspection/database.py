"""The database: the server, its pgvector, and whether its tables are this version's."""

import asyncio
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from chorus.embedded import EmbeddedPostgres
from chorus.errors import ChorusError
from chorus.inspection.report import Area, Condition, Part
from chorus.settings import ChorusConfig
from chorus.store import OLDEST_PGVECTOR, OLDEST_POSTGRES, SchemaState, ServerLook, is_old_pgvector, look_at

_WANTED = ".".join(map(str, OLDEST_PGVECTOR))


async def inspect_database(config: ChorusConfig) -> Sequence[Part]:
    """Look at the server that DATABASE_URL names, or at the embedded one if it runs."""
    url, location = config.database.url, ""
    if url is None:
        status = await asyncio.to_thread(EmbeddedPostgres(config.system.home).status)
        location = str(status.data)
        if not status.running:
            said = (
                "not set up yet; the first story does that"
                if status.version is None
                else "stopped; the next command starts it"
            )
            version = status.version and f"Postgres {status.version}"
            return [_part("database", "Embedded Postgres", Condition.OFF, said, version=version, location=location)]
        url = status.url
    title = "Embedded Postgres" if location else "Postgres"
    location = location or where(url)
    try:
        look = await asyncio.to_thread(look_at, url, config.database.db_schema)
    except ChorusError as error:
        return [_part("database", title, Condition.PROBLEM, "unreachable", location=location, remedy=str(error))]
    embedded = config.uses_embedded_database
    return [_server(look, title, location), _pgvector(look), _tables(look, config.database.db_schema, embedded)]


def _server(look: ServerLook, title: str, location: str) -> Part:
    version = f"Postgres {look.version.split(' ')[0]}"
    figures = {"size_bytes": look.size_bytes, "connections": look.connections}
    condition, remedy = Condition.OK, None
    said = f"answers, {look.size_bytes / 1e6:.0f} MB, {look.connections} of {look.most_connections} connections"
    if look.version_number < OLDEST_POSTGRES:
        condition, remedy = Condition.PROBLEM, "Chorus needs PostgreSQL 15 or newer: upgrade it, or unset DATABASE_URL."
    elif look.connections > look.most_connections * 0.9:
        condition, remedy = Condition.WARNING, "Raise max_connections, or stop what holds so many connections."
    return _part("database", title, condition, said, version=version, location=location, remedy=remedy, figures=figures)


def _pgvector(look: ServerLook) -> Part:
    condition, remedy = Condition.OK, None
    said = "in this database"
    if look.pgvector is None and look.pgvector_offered is None:
        condition, said = Condition.PROBLEM, "this server has none"
        remedy = f"Install pgvector >= {_WANTED} there, or unset DATABASE_URL."
    elif is_old_pgvector(look.pgvector or look.pgvector_offered or ""):
        condition, said = Condition.PROBLEM, f"older than {_WANTED}"
        remedy = f"Install pgvector >= {_WANTED} there, then run ALTER EXTENSION vector UPDATE in the database."
    elif look.pgvector is None:
        condition, said = Condition.WARNING, "offered, and not created in this database yet"
        remedy = "Run `chorus db upgrade`, which creates it if the user may: else CREATE EXTENSION vector."
    return _part("pgvector", "pgvector", condition, said, version=look.pgvector or look.pgvector_offered, remedy=remedy)


def _tables(look: ServerLook, schema: str, embedded: bool) -> Part:
    said = {
        SchemaState.CURRENT: "those of this version",
        SchemaState.MISSING: "none of Chorus yet",
        SchemaState.OLDER: "of an older Chorus",
        SchemaState.NEWER: "of a newer Chorus",
    }[look.tables]
    if look.tables is SchemaState.CURRENT:
        return _part("tables", "Tables", Condition.OK, said, location=f"schema {schema}")
    if look.tables is SchemaState.NEWER:
        remedy, condition = "Update this Chorus.", Condition.PROBLEM
    elif embedded:
        remedy, condition = "The next command brings them up to date.", Condition.WARNING
    else:
        remedy, condition = "Run `chorus db upgrade`.", Condition.PROBLEM
    return _part("tables", "Tables", condition, said, location=f"schema {schema}", remedy=remedy)


def _part(name: str, title: str, condition: Condition, said: str, **more: object) -> Part:
    return Part.model_validate(
        {"area": Area.DATABASE, "name": name, "title": title, "condition": condition, "said": said, **more}
    )


def where(url: str) -> str:
    """Host, port and database of a URL, without user, password and options."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2] or parse_qs(parts.query).get("host", ["localhost"])[0]
    return f"{host}{parts.path}"
