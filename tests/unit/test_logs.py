import asyncio
import io
import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from chorus import logs
from chorus.logs import bound, keep_small, open_log, set_up
from chorus.settings import ChorusConfig, load_config

KEY = "sk-canary-4711-abcdef"
ODD_KEY = 'quo"ted\\canary'
PASSWORD = "p@ss/canary"
RUN, STORY = UUID(int=1), UUID(int=2)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ChorusConfig:
    monkeypatch.setenv("CHORUS_HOME", str(tmp_path))
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("SCENE_GENERATOR_API_KEY", ODD_KEY)
    monkeypatch.setenv("DATABASE_URL", "postgresql://writer:p%40ss%2Fcanary@db.test/stories")
    return load_config()


@pytest.fixture(autouse=True)
def former_loggers() -> Iterator[None]:
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook)
    handlers, level, ours = [*root.handlers], root.level, logging.getLogger("chorus").level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("chorus").setLevel(ours)
    for name in ("uvicorn", "procrastinate", "psycopg"):
        logging.getLogger(name).setLevel(logging.NOTSET)
    logging.captureWarnings(capture=False)
    sys.excepthook, threading.excepthook = hooks


type Logged = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def logged(config: ChorusConfig) -> Logged:
    """The lines so far, as the JSON documents that they are."""
    stream = io.StringIO()
    set_up(config, foreground=False, stream=stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def fail(message: str) -> None:
    raise RuntimeError(message)


def test_a_line_is_one_json_document_with_its_facts(logged: Logged) -> None:
    logging.getLogger("chorus.worker").info("took %s", "a run", extra={"attempt": 2})
    (line,) = logged()
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "took a run", "level": "info", "logger": "chorus.worker", "attempt": 2}


async def test_the_ids_of_the_run_are_in_every_line_of_its_tasks(logged: Logged) -> None:
    async def task() -> None:
        logging.getLogger("chorus").warning("in a task")
        await asyncio.to_thread(logging.getLogger("httpx2").warning, "in a thread of a library")

    with bound(run_id=RUN, story_id=STORY):
        await asyncio.create_task(task())
    logging.getLogger("chorus").warning("outside")
    *inside, outside = logged()
    assert [(line["run_id"], line["story_id"]) for line in inside] == [(str(RUN), str(STORY))] * 2
    assert "run_id" not in outside


@pytest.mark.parametrize("secret", [KEY, ODD_KEY, PASSWORD, "p%40ss%2Fcanary", "sk-never-configured-1"])
@pytest.mark.parametrize("stream_type", [io.StringIO, Terminal])
def test_no_secret_is_ever_written(config: ChorusConfig, secret: str, stream_type: type[io.StringIO]) -> None:
    stream = stream_type()
    set_up(config, foreground=False, stream=stream)
    log = logging.getLogger("chorus.anything")
    log.warning("the key %s was refused", secret)
    log.warning(f"GET https://user:{secret}@llm.test/v1?api_key={secret}")  # noqa: G004
    log.warning(
        "fields", extra={"said": secret, "nested": {"deep": [{"deeper": secret, secret: 1}], "raw": secret.encode()}}
    )
    log.warning("an object", extra={"error": ValueError(secret)})
    try:
        fail(f"refused: {secret}")
    except RuntimeError:
        log.exception("a traceback")
    log.warning("headers", extra={"headers": {"Authorization": "Bearer opaque-canary"}, "note": "Bearer opaque-canary"})
    text = stream.getvalue()
    assert text.count("***") >= 8
    assert "Traceback" in text
    for canary in (secret, json.dumps(secret)[1:-1], repr(secret)[1:-1], "opaque-canary"):
        assert canary not in text


def test_a_password_that_is_a_word_blanks_no_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://chorus:chorus@localhost/chorus")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    stream = io.StringIO()
    set_up(load_config(), foreground=False, stream=stream)
    logging.getLogger("chorus.store").warning("chorus: nonetheless, postgresql://chorus:chorus@localhost/chorus")
    line = json.loads(stream.getvalue())
    assert line["logger"] == "chorus.store"
    assert line["event"] == "chorus: nonetheless, postgresql://***@localhost/chorus"


def test_a_person_reads_a_console_and_only_warnings(config: ChorusConfig) -> None:
    stream = Terminal()
    set_up(config, foreground=True, stream=stream)
    logging.getLogger("chorus").info("quiet")
    logging.getLogger("procrastinate").info("quiet too")
    logging.getLogger("chorus").warning("loud")
    assert "quiet" not in stream.getvalue()
    assert "loud" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_in_the_background_we_and_our_servers_are_heard_as_log_level_says(logged: Logged) -> None:
    for name in ("chorus.worker", "procrastinate.worker", "uvicorn.error", "httpx2"):
        logging.getLogger(name).info("hello")
        logging.getLogger(name).debug("whisper")
    assert [line["logger"] for line in logged()] == ["chorus.worker", "procrastinate.worker", "uvicorn.error"]


def test_setting_up_again_doubles_nothing(config: ChorusConfig, logged: Logged) -> None:
    again = io.StringIO()
    set_up(config, foreground=False, stream=again)
    logging.getLogger("chorus").warning("once")
    assert logged() == []
    assert len(again.getvalue().splitlines()) == 1


def test_a_thread_that_dies_says_so_without_secrets(config: ChorusConfig) -> None:
    stream = io.StringIO()
    set_up(config, foreground=False, stream=stream)
    threading.excepthook(threading.ExceptHookArgs((RuntimeError, RuntimeError(KEY), None, None)))
    assert json.loads(stream.getvalue())["level"] == "critical"
    assert KEY not in stream.getvalue()


def test_a_log_in_the_background_stays_small(
    config: ChorusConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "LARGEST_LOG_BYTES", 2_000)
    file = tmp_path / "logs" / "worker.log"
    with open_log(tmp_path, "worker") as raw, io.TextIOWrapper(raw, write_through=True) as stream:
        set_up(config, foreground=False, stream=stream)
        for number in range(100):
            logging.getLogger("chorus").warning("line %d", number)
    kept = file.with_name("worker.1.log").read_text() + file.read_text()
    assert file.stat().st_size <= 2_000
    assert len(kept) < 5_000
    assert json.loads(kept.splitlines()[-1])["event"] == "line 99"


def test_a_file_of_the_users_is_left_as_it_is(
    config: ChorusConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "LARGEST_LOG_BYTES", 100)
    with (tmp_path / "mine.log").open("w") as stream:
        set_up(config, foreground=False, stream=stream)
        for _ in range(10):
            logging.getLogger("chorus").warning("a line")
    assert len((tmp_path / "mine.log").read_text().splitlines()) == 10


def test_a_log_that_is_not_there_is_small_enough(tmp_path: Path) -> None:
    keep_small(tmp_path / "none.log")
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_has_stopped_to_read_stops_nobody(config: ChorusConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than a pipe holds is logged; what finds no room is counted where it is missing."""
    monkeypatch.setattr(logs, "MOST_LINES_WAITING", 500)
    read_end, write_end = os.pipe()
    reading, writing = os.fdopen(read_end), os.fdopen(write_end, "w")
    set_up(config, foreground=False, stream=writing)
    said = 3000
    for number in range(said):
        logging.getLogger("chorus.worker").info("Line %s of many, and long enough: %s", number, "-" * 100)
    line = reading.readline()
    while " missing " not in line:
        logging.getLogger("chorus.worker").info("One more")
        line = reading.readline()
    assert int(line.split()[0]) > 0
