"""One embedded Postgres for a test session, and a fresh migrated database for whoever asks."""

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from chorus.embedded.postgres import EmbeddedPostgres
from chorus.store import upgrade

TEMPLATE = "chorus_template"


class Server:
    """A running server that makes databases."""

    def __init__(self, postgres: EmbeddedPostgres) -> None:
        self.postgres = postgres
        self._plain = postgres.ensure().replace("+psycopg", "")
        self._numbers = itertools.count(1)
        self._made: set[str] = set()
        upgrade(self.url(self.create(TEMPLATE, template="template1")))

    def url(self, name: str) -> str:
        """The URL of a database, as a user would write it down."""
        return self._plain.replace("/chorus?", f"/{name}?")

    def create(self, name: str | None = None, template: str = TEMPLATE, locale: str = "") -> str:
        """Make a database and return its name; another ``locale`` than the server's is the operating system's."""
        name = name or f"test_{next(self._numbers)}"
        told = f" LOCALE_PROVIDER libc LOCALE '{locale}'" if locale else ""
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"{told}')
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected."""
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._plain, autocommit=True) as connection:
            connection.execute(statement.encode())


def count_rows(url: str) -> dict[str, int]:
    """Count the rows of every table of a database."""
    with psycopg.connect(url) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        counted = {}
        for (name,) in names:
            query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))
            row = connection.execute(query).fetchone()
            counted[str(name)] = int(row[0]) if row else 0
        return counted


@contextmanager
def embedded_server() -> Iterator[Server]:
    """Run a server in a folder of its own, and leave nothing behind."""
    home = Path(tempfile.mkdtemp(prefix="chorus-pg-"))
    home.chmod(0o711)
    postgres = EmbeddedPostgres(home)
    try:
        yield Server(postgres)
    finally:
        postgres.stop()
        shutil.rmtree(home, ignore_errors=True)
