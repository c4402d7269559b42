"""A server of ours in the background: started apart from its starter, told from a stranger with its pid, ended."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from chorus.embedded.progress import Progress
from chorus.errors import EmbeddedError

_SHELL = 'log=$1; shift; "$@" </dev/null >>"$log" 2>&1 & echo $!'
_CLOCK_SLACK_S = 2.0
"""Seconds by which the time of birth of one process may seem to move when the system's clock is set."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is written down of a server, for those who look for it."""

    pid: int
    born: float
    """When the process began, in seconds since the epoch: its pid may be another's by now."""
    port: int | None = None
    """None: it is still starting."""

    def write(self, path: Path) -> None:
        """Replace the file in one step; its folder must be there."""
        half = path.with_suffix(f".{os.getpid()}")
        half.write_text(json.dumps(asdict(self)), encoding="utf-8")
        half.replace(path)


def find_record(path: Path) -> Record | None:
    """Read a record of a process that lives; None if there is none, or it is stale."""
    try:
        record = Record(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return record if find_process(record.pid, record.born) else None


def find_process(pid: int, born: float | None = None) -> psutil.Process | None:
    """Find a running process; one that has ended and was never reaped does not run, and a later one is another."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        same = born is None or abs(process.create_time() - born) < _CLOCK_SLACK_S
    except psutil.NoSuchProcess:
        return None
    return process if same else None


def spawn(command: Sequence[str], *, log: Path, cwd: Path, env: Mapping[str, str]) -> int:
    """Start a program and return its process id.

    It has a session of its own, reads nothing, writes to ``log`` alone, and is nobody's child: it outlives this
    process, and leaves no zombie here when it ends.
    """
    started = subprocess.run(  # noqa: S603 - the command is ours
        ["/bin/sh", "-c", _SHELL, "chorus", str(log), *command],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
        check=True,
    )
    return int(started.stdout)


def end(record: Record, *, patience_s: float = 5.0) -> None:
    """End a process: ask, wait, then insist; returns when it is gone."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        if process := find_process(record.pid, record.born):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(how)
            wait_until(lambda: find_process(record.pid, record.born) is None, patience_s)


def wait_until(done: Callable[[], bool], timeout_s: float, *, every_s: float = 0.02) -> bool:
    """Wait for something to become true; False if it did not in time."""
    give_up = time.monotonic() + timeout_s
    while not done():
        if time.monotonic() > give_up:
            return False
        time.sleep(every_s)
    return True


@contextmanager
def held(lock: Path, waiting: str, progress: Progress) -> Iterator[None]:
    """Hold a file lock, which the kernel drops with its holder; while another has it, tell what is waited for.

    Raises:
        EmbeddedError: its folder cannot be made or written.
    """
    file_lock = FileLock(lock)
    waited = False
    while not _acquired(file_lock, lock.parent):
        waited = True
        progress.advance(waiting, 0, 1, "steps")
    if waited:
        progress.advance(waiting, 1, 1, "steps")
    try:
        yield
    finally:
        file_lock.release()


def _acquired(lock: FileLock, folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=1)
    except Timeout:
        return False
    except OSError as error:
        raise EmbeddedError(
            f"{folder} cannot be used ({error.strerror}): set CHORUS_HOME to another folder."
        ) from error
    return True
