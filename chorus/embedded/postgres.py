"""A Postgres server of Chorus's own: started when needed, shared by all processes, stopped only when told to."""

import shutil
import signal
import tempfile
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

import psutil
import psycopg
from filelock import FileLock

from chorus.embedded.postgres_binaries import MAJOR, find_programs
from chorus.embedded.postgres_place import DATABASE, PORT, USER, Place, find_place, forget_place, settle_place
from chorus.embedded.process import end, find_process, last_lines, run, spawn, wait_until
from chorus.embedded.progress import SILENT, Progress
from chorus.errors import EmbeddedError

_INITDB_TIMEOUT_S = 300.0
_START_TIMEOUT_S = 300.0  # recovery after a crash replays what is not yet in the tables
_STOP_TIMEOUT_S = 60.0
_ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC"}  # and none of our secrets
_SETTINGS = {
    "listen_addresses": "",  # the socket is the only door, and its folder is private
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "jit": "off",  # compiling costs more than our queries take
    "io_method": "sync",  # no idle helper processes
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",  # they would need /dev/shm, which containers keep tiny
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "512MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "logging_collector": "off",
    "cluster_name": "chorus",
}


@dataclass(frozen=True, slots=True)
class PostgresStatus:
    """What can be said of the server without starting it."""

    running: bool
    pid: int | None
    version: str
    data_directory: Path | None
    """None: there never was one."""
    url: str | None
    size_bytes: int
    """Of all files of the data directory."""


class _Health(Enum):
    READY = auto()
    UNPREPARED = auto()  # it answers, but our database is not there yet
    SILENT = auto()


class EmbeddedPostgres:
    """The server whose files belong to ``home``."""

    def __init__(self, home: Path) -> None:
        self._home = home.expanduser().absolute()

    def ensure(self, progress: Progress = SILENT) -> str:
        """Make sure that the server runs and has the database and the extension `vector`; return the URL.

        Blocks: some milliseconds if it runs, about a second to start it, some seconds the first time. May be called by
        any number of processes at once.

        Raises:
            EmbeddedError: it cannot be started; the message holds the last lines of its log.
        """
        place = find_place(self._home)
        if place and _health(place) is _Health.READY:
            return place.url
        with self._lock():
            place = settle_place(self._home)
            self._bring_up(place, progress)
        return place.url

    def url(self) -> str:
        """The address `ensure` will return; starts nothing."""
        return settle_place(self._home).url

    def status(self) -> PostgresStatus:
        """Look at what is there; starts nothing."""
        place = find_place(self._home)
        if place is None:
            return PostgresStatus(running=False, pid=None, version=MAJOR, data_directory=None, url=None, size_bytes=0)
        process = _postmaster(place)
        return PostgresStatus(
            running=process is not None and _says_ready(place),
            pid=process.pid if process else None,
            version=_data_version(place) or MAJOR,
            data_directory=place.data,
            url=place.url,
            size_bytes=_size_bytes(place.data),
        )

    def stop(self) -> None:
        """Stop the server if it runs; clients are cut off, nothing committed is lost."""
        if place := find_place(self._home):
            with self._lock():
                _stop(place)

    def remove(self) -> None:
        """Stop the server and delete all its data, wherever it lies."""
        if place := find_place(self._home):
            with self._lock():
                _stop(place)
                for folder in (place.sockets, place.root):
                    shutil.rmtree(folder, ignore_errors=True)
                forget_place(self._home)

    def _lock(self) -> FileLock:
        self._home.mkdir(parents=True, exist_ok=True)
        return FileLock(self._home / "postgres.lock")

    def _bring_up(self, place: Place, progress: Progress) -> None:
        """Whatever state it is in, make it answer. Under the lock."""
        place.make()
        process = _postmaster(place)
        if process is None:
            _clear_away(place)
            programs = find_programs(self._home, place.account)
            if not place.data.exists():
                progress.advance("Setting up the database", 0, 1, "steps")
                _initialise(place, programs)
                progress.advance("Setting up the database", 1, 1, "steps")
            _check_version(place)
            process = _start(place, programs)
        progress.advance("Starting the database", 0, 1, "steps")
        _await_answer(place, process)
        if _health(place) is not _Health.READY:
            _prepare(place)
        progress.advance("Starting the database", 1, 1, "steps")


def _initialise(place: Place, programs: Path) -> None:
    """Make the data directory: under another name first, so that there is never half of one."""
    half = Path(tempfile.mkdtemp(prefix="data.new-", dir=place.root))
    half.rmdir()  # initdb makes it, as the account it runs as
    command: list[str | Path] = [
        *(programs / "initdb", "-D", half, "--username", USER, "--auth", "trust", "--encoding", "UTF8"),
        *("--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--no-instructions"),
    ]
    done = run(command, cwd=place.root, env=_ENVIRONMENT, account=place.account, timeout_s=_INITDB_TIMEOUT_S)
    if done.returncode:
        shutil.rmtree(half, ignore_errors=True)
        raise EmbeddedError(f"The database could not be set up in {place.root}:\n{done.stdout.strip()[-2000:]}")
    half.rename(place.data)


