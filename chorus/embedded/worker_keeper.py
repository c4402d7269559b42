"""The worker that a dashboard looks after: a process of its own, started again when it dies, ended with the dashboard.

It outlives a dashboard that is killed: it is told whose it is, and goes by itself when that process is gone and
nothing is left to do. So a new dashboard finds its runs at work, and workers do not pile up.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from chorus.embedded.supervise import Record, end, find_record
from chorus.logs import open_log

HAND_BACK_S = 20.0
LOOK_EVERY_S = 0.5
LONGEST_PAUSE_S = 15.0
SETTLED_S = 30.0
"""A worker that has lived so long did not fail at its start."""
AFTER_A_STOP_S = 5.0
_ROOT = Path(__file__).resolve().parents[2]


class WorkerKeeper:
    """Keeps one worker alive, from a thread."""

    def __init__(self, home: Path, supervisor: str, *, may_start: Callable[[], bool] = lambda: True) -> None:
        """Name its home; ``supervisor`` is this process, as a lease would name it.

        ``may_start`` is asked before a worker that was ended on purpose is started again.
        """
        self._home = home.expanduser().absolute()
        self._supervisor = supervisor
        self._may_start = may_start
        self._leaving = threading.Event()
        self._worker: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="worker-keeper", daemon=True)

    def start(self) -> None:
        """Start the worker, and look after it from now on."""
        self._thread.start()

    def stop(self, patience_s: float = 1.0) -> None:
        """Ask the worker to go; it hands its runs back within 20 s, whether or not that is waited for."""
        self._leaving.set()
        self._thread.join()
        if self._worker and self._worker.poll() is None:
            self._worker.terminate()
            try:
                self._worker.wait(patience_s)
            except subprocess.TimeoutExpired:
                return
        self._forget()

    def _keep(self) -> None:
        pause_s = LOOK_EVERY_S
        while not self._leaving.is_set():
            began_s = time.monotonic()
            self._worker = self._launch()
            while self._worker.poll() is None:
                if self._leaving.wait(LOOK_EVERY_S):
                    return
            self._forget()
            if self._worker.returncode == 0:
                self._wait_for_need()
                continue
            lived_s = time.monotonic() - began_s
            pause_s = LOOK_EVERY_S if lived_s > SETTLED_S else min(pause_s * 2, LONGEST_PAUSE_S)
            self._leaving.wait(pause_s)

    def _wait_for_need(self) -> None:
        """Somebody has stopped everything: wait until it is wanted again."""
        self._leaving.wait(AFTER_A_STOP_S)
        while not self._may_start() and not self._leaving.wait(LOOK_EVERY_S):
            pass

    def _launch(self) -> subprocess.Popen[bytes]:
        with open_log(self._home, "worker") as log:
            worker = subprocess.Popen(  # noqa: S603 - our own interpreter
                [sys.executable, "-m", "chorus", "worker", "--supervisor", self._supervisor],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": str(_ROOT)},
                start_new_session=True,
            )
        folder = _records(self._home)
        folder.mkdir(parents=True, exist_ok=True)
        Record(worker.pid, psutil.Process(worker.pid).create_time()).write(folder / f"{worker.pid}.json")
        return worker

    def _forget(self) -> None:
        if self._worker:
            (_records(self._home) / f"{self._worker.pid}.json").unlink(missing_ok=True)


def stop_workers(home: Path) -> bool:
    """End every worker that a dashboard of this home has started; say whether there was one."""
    paths = sorted(_records(home.expanduser().absolute()).glob("*.json"))
    records = [record for path in paths if (record := find_record(path))]
    threads = [threading.Thread(target=end, args=(record,), kwargs={"patience_s": HAND_BACK_S}) for record in records]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for path in paths:
        path.unlink(missing_ok=True)
    return bool(records)


def _records(home: Path) -> Path:
    return home / "workers"
