"""A Postgres of our own: started when somebody needs it, shared by everybody on this machine, stopped only when asked.

The binaries come from a wheel; the supervision is ours, because what hands out a server must notice when it was killed.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from filelock import FileLock

from chorus.embedded.account import Account, server_account
from chorus.embedded.places import VERSION, Places, binaries_for, make_base, places_for, possible_data
from chorus.embedded.progress import SILENT, Progress
from chorus.errors import EmbeddedError, NotEnoughDisk
from chorus.logs import keep_small

DATABASE = USER = "chorus"
START_TIMEOUT_S = 300.0
"""Recovery after a crash replays what is not in the tables yet."""
STOP_TIMEOUT_S = 60.0
DYING_TIMEOUT_S = 10.0
INITDB_TIMEOUT_S = 300.0
STARTS = 3
LEAST_BUFFERS_MB, MOST_BUFFERS_MB = 128, 1024
NEW_CLUSTER_BYTES = 150_000_000
"""What a new cluster takes with its first log files, and a little more."""
_TROUBLE = re.compile(r"FATAL|PANIC|error:|could not", re.I)
_FULL = ("too many clients", "connection slots are reserved")
"""What a healthy server says that has no room for one more."""
_SHELL = '"$@" </dev/null >>"$0" 2>&1 & echo $!'
_SETTINGS = """\
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = {buffers}MB
maintenance_work_mem = 256MB
max_wal_size = 2GB
wal_level = minimal
max_wal_senders = 0
max_logical_replication_workers = 0
max_parallel_workers_per_gather = 0
max_parallel_maintenance_workers = 0
io_method = sync
jit = off
huge_pages = off
log_min_messages = warning
log_line_prefix = '%m [%p] '
"""


def buffers_mb(machine_bytes: int) -> int:
    """What the server may keep of its tables: a sixteenth of the machine's memory, taken only as it is filled.

    A search among a million memories reads some ten thousand pages; each costs less here than from the system.
    """
    return max(LEAST_BUFFERS_MB, min(MOST_BUFFERS_MB, machine_bytes // 16 >> 20))


@dataclass(frozen=True)
class PostgresStatus:
    """How the server stands; ``size_bytes`` is what its data take on disk."""

    running: bool
    pid: int | None
    version: str | None
    data: Path
    log: Path
    url: str
    size_bytes: int


class EmbeddedPostgres:
    """The server that belongs to one CHORUS_HOME."""

    def __init__(self, home: Path) -> None:
        """Name the home; nothing is started or made."""
        self.home = home.expanduser().absolute()

    @cached_property
    def _account(self) -> Account:
        return server_account(*possible_data(self.home))

    @cached_property
    def _places(self) -> Places:
        return places_for(self.home, self._account)

    def url(self) -> str:
        """Where the server answers, or would."""
        return f"postgresql+psycopg://{USER}@/{DATABASE}?host={quote(str(self._places.socket), safe='')}"

    def ensure(self, progress: Progress = SILENT) -> str:
        """Return the server's URL once it answers, starting it if need be; any number of processes may call this.

        Raises:
            EmbeddedError: it does not start; the message says where its log is.
        """
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            if not self._is_ready():
                with FileLock(self.home / "postgres.lock"):
                    if not self._is_ready():
                        self._bring_up(progress)
        except (OSError, subprocess.SubprocessError, psycopg.Error) as error:
            raise EmbeddedError(
                f"The embedded database cannot be used: {error}. Set CHORUS_HOME to another folder than {self.home}, "
                "or DATABASE_URL to a database of your own."
            ) from error
        return self.url()

    def status(self) -> PostgresStatus:
        """Say how the server stands; nothing is started."""
        pid = self._postmaster()
        return PostgresStatus(
            running=pid is not None and self._says_ready(),
            pid=pid,
            version=self._data_version(),
            data=self._places.data,
            log=self._places.log,
            url=self.url(),
            size_bytes=_size_of(self._places.data),
        )

    def stop(self) -> bool:
        """Stop the server if it runs; what is committed is kept. Returns whether it ran."""
        if not self._places.base.is_dir():
            return False
        with FileLock(self.home / "postgres.lock"):
            running = self._postmaster()
            if running is not None:
                _end([psutil.Process(running)], signal.SIGINT, STOP_TIMEOUT_S)  # roll back, write everything, go
            self._clear_the_way()
        return running is not None

    def was_stopped(self) -> bool:
        """Whether it does not run because somebody stopped it; one that was killed leaves its pid file behind."""
        return not self._pidfile.exists()

    def remove(self) -> None:
        """Stop the server and delete its data, wherever they lie."""
        self.stop()
        for folder in (self._places.socket, self._places.base):
            shutil.rmtree(folder, ignore_errors=True)

    def _bring_up(self, progress: Progress) -> None:
        """Whatever state it is in, make it answer. Under the lock."""
        if self._is_unreachable():
            _end([psutil.Process(self._postmaster())], signal.SIGINT, STOP_TIMEOUT_S)
        if self._postmaster() is None:
            self._clear_the_way()
            self._create(progress)
        self._start(progress)
        self._create_database()

    # --- the cluster

    def _create(self, progress: Progress) -> None:
        """Make the cluster beside its place and move it there whole, so that a kill leaves nothing half made."""
        if self._places.data.exists():
            self._check_version()
            return
        progress.advance("Creating the database", 0, 1, "step")
        self._make_base()
        self._require_room()
        half = Path(tempfile.mkdtemp(dir=self._places.base, prefix="initdb-"))
        self._account.own(half)
        locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        try:
            self._run("initdb", "-D", str(half), "-U", USER, "-A", "trust", "-E", "UTF8", *locale, "--no-instructions")
        except EmbeddedError:
            shutil.rmtree(half, ignore_errors=True)
            raise
        with (half / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write("include_if_exists = 'chorus.conf'\n")
        half.rename(self._places.data)
        progress.advance("Creating the database", 1, 1, "step")

    def _require_room(self) -> None:
        free = shutil.disk_usage(self._places.base).free
        if free < NEW_CLUSTER_BYTES:
            raise NotEnoughDisk(
                f"{self._places.base} has {free // 1_000_000} MB left, and a new database takes "
                f"{NEW_CLUSTER_BYTES // 1_000_000}: make room, set CHORUS_HOME to a folder elsewhere, or DATABASE_URL "
                "to a database of your own."
            )

    def _check_version(self) -> None:
        version = self._data_version()
        if version != VERSION:
            raise EmbeddedError(
                f"{self._places.data} holds data of Postgres {version or '(unknown)'}, and this is Postgres {VERSION}. "
                "Move that folder away to start afresh, or export the stories with the Chorus that wrote them."
            )

    def _data_version(self) -> str | None:
        path = self._places.data / "PG_VERSION"
        return path.read_text(encoding="utf-8").strip() if path.exists() else None

    def _make_base(self) -> None:
        make_base(self._places, self._account)
        for leftover in self._places.base.glob("initdb-*"):
            _end(_at_work_in(leftover), signal.SIGKILL, STOP_TIMEOUT_S)  # whoever began them was killed
            shutil.rmtree(leftover, ignore_errors=True)

    def _create_database(self) -> None:
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if not known:
                connection.execute(f"CREATE DATABASE {DATABASE}")
        with psycopg.connect(self._conninfo(DATABASE), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")

    # --- the server

    def _start(self, progress: Progress) -> None:
        """Start the server, or wait for one that is starting; once more if it was just being stopped."""
        for attempt in range(1, STARTS + 1):
            progress.advance("Starting the database", attempt - 1, STARTS, "step")
            pid = self._postmaster() or self._launch()
            if self._comes_up(pid):
                progress.advance("Starting the database", STARTS, STARTS, "step")
                return
        raise EmbeddedError(f"The embedded database does not start. {self._last_words()}")

    def _launch(self) -> int:
        """Start the server in a session of its own, nobody's child, and return its process id at once."""
        self._clear_the_way()
        self._account.make_folder(self._places.socket)
        keep_small(self._places.log)
        settings = self._places.data / "chorus.conf"
        settings.write_text(
            _SETTINGS.format(socket=self._places.socket, buffers=buffers_mb(psutil.virtual_memory().total)),
            encoding="utf-8",
        )
        self._account.own(settings)
        postgres = str(binaries_for(self._account) / "postgres")
        command = ["/bin/sh", "-c", _SHELL, str(self._places.log), postgres, "-D", str(self._places.data)]
        return int(self._execute(command, STOP_TIMEOUT_S).stdout)

    def _comes_up(self, pid: int) -> bool:
        """Wait until the server answers; False if it ends instead."""
        give_up = time.monotonic() + START_TIMEOUT_S
        while not self._answers("postgres"):
            if not _lives(pid):
                return False
            if time.monotonic() > give_up:
                raise EmbeddedError(
                    f"No answer from the embedded database in {START_TIMEOUT_S} s. {self._last_words()}"
                )
            time.sleep(0.02)
        return True

    def _last_words(self) -> str:
        with self._places.log.open(encoding="utf-8", errors="replace") as log:
            said = "".join(deque(log, 8)).strip()
        return f"The end of its log, {self._places.log}:\n{said}"

    def _clear_the_way(self) -> None:
        """Let what is left of a killed server die, and forget the files that make it seem to run."""
        _end([left for left in psutil.process_iter() if _works_in(left, self._places.data)], signal.SIGQUIT)
        for leftover in (self._pidfile, *self._places.socket.glob(".s.PGSQL.*")):
            leftover.unlink(missing_ok=True)

    @property
    def _pidfile(self) -> Path:
        return self._places.data / "postmaster.pid"

    def _says_ready(self) -> bool:
        try:
            return self._pidfile.read_text(encoding="utf-8").split("\n")[7].strip() == "ready"
        except (OSError, IndexError):
            return False

    def _is_unreachable(self) -> bool:
        """Whether it runs, but its socket was cleaned away, as happens to temporary files."""
        return (
            self._postmaster() is not None
            and self._says_ready()
            and not (self._places.socket / ".s.PGSQL.5432").exists()
        )

    def _postmaster(self) -> int | None:
        """The process id of the running server; None if its pid file is stale or there is none."""
        try:
            pid = int(self._pidfile.read_text(encoding="utf-8").split("\n", 1)[0])
            ours = _lives(pid) and _works_in(psutil.Process(pid), self._places.data)
        except (OSError, ValueError, psutil.Error):
            return None
        return pid if ours else None

    def _is_ready(self) -> bool:
        return self._answers(DATABASE, "SELECT FROM pg_extension WHERE extname = 'vector'")

    def _answers(self, database: str, query: str = "SELECT") -> bool:
        """Whether the server answers with a row; who answers without our pid file serves a folder that was deleted."""
        if not self._pidfile.exists():
            return False
        try:
            with psycopg.connect(self._conninfo(database), autocommit=True) as connection:
                return connection.execute(query.encode()).fetchone() is not None
        except psycopg.OperationalError as error:
            return any(words in str(error) for words in _FULL)
        except psycopg.Error:
            return False

    def _conninfo(self, database: str) -> str:
        return psycopg.conninfo.make_conninfo(
            host=str(self._places.socket), user=USER, dbname=database, connect_timeout=5
        )

    def _run(self, program: str, *arguments: str) -> None:
        done = self._execute([str(binaries_for(self._account) / program), *arguments], INITDB_TIMEOUT_S)
        if done.returncode:
            said = done.stdout.strip().splitlines()
            said = [line for line in said if _TROUBLE.search(line)] or said
            raise EmbeddedError(
                f"The embedded database: {program} failed ({said[-1] if said else f'exit {done.returncode}'}). "
                "A database of your own can be set as DATABASE_URL."
            )

    def _execute(self, command: list[str], timeout_s: float) -> subprocess.CompletedProcess[str]:
        """Run a program to its end as the server's user, in a session of its own."""
        done: subprocess.CompletedProcess[str] = subprocess.run(  # noqa: S603 - our own binaries and paths
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            cwd=self._places.base,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},  # and none of our secrets
            start_new_session=True,
            umask=0o077,
            timeout=timeout_s,
            check=False,
            **self._account.popen_options,  # type: ignore[call-overload]
        )
        return done


