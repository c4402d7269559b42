"""What Chorus says of its own work: one configuration for our modules and for the loggers of every library.

Modules log with ``logging.getLogger(__name__)``, facts beside the message in ``extra``. Structlog renders: JSON lines
where nobody looks on, a console where somebody does. Every line carries the run it belongs to, and none a secret.
"""

import atexit
import json
import logging
import os
import queue
import shutil
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO, cast
from uuid import UUID

from chorus.redaction import BLANK, names_a_secret, redact
from chorus.settings import ChorusConfig

if TYPE_CHECKING:
    from structlog.stdlib import ProcessorFormatter

LARGEST_LOG_BYTES = 10_000_000
MOST_LINES_WAITING = 10_000
LAST_LINES_S = 1.0
_SERVERS = ("procrastinate", "uvicorn")
"""Libraries that are heard as we are; the others from WARNING on."""
_ECHO = "psycopg"
"""Warns of the errors that it raises as well."""
_OUR_FIELDS = frozenset({"level", "logger", "run_id", "story_id", "timestamp"})
_AGAIN = ("asctime", "color_message", "message")
"""The message and the time once more, as other handlers and uvicorn leave them in a record."""
_DEEPEST = 8

type Fields = MutableMapping[str, Any]


def set_up(config: ChorusConfig, *, foreground: bool, stream: TextIO | None = None) -> None:
    """Log to stderr from now on, as LOG_LEVEL says; may be called again.

    ``foreground``: a person waits for a result, so that only warnings are worth a line, unless LOG_LEVEL is DEBUG.
    """
    level = logging.getLevelNamesMapping()[config.system.log_level]
    quiet = level if level == logging.DEBUG else max(level, logging.WARNING)
    logs = logs_folder(config.system.home)
    stream = stream or sys.stderr
    handler = _Handler(stream if foreground else _never_in_the_way(stream), logs)
    handler.setFormatter(_Formatter(config.secrets(), pretty=stream.isatty()))
    root = logging.getLogger()
    for former in [each for each in root.handlers if isinstance(each, _Handler)]:
        root.removeHandler(former)
    root.addHandler(handler)
    root.setLevel(quiet)
    logging.getLogger("chorus").setLevel(quiet if foreground else level)
    logging.getLogger(_ECHO).setLevel(level if level == logging.DEBUG else logging.ERROR)
    for name in _SERVERS:
        logging.getLogger(name).setLevel(quiet if foreground else level)
    logging.captureWarnings(capture=True)
    if not foreground:
        sys.excepthook = _log_the_end
        threading.excepthook = _log_the_end_of_a_thread
    for log in logs.glob("*.log"):
        keep_small(log)


@contextmanager
def bound(*, run_id: UUID, story_id: UUID) -> Iterator[None]:
    """Name the run in every line that is logged inside, here and in the tasks and threads begun here."""
    from structlog.contextvars import bound_contextvars

    with bound_contextvars(run_id=str(run_id), story_id=str(story_id)):
        yield


def logs_folder(home: Path) -> Path:
    """Where the parts in the background write what they say."""
    return home.expanduser().absolute() / "logs"


def open_log(home: Path, name: str) -> BinaryIO:
    """Open the log of a part in the background, to be its stdout and stderr."""
    path = logs_folder(home) / f"{name}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    keep_small(path)
    return path.open("ab")


def keep_small(log: Path) -> None:
    """Move what a log holds to ``NAME.1.log`` if it has grown large; who appends to it goes on doing so."""
    with suppress(OSError):
        if log.stat().st_size > LARGEST_LOG_BYTES and not log.name.endswith(".1.log"):
            shutil.copyfile(log, log.with_name(f"{log.stem}.1.log"))
            os.truncate(log, 0)


