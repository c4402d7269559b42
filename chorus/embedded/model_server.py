"""The small language model that Chorus serves itself: started when needed, shared by all processes of a home.

There is one server for each weights in use: processes with another ``CHORUS_GGUF`` get another server, and disturb
nobody. Servers run until ``stop``, which ends all those of the home. ``CHORUS_HOME/model`` says what is served where.
"""

import hashlib
import os
import re
import sys
import time
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from chorus.embedded.progress import SILENT, Progress
from chorus.embedded.supervise import Record, end, find_process, find_record, held, spawn, wait_until
from chorus.embedded.weights import DEFAULT_WEIGHTS, check_gguf, ensure_weights, find_weights
from chorus.errors import EmbeddedError
from chorus.logs import keep_small

SLOT_TOKENS = 8192
"""What it reads and writes at most for one answer, prompt and answer together."""
_HOST = "127.0.0.1"
_START_TIMEOUT_S = 900.0  # a gigabyte from a slow disk, on a busy machine
_HEALTH_TIMEOUT_S = 2.0
_SILENCE_ENDURED_S = 20.0
_ROOT = Path(__file__).resolve().parents[2]
_ENVIRONMENT = {
    "GOMP_SPINCOUNT": "1000",  # threads that wait for each other soon give their core away: else a busy machine crawls
    "GGML_NO_BACKTRACE": "1",  # no debugger is started when it crashes
}


@dataclass(frozen=True, slots=True)
class RunningModel:
    """How to reach the model."""

    base_url: str
    model: str
    api_key: str | None = None


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """What can be said of the model without starting it."""

    running: bool
    pid: int | None
    port: int | None
    name: str
    weights: Path | None
    """None: they are not here yet."""
    weights_bytes: int | None
    log: Path


class EmbeddedModel:
    """The model of a home: the default one, or the GGUF file that the user chose."""

    def __init__(self, home: Path, gguf: Path | None = None) -> None:
        self._home = home.expanduser().absolute()
        self._gguf = gguf.expanduser().absolute() if gguf else None

    @property
    def name(self) -> str:
        """What the model is called at its endpoint."""
        return self._gguf.stem if self._gguf else DEFAULT_WEIGHTS.name

    def ensure(self, progress: Progress = SILENT) -> RunningModel:
        """Make sure that the model is served, and say where; may be called by any number of processes at once.

        Blocks: some milliseconds if it is up, seconds to load it, minutes to download it the first time.

        Raises:
            WeightsUnavailable: no source has the model file.
            NotEnoughDisk: there is no room for it.
            EmbeddedError: it cannot be loaded; the message says why and where the log is.
        """
        if self._gguf:
            check_gguf(self._gguf)
        if running := self._find_running():
            return running
        weights = ensure_weights(self._home, self._gguf, progress)
        with held(self._record.with_suffix(".lock"), f"Waiting for another process to start {self.name}", progress):
            return self._find_running() or self._bring_up(weights, progress)

    def status(self) -> ModelStatus:
        """Look at what is there; starts nothing."""
        record = find_record(self._record)
        weights = find_weights(self._home, self._gguf)
        return ModelStatus(
            running=record is not None and record.port is not None and _answers(record.port),
            pid=record.pid if record else None,
            port=record.port if record else None,
            name=self.name,
            weights=weights,
            weights_bytes=weights.stat().st_size if weights else None,
            log=self._log,
        )

    def stop(self) -> bool:
        """End every model server of the home, whichever weights it serves; say whether there was one."""
        paths = sorted((self._home / "model").glob("*.json"))
        records = [record for path in paths if (record := find_record(path))]
        for record in records:
            end(record)
        for path in paths:
            if find_record(path) is None:
                path.unlink(missing_ok=True)
        return bool(records)

    @property
    def _record(self) -> Path:
        return self._home / "model" / f"{self._key}.json"

    @property
    def _log(self) -> Path:
        return self._home / "logs" / f"model-{self._key}.log"

    @property
    def _key(self) -> str:
        """Tell the weights apart; a file that was replaced by another is another."""
        if self._gguf is None:
            return DEFAULT_WEIGHTS.name
        file = self._gguf.stat() if self._gguf.exists() else None
        identity = f"{self._gguf.resolve()} {file.st_size} {file.st_mtime_ns}" if file else str(self._gguf)
        stem = re.sub(r"[^A-Za-z0-9._-]+", "-", self._gguf.stem)[:60]
        return f"{stem}-{hashlib.sha256(identity.encode()).hexdigest()[:8]}"

    def _find_running(self) -> RunningModel | None:
        record = find_record(self._record)
        if record is None or record.port is None or not _answers(record.port):
            return None
        return RunningModel(f"http://{_HOST}:{record.port}/v1", self.name)

    def _bring_up(self, weights: Path, progress: Progress) -> RunningModel:
        """Start the server, or wait for one whose starter is gone. Under the lock."""
        record = find_record(self._record)
        if record and record.port and not wait_until(self._is_settled, _SILENCE_ENDURED_S):
            end(record)
        record = find_record(self._record) or self._start(weights)
        began = time.monotonic()
        while time.monotonic() - began < _START_TIMEOUT_S:
            if running := self._find_running():
                progress.advance(f"Loading {self.name}", 1, 1, "steps")
                return running
            if find_process(record.pid, record.born) is None:
                raise EmbeddedError(self._obituary(weights))
            progress.advance(f"Loading {self.name}", 0, 1, "steps")
            time.sleep(0.05)
        end(record)
        raise EmbeddedError(f"{self.name} did not answer for {_START_TIMEOUT_S:.0f} s. Its log is {self._log}.")

    def _is_settled(self) -> bool:
        """Whether a server that has been up answers, or is gone."""
        return find_record(self._record) is None or self._find_running() is not None

    def _start(self, weights: Path) -> Record:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        keep_small(self._log)
        command = [sys.executable, "-m", "chorus.embedded.model_process"]
        command += ["--weights", str(weights), "--name", self.name, "--record", str(self._record)]
        pid = spawn(command, log=self._log, cwd=_ROOT, env={**os.environ, **_ENVIRONMENT})
        process = find_process(pid)
        if process is None:
            raise EmbeddedError(self._obituary(weights))
        record = Record(pid, process.create_time())
        record.write(self._record)
        return record

    def _obituary(self, weights: Path) -> str:
        """Say why the server is gone, in its own words, and what to do."""
        words = _last_words(self._log)
        remedy = "choose another GGUF file" if self._gguf else "delete it to have it fetched again"
        if "libgomp" in words:
            remedy = "install your system's OpenMP library (libgomp1 or libgomp)"
        return (
            f"{self.name} could not be loaded: {words}. Its file is {weights}: {remedy}, or set OPENAI_API_BASE to an "
            f"endpoint of yours. Its log is {self._log}."
        )


def _answers(port: int) -> bool:
    connection = HTTPConnection(_HOST, port, timeout=_HEALTH_TIMEOUT_S)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _last_words(log: Path) -> str:
    """Find the line that tells why a log's last server is gone: its first error, from which the later ones follow."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return "it left no log"
    starts = [number for number, line in enumerate(lines) if "initializing ..." in line]
    last_life = lines[starts[-1] :] if starts else lines
    errors = [line for line in last_life if re.match(r"[\d.]+ E ", line)]
    if errors:
        return re.sub(r"^[\d.]+ E +", "", errors[0]).rstrip(".")
    crash = [line for line in lines[-1:] if re.match(r"\w+(Error|Exception)\b", line)]
    return crash[0] if crash else "it was killed (by hand, or for want of memory)"
