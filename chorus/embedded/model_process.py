"""The process that serves the embedded model: llama.cpp behind its own OpenAI-compatible server on loopback.

Started by ``model_server`` as ``python -m chorus.embedded.model_process``. Its starter names it in a record; without
one it ends: the starter was killed, the home deleted, the server replaced. So there is only ever one, and not for ever.
"""

import argparse
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import xllamacpp

from chorus.embedded.model_server import SLOT_TOKENS
from chorus.embedded.supervise import Record, find_record, wait_until

SLOTS = 2
"""Answers written at the same time."""
_HTTP_THREADS = 64
"""Each answer holds one, also while it waits for a slot: with the default of five, ``/health`` would stand in line."""
_PROMPT_CACHE_MIB = 512
_MOST_THREADS = 8
"""More gain nothing: writing is bound by memory."""
_FORGET_AFTER_S = 900
"""Unasked for so long, the model leaves memory; the next question brings it back in a few seconds."""
_LOOK_EVERY_S = 10.0
_NAMED_WITHIN_S = 5.0


def main() -> int:
    """Serve until killed; 0 if there is nothing (left) to do, 1 if the model cannot be loaded."""
    asked = _arguments()
    if not wait_until(lambda: _own_record(asked.record) is not None, _NAMED_WITHIN_S):
        return 0
    try:
        server = _serve(asked.weights, asked.name)  # runs in threads of its own, as long as somebody holds it
    except RuntimeError as error:
        print(error, file=sys.stderr)  # noqa: T201 - this is its log
        return 1
    if record := _own_record(asked.record):
        replace(record, port=urlsplit(server.listening_address).port).write(asked.record)
    while _own_record(asked.record):
        time.sleep(_LOOK_EVERY_S)
    os._exit(0)  # the server's threads may be in the middle of an answer nobody waits for


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--record", type=Path, required=True)
    return parser.parse_args()


def _own_record(path: Path) -> Record | None:
    record = find_record(path)
    return record if record and record.pid == os.getpid() else None


def _serve(weights: Path, name: str) -> xllamacpp.Server:
    params = xllamacpp.CommonParams()
    params.model.path = str(weights)
    params.model_alias = {name}
    params.port = 0  # the system chooses a free one
    params.n_parallel = SLOTS
    params.n_ctx = SLOTS * SLOT_TOKENS  # shared out among the slots
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads(cores())
    params.n_threads_http = _HTTP_THREADS
    params.cache_ram_mib = _PROMPT_CACHE_MIB
    params.sleep_idle_seconds = _FORGET_AFTER_S
    params.ui = params.endpoint_slots = False
    params.sampling.dry_multiplier = 0.8  # small models fall into loops; this makes saying the same again dearer
    params.sampling.dry_allowed_length = 4
    params.sampling.dry_penalty_last_n = 1024  # tokens, the prompt's among them
    params.sampling.penalty_repeat = 1.05
    params.sampling.penalty_last_n = 256
    params.sampling.min_p = 0.05
    params.cors_origins = "http://127.0.0.1"  # not every page that a browser happens to show
    return xllamacpp.Server(params)


def threads(cores: int) -> int:
    """How many threads compute: every core up to what is of use.

    On an idle machine of two cores, two write 36 % faster than one (22.9 against 16.8 tokens/s); on a busy one they are
    slower, since threads that wait for each other at every layer wait for the one that has lost its core.
    """
    return max(1, min(cores, _MOST_THREADS))


def cores() -> int:
    """How many cores there are to compute on, counted as a container sees them."""
    counts = [psutil.cpu_count(logical=False) or psutil.cpu_count() or 1, _cores_granted()]
    if hasattr(os, "sched_getaffinity"):
        counts.append(len(os.sched_getaffinity(0)))
    return min(counts)


def _cores_granted(limit: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """The quota of this container, in whole cores; without one, as many as there could be."""
    try:
        quota, period = limit.read_text(encoding="ascii").split()
        return max(1, int(quota) // int(period))
    except (OSError, ValueError):  # no such file, or "max"
        return sys.maxsize


if __name__ == "__main__":
    sys.exit(main())