def _start(place: Place, programs: Path) -> psutil.Process | None:
    settings = _SETTINGS | {"unix_socket_directories": str(place.sockets)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command: list[str | Path] = [programs / "postgres", "-D", place.data, *options]
    return find_process(spawn(command, log=place.log, cwd=place.root, env=_ENVIRONMENT, account=place.account))


def _await_answer(place: Place, process: psutil.Process | None) -> None:
    def settled() -> bool:
        return _health(place) is not _Health.SILENT or process is None or find_process(process.pid) is None

    in_time = wait_until(settled, _START_TIMEOUT_S)
    if _health(place) is _Health.SILENT:
        what = "ended while starting" if in_time else f"did not answer for {_START_TIMEOUT_S:.0f} s"
        raise EmbeddedError(f"The database server {what}. The end of {place.log}:\n{last_lines(place.log)}")


def _prepare(place: Place) -> None:
    with _connect(place, "postgres") as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if not known:
            connection.execute(f'CREATE DATABASE "{DATABASE}"')
    with _connect(place, DATABASE) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")


def _stop(place: Place) -> None:
    if process := _postmaster(place):
        end([process], polite=signal.SIGINT, patience_s=_STOP_TIMEOUT_S)  # "fast": roll back, write all, go
    _clear_away(place)


def _health(place: Place) -> _Health:
    """Ask the server itself, which takes milliseconds; without its pidfile, whoever answers is not ours."""
    if not (place.data / "postmaster.pid").exists():
        return _Health.SILENT
    try:
        with _connect(place, DATABASE) as connection:
            found = connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'vector'").fetchone()
            return _Health.READY if found else _Health.UNPREPARED
    except (psycopg.errors.InvalidCatalogName, psycopg.errors.UndefinedObject):
        return _Health.UNPREPARED
    except psycopg.errors.TooManyConnections:
        return _Health.READY
    except psycopg.OperationalError as error:
        return _Health.UNPREPARED if f'database "{DATABASE}" does not exist' in str(error) else _Health.SILENT


def _connect(place: Place, database: str) -> psycopg.Connection:
    return psycopg.connect(
        host=str(place.sockets), port=PORT, user=USER, dbname=database, autocommit=True, connect_timeout=5
    )


def _postmaster(place: Place) -> psutil.Process | None:
    """The server's main process by its pidfile, unless that is a leftover, perhaps with a number now another's."""
    process = _process_of(place.data / "postmaster.pid")
    return process if process and _is_at(process, place) else None


def _process_of(pidfile: Path) -> psutil.Process | None:
    try:
        return find_process(int(pidfile.read_text(encoding="utf-8").split("\n", 1)[0]))
    except (OSError, ValueError):
        return None


def _is_at(process: psutil.Process, place: Place) -> bool:
    """Whether it is a Postgres that works in the data directory, or in one of that name that was deleted."""
    try:
        return "postgres" in process.name() and process.cwd().removesuffix(" (deleted)") == str(place.data.resolve())
    except (psutil.Error, OSError):
        return False


def _clear_away(place: Place) -> None:
    """Remove what a killed server left, so that Postgres does not take it for a running one.

    Its children notice the death by themselves, but not at once, and no server starts beside them.
    """
    end([process for process in psutil.process_iter() if _is_at(process, place)], polite=signal.SIGQUIT)
    leftovers = [place.data / "postmaster.pid", *place.sockets.glob(".s.PGSQL.*")]
    for leftover in leftovers:
        leftover.unlink(missing_ok=True)
    for half in place.root.glob("data.new-*"):
        shutil.rmtree(half, ignore_errors=True)


def _check_version(place: Place) -> None:
    if (found := _data_version(place)) != MAJOR:
        raise EmbeddedError(
            f"{place.data} was made by Postgres {found}, and this Chorus runs Postgres {MAJOR}.\n"
            "Move that folder away to start afresh, or read it with the Chorus that wrote it and export the stories."
        )


def _data_version(place: Place) -> str | None:
    try:
        return (place.data / "PG_VERSION").read_text(encoding="ascii").strip()
    except OSError:
        return None


def _says_ready(place: Place) -> bool:
    try:
        return (place.data / "postmaster.pid").read_text(encoding="utf-8").split("\n")[7].strip() == "ready"
    except (OSError, IndexError):
        return False


def _size_bytes(folder: Path) -> int:
    total = 0
    for parent, _, names in folder.walk():
        for name in names:
            try:
                total += (parent / name).stat().st_blocks * 512
            except OSError:
                continue
    return total