class _Unhurried:
    """A stream whose reader may have stopped reading: lines wait in a queue, and are dropped while that is full."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._waiting: queue.Queue[str] = queue.Queue(MOST_LINES_WAITING)
        self._dropped = 0
        threading.Thread(target=self._write_on, name="log", daemon=True).start()
        atexit.register(self._write_the_rest)

    def write(self, text: str) -> None:
        try:
            self._waiting.put_nowait(text)
        except queue.Full:
            self._dropped += 1

    def flush(self) -> None:
        """Nobody waits for the reader."""

    def fileno(self) -> int:
        return self._stream.fileno()

    def _write_on(self) -> None:
        while True:
            text = self._waiting.get()
            with suppress(OSError, ValueError):
                if self._dropped:
                    dropped, self._dropped = self._dropped, 0
                    self._stream.write(f"{dropped} lines are missing here: nobody read them in time\n")
                self._stream.write(text)
                self._stream.flush()
            self._waiting.task_done()

    def _write_the_rest(self) -> None:
        give_up = time.monotonic() + LAST_LINES_S
        while self._waiting.unfinished_tasks and time.monotonic() < give_up:
            time.sleep(0.01)


def _never_in_the_way(stream: TextIO) -> TextIO:
    """The stream, if a write to it cannot block; else one that writes to it from a thread of its own."""
    try:
        blocks = not stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):
        return stream
    return cast("TextIO", _Unhurried(stream)) if blocks else stream


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to stderr; where that is a file among our logs, it is kept small."""

    def __init__(self, stream: TextIO, logs: Path) -> None:
        super().__init__(stream)
        self._logs = logs

    def emit(self, record: logging.LogRecord) -> None:
        super().emit(record)
        if self._file:
            keep_small(self._file)

    @cached_property
    def _file(self) -> Path | None:
        try:
            ours = os.fstat(self.stream.fileno())
            if not stat.S_ISREG(ours.st_mode):
                return None
            return next((log for log in self._logs.glob("*.log") if os.path.samestat(log.stat(), ours)), None)
        except (OSError, ValueError):
            return None


class _Formatter(logging.Formatter):
    """Renders a record; structlog is imported with the first one, which most commands never write."""

    def __init__(self, secrets: Sequence[str], *, pretty: bool) -> None:
        super().__init__()
        self._secrets = (*secrets, *{json.dumps(secret)[1:-1] for secret in secrets} - {*secrets})
        self._pretty = pretty

    def format(self, record: logging.LogRecord) -> str:
        return self._renderer.format(record)

    @cached_property
    def _renderer(self) -> "ProcessorFormatter":
        import structlog

        stdlib = structlog.stdlib
        return stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.contextvars.merge_contextvars,
                stdlib.add_log_level,
                stdlib.add_logger_name,
                stdlib.ExtraAdder(),
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
            processors=[
                stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.StackInfoRenderer(),
                structlog.processors.format_exc_info,
                self._redacted,
                self._rendered,
            ],
        )

    def _redacted(self, _logger: object, _method: str, fields: Fields) -> Fields:
        for again in _AGAIN:
            fields.pop(again, None)
        return {name: value if name in _OUR_FIELDS else self._blank(name, value) for name, value in fields.items()}

    def _blank(self, name: object, value: Any, depth: int = 0) -> Any:
        if isinstance(name, str) and names_a_secret(name):
            return BLANK
        if isinstance(value, Mapping) and depth < _DEEPEST:
            return {self._text(str(key)): self._blank(key, inner, depth + 1) for key, inner in value.items()}
        if isinstance(value, list | tuple | set | frozenset) and depth < _DEEPEST:
            return [self._blank(None, inner, depth + 1) for inner in value]
        return value if value is None or isinstance(value, bool | int | float) else self._text(_said(value))

    def _text(self, text: str) -> str:
        return redact(text, self._secrets)

    @cached_property
    def _render(self) -> Callable[[Any, str, Fields], str | bytes]:
        import structlog

        if self._pretty:
            return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        return structlog.processors.JSONRenderer(ensure_ascii=False, default=str)

    def _rendered(self, logger: object, method: str, fields: Fields) -> str:
        line = self._render(logger, method, fields)
        return line if isinstance(line, str) else line.decode()


def _said(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else repr(value)


def _log_the_end(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    logging.getLogger("chorus").critical("Ended by an error nobody expected.", exc_info=(kind, error, trace))


def _log_the_end_of_a_thread(end: threading.ExceptHookArgs) -> None:
    if end.exc_value is not None and not isinstance(end.exc_value, SystemExit):
        _log_the_end(end.exc_type, end.exc_value, end.exc_traceback)
