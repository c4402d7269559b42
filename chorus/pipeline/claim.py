"""Becoming the one writer of a run, and telling whether the last one is dead."""

import asyncio
import os
import socket
from functools import cache
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import psutil

from chorus.domain.run import Lease
from chorus.errors import Conflict
from chorus.store import Database

PATIENCE_S = 20.0
CLOCK_SLACK_S = 2.0
"""Seconds by which the birth of a process may seem to move when the system's clock is set."""
_KERNEL = Path("/proc/sys/kernel/random/boot_id")
_PID_NAMESPACE = Path("/proc/self/ns/pid")


async def claim(store: Database, run_id: UUID, *, for_workers: bool = False, patience_s: float = PATIENCE_S) -> Lease:
    """Become the run's one writer: at once if its last one is dead, else when that one's lease has run out.

    Raises:
        NotFound: there is no such run.
        Conflict: it is over, or somebody else works on it for longer than ``patience_s``; ``for_workers``: it is not
            theirs, or waits for a person.
    """
    owner = this_process()
    give_up = asyncio.get_running_loop().time() + patience_s
    while True:
        async with store.transaction() as tx:
            run = await tx.runs.load(run_id)
            if run.status.is_over:
                raise Conflict(f"The run is {run.status.value}: there is nothing left to do.")
            if for_workers and not (run.dispatched and run.status.is_open):
                raise Conflict(f"The run is {run.status.value} and not for workers.")
            gone = run.lease_owner if run.lease_owner and is_dead(run.lease_owner) else None
            lease = await tx.runs.claim(run_id, owner, from_owner=gone, for_workers=for_workers)
        if lease:
            return lease
        if asyncio.get_running_loop().time() >= give_up:
            who = (
                f"process ({run.lease_owner}) works on this run" if run.lease_owner else "run of this story is at work"
            )
            raise Conflict(f"Another {who}: wait for it, or stop it.")
        await asyncio.sleep(0.5)


def this_process() -> str:
    """Who holds a lease: where, process id, and when it began, so that a dead process is told from its successor."""
    return f"{_here()}:{os.getpid()}:{psutil.Process().create_time():.2f}"


def is_dead(owner: str) -> bool:
    """Whether the process that held a lease ran here and is gone."""
    place, pid, started = owner.rsplit(":", 2)
    if place != _here():
        return False
    try:
        process = psutil.Process(int(pid))
        gone = process.status() == psutil.STATUS_ZOMBIE
        return gone or abs(process.create_time() - float(started)) > CLOCK_SLACK_S
    except (psutil.NoSuchProcess, ValueError):
        return True


@cache
def _here() -> str:
    """Where our process ids mean something: this host since it was started, and this container on it.

    Two containers may have the same host name, and then nobody may say of the other's processes that they are dead.
    """
    try:
        mark = _KERNEL.read_text(encoding="ascii") + str(_PID_NAMESPACE.readlink())
    except OSError:
        return socket.gethostname()
    return f"{socket.gethostname()}-{sha256(mark.encode()).hexdigest()[:6]}"