def _works_in(process: psutil.Process, folder: Path) -> bool:
    """Whether a Postgres process serves this cluster, or one that was deleted there: each works in its data folder."""
    try:
        at = process.cwd() if process.name().startswith("postgres") else ""
    except (psutil.Error, OSError):
        return False
    return at.removesuffix(" (deleted)") == str(folder.resolve())


def _lives(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has reaped does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _at_work_in(folder: Path) -> list[psutil.Process]:
    """The processes whose command names a folder, and what they began."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter(["cmdline"]):
        if str(folder) in (process.info["cmdline"] or ()):
            with suppress(psutil.NoSuchProcess):
                found += [process, *process.children(recursive=True)]
    return found


def _end(processes: list[psutil.Process], polite: signal.Signals, patience_s: float = DYING_TIMEOUT_S) -> None:
    """End processes: ask, wait, then insist."""
    for how, wait_s in ((polite, patience_s), (signal.SIGKILL, DYING_TIMEOUT_S)):
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(how)
        give_up = time.monotonic() + wait_s
        while any(_lives(process.pid) and process.is_running() for process in processes):
            if time.monotonic() > give_up:
                break
            time.sleep(0.02)
        else:
            return


def _size_of(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_size
        except OSError:  # gone in the meantime
            continue
    return total
