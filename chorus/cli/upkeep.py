"""``db`` and ``stop``: the database and the other parts that Chorus runs itself."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from chorus.cli.open import log_to_stderr
from chorus.cli.terminal import show_table, size, table, tell
from chorus.cli.watch import onlooker

if TYPE_CHECKING:
    from rich.table import Table

    from chorus.settings import ChorusConfig

_UNTIL = "What still runs of Chorus waits until a command of yours starts it again."


def _config() -> "ChorusConfig":
    from chorus.settings import load_config

    config = load_config()
    log_to_stderr(config)
    return config


def upgrade_database() -> int:
    """Bring the tables to this version, starting the embedded database if that is the one."""
    from chorus.store import upgrade

    config = _config()
    url = config.database.url
    if url is None:
        from chorus.embedded import EmbeddedPostgres

        with onlooker() as looking_on:
            url = EmbeddedPostgres(config.system.home).ensure(looking_on)
    upgrade(url, config.database.db_schema)
    tell("The database is up to date.")
    return 0


def database_status() -> int:
    """Say where the database is, whether it answers, and how its tables compare with this version."""
    config = _config()
    rows = table("", "")
    rows.show_header = False
    url = config.database.url
    if url is None:
        url = _embedded_status(config, rows)
    else:
        rows.add_row("server", _printable(url))
    if url is not None:
        from chorus.store import schema_state

        rows.add_row("tables", schema_state(url, config.database.db_schema).value)
    show_table(rows)
    return 0


def _embedded_status(config: "ChorusConfig", rows: "Table") -> str | None:
    """Add how the embedded server stands; return its URL if it runs."""
    from chorus.embedded import EmbeddedPostgres

    status = EmbeddedPostgres(config.system.home).status()
    if status.version is None:
        rows.add_row("server", "embedded, not set up yet")
        return None
    state = f"runs (process {status.pid})" if status.running else "is stopped"
    rows.add_row("server", f"embedded Postgres {status.version}, {state}")
    rows.add_row("data", f"{status.data} ({size(status.size_bytes)})")
    rows.add_row("log", str(status.log))
    return status.url if status.running else None


def database_url() -> int:
    """Print the URL, as psql and other tools take it."""
    from chorus.embedded import EmbeddedPostgres

    config = _config()
    url = config.database.url or EmbeddedPostgres(config.system.home).url()
    tell(url.replace("postgresql+psycopg://", "postgresql://", 1))
    return 0


def stop_database() -> int:
    """Stop the embedded server, if it runs."""
    from chorus.embedded import EmbeddedPostgres

    stopped = EmbeddedPostgres(_config().system.home).stop()
    tell(f"The database is stopped; everything in it is kept. {_UNTIL}" if stopped else "The database was not running.")
    return 0


def stop_everything() -> int:
    """Stop every embedded part that runs."""
    from chorus.embedded import stop_all

    stopped = stop_all(_config().system.home)
    tell(f"Stopped: {', '.join(stopped)}. Nothing is lost. {_UNTIL}" if stopped else "Nothing was running.")
    return 0


def _printable(url: str) -> str:
    """A URL without its password."""
    parts = urlsplit(url.replace("postgresql+psycopg://", "postgresql://", 1))
    where = parts.netloc.rpartition("@")[2]
    user = parts.username or ""
    return urlunsplit((parts.scheme, f"{user}@{where}" if user else where, parts.path, "", ""))
