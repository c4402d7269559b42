"""A Postgres of our own: started when somebody needs it, shared by everybody on this machine, stopped only when asked.

The binaries come from a wheel; the supervision is ours, because what hands out a server must notice when it was killed.
"""

import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from filelock import FileLock

from chorus.embedded.account import Account, server_account
from chorus.embedded.places import Places, binaries_for, places_for
from chorus.embedded.progress import SILENT, Progress
from chorus.errors import EmbeddedError

DATABASE = USER = "chorus"
START_TIMEOUT_S = 90
DYING_TIMEOUT_S = 15.0
STARTS = 3
_SETTINGS = """\
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 128MB
maintenance_work_mem = 256MB
max_wal_size = 2GB
jit = off
huge_pages = off
log_min_messages = warning
log_line_prefix = '%m [%p] '
"""


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
        return server_account()

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
        if self._answers(DATABASE):
            return self.url()
        self.home.mkdir(parents=True, exist_ok=True)
        with FileLock(self.home / "postgres.lock"):
            if not self._answers(DATABASE):
                self._create(progress)
                self._start(progress)
                self._create_database()
        return self.url()

    def status(self) -> PostgresStatus:
        """Say how the server stands; nothing is started."""
        pid = self._postmaster()
        version_file = self._places.data / "PG_VERSION"
        return PostgresStatus(
            running=pid is not None and self._answers(DATABASE),
            pid=pid,
            version=version_file.read_text().strip() if version_file.exists() else None,
            data=self._places.data,
            log=self._places.log,
            url=self.url(),
            size_bytes=_size_of(self._places.data),
        )

    def stop(self) -> bool:
        """Stop the server if it runs; what is committed is kept. Returns whether it ran."""
        if self._postmaster() is None:
            return False
        with FileLock(self.home / "postgres.lock"):
            self._run("pg_ctl", "stop", "-D", str(self._places.data), "-m", "fast", "-w")
        return True

    # --- the cluster

    def _create(self, progress: Progress) -> None:
        """Make the cluster beside its place and move it there whole, so that a kill leaves nothing half made."""
        if (self._places.data / "PG_VERSION").exists():
            return
        progress.advance("Creating the database", 0, 1, "step")
        self._make_base()
        shutil.rmtree(self._places.data, ignore_errors=True)
        half = Path(tempfile.mkdtemp(dir=self._places.base, prefix="initdb-"))
        self._account.own(half)
        locale = ("--locale-provider=builtin", "--locale=C.UTF-8")
        self._run("initdb", "-D", str(half), "-U", USER, "-A", "trust", "-E", "UTF8", *locale, "--no-instructions")
        with (half / "postgresql.conf").open("a") as conf:
            conf.write("include_if_exists = 'chorus.conf'\n")
        half.rename(self._places.data)
        progress.advance("Creating the database", 1, 1, "step")

    def _make_base(self) -> None:
        self._account.make_folder(self._places.base)
        for leftover in self._places.base.glob("initdb-*"):
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
        self._account.make_folder(self._places.socket)
        settings = self._places.data / "chorus.conf"
        settings.write_text(_SETTINGS.format(socket=self._places.socket))
        self._account.own(settings)
        for attempt in range(1, STARTS + 1):
            progress.advance("Starting the database", attempt - 1, STARTS, "step")
            self._clear_the_way()
            try:
                self._run(
                    "pg_ctl", "start", "-D", str(self._places.data), "-l", str(self._places.log),
                    "-w", "-t", str(START_TIMEOUT_S),
                )  # fmt: skip
            except EmbeddedError:
                if attempt == STARTS:
                    raise
                time.sleep(attempt)
            else:
                progress.advance("Starting the database", STARTS, STARTS, "step")
                return

    def _clear_the_way(self) -> None:
        """Let what is left of a killed server die, and forget its pid file, which may name somebody else by now."""
        if self._postmaster() is not None:
            return
        (self._places.data / "postmaster.pid").unlink(missing_ok=True)
        left = [process for process in psutil.process_iter() if _works_in(process, self._places.data)]
        _, alive = psutil.wait_procs(left, DYING_TIMEOUT_S)
        for process in alive:
            process.kill()
        psutil.wait_procs(alive, DYING_TIMEOUT_S)

    def _postmaster(self) -> int | None:
        """The process id of the running server; None if its pid file is stale or there is none."""
        try:
            pid = int((self._places.data / "postmaster.pid").read_text().split("\n", 1)[0])
            process = psutil.Process(pid)
            ours = process.status() != psutil.STATUS_ZOMBIE and _works_in(process, self._places.data)
        except (OSError, ValueError, psutil.Error):
            return None
        return pid if ours else None

    def _answers(self, database: str) -> bool:
        if not (self._places.socket / ".s.PGSQL.5432").exists():
            return False
        try:
            psycopg.connect(self._conninfo(database)).close()
        except psycopg.Error:
            return False
        return True

    def _conninfo(self, database: str) -> str:
        return psycopg.conninfo.make_conninfo(
            host=str(self._places.socket), user=USER, dbname=database, connect_timeout=5
        )

    def _run(self, program: str, *arguments: str) -> None:
        """Run one of the server's programs as its user, in a session of its own, with its output in a file."""
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(  # noqa: S603 - our own binaries and paths
                [binaries_for(self._account) / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=tempfile.gettempdir(),
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                start_new_session=True,
                check=False,
                **self._account.popen_options,  # type: ignore[call-overload]
            )
            output.seek(0)
            said = output.read().decode(errors="replace").strip().splitlines()
        if done.returncode:
            reason = said[-1] if said else f"exit {done.returncode}"
            raise EmbeddedError(
                f"The embedded database: {program} failed ({reason}). Its log is {self._places.log}; "
                "a database of your own can be set as DATABASE_URL."
            )


def _works_in(process: psutil.Process, folder: Path) -> bool:
    """Whether a Postgres process serves this cluster: each of them works in its data folder."""
    try:
        return process.name().startswith("postgres") and Path(process.cwd()) == folder.resolve()
    except psutil.Error:
        return False


def _size_of(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_size
        except OSError:  # gone in the meantime
            continue
    return total
