"""The embedded model, for real and small: it answers, there is one of it, it comes back, it goes."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from platformdirs import user_cache_path

from chorus.embedded.model_server import EmbeddedModel, RunningModel
from chorus.embedded.supervise import wait_until
from chorus.embedded.weights import SMALL_WEIGHTS, ensure
from chorus.errors import EmbeddedError, WeightsUnavailable

pytestmark = pytest.mark.model

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 20},
        "age": {"type": "integer", "minimum": 0, "maximum": 99},
    },
    "required": ["name", "age"],
    "additionalProperties": False,
}


@pytest.fixture(scope="session")
def small_gguf(internet: Callable[[], AbstractContextManager[None]]) -> Path:
    """A real model of 98 MB, kept between test runs."""
    with internet():
        return ensure(SMALL_WEIGHTS, user_cache_path("chorus", appauthor=False) / "models")


@pytest.fixture
def model(tmp_path: Path, small_gguf: Path) -> Iterator[EmbeddedModel]:
    """A model of a home of its own, gone with the test."""
    embedded = EmbeddedModel(tmp_path / "home", small_gguf)
    yield embedded
    embedded.stop()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, small_gguf: Path) -> Iterator[RunningModel]:
    """One that runs, for tests that only talk to it."""
    embedded = EmbeddedModel(tmp_path_factory.mktemp("shared"), small_gguf)
    yield embedded.ensure()
    embedded.stop()


def pid_of(model: EmbeddedModel) -> int:
    pid = model.status().pid
    assert pid is not None
    return pid


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def servers_of(home: Path) -> list[int]:
    """Processes that serve a model for a home, found without the help of the code under test."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        line = " ".join(process.info["cmdline"] or [])
        if "chorus.embedded.model_process" in line and str(home) in line and not is_gone(process.pid):
            found.append(process.pid)
    return found


def ask(running: RunningModel, **body: object) -> HTTPResponse:
    parts = urlsplit(running.base_url)
    connection = HTTPConnection(str(parts.hostname), parts.port, timeout=60)
    messages = [{"role": "user", "content": "Say who keeps the lighthouse."}]
    request = json.dumps({"model": running.model, "messages": messages, "temperature": 0, "max_tokens": 40, **body})
    connection.request("POST", f"{parts.path}/chat/completions", request, {"content-type": "application/json"})
    return connection.getresponse()


# --- it answers


def test_it_answers_within_a_schema(running: RunningModel) -> None:
    wanted = {"type": "json_schema", "json_schema": {"name": "keeper", "strict": True, "schema": SCHEMA}}
    with closing(ask(running, response_format=wanted)) as response:
        answer = json.load(response)
    keeper = json.loads(answer["choices"][0]["message"]["content"])
    assert keeper.keys() == {"name", "age"}
    assert 0 <= keeper["age"] <= 99
    assert answer["model"] == running.model
    assert answer["usage"]["completion_tokens"] > 0


def test_it_streams_and_tells_its_usage(running: RunningModel) -> None:
    with closing(ask(running, stream=True, stream_options={"include_usage": True})) as response:
        lines = [line.removeprefix(b"data: ") for line in response.read().splitlines() if line.startswith(b"data: ")]
    assert lines.pop() == b"[DONE]"
    chunks = [json.loads(line) for line in lines]
    text = "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"])
    assert text.strip()
    assert chunks[-1]["usage"]["completion_tokens"] > 0


def test_each_slot_has_room_for_a_long_prompt(running: RunningModel) -> None:
    parts = urlsplit(running.base_url)
    with closing(HTTPConnection(str(parts.hostname), parts.port, timeout=60)) as connection:
        connection.request("GET", "/props")
        assert json.load(connection.getresponse())["default_generation_settings"]["n_ctx"] == 8192


def test_it_stays_reachable_while_many_wait_for_a_slot(running: RunningModel, model: EmbeddedModel) -> None:
    with ThreadPoolExecutor(12) as pool:
        waiting = [pool.submit(ask, running, max_tokens=12, stream=True) for _ in range(12)]
        time.sleep(0.1)
        parts = urlsplit(running.base_url)
        with closing(HTTPConnection(str(parts.hostname), parts.port, timeout=2)) as connection:
            connection.request("GET", "/health")
            assert connection.getresponse().status == 200
        for answer in waiting:
            answer.result().read()


# --- there is one of it


def test_a_second_ensure_is_quick(model: EmbeddedModel) -> None:
    first = model.ensure()
    durations = []
    for _ in range(5):
        began = time.perf_counter()
        assert model.ensure() == first
        durations.append(time.perf_counter() - began)
    assert min(durations) < 0.02


START = """
import sys
from pathlib import Path
from chorus.embedded.model_server import EmbeddedModel
print(EmbeddedModel(Path(sys.argv[1]), Path(sys.argv[2])).ensure().base_url)
"""


def test_processes_that_start_it_at_once_share_one(tmp_path: Path, small_gguf: Path) -> None:
    home = tmp_path / "home"
    command = [sys.executable, "-c", START, str(home), str(small_gguf)]
    starters = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    urls = {starter.communicate(timeout=60)[0] for starter in starters}
    try:
        assert len(urls) == 1
        assert len(servers_of(home)) == 1, "and it outlives its starters"
    finally:
        EmbeddedModel(home, small_gguf).stop()
    assert servers_of(home) == []


def test_a_starter_killed_meanwhile_leaves_no_second_one(tmp_path: Path, model: EmbeddedModel) -> None:
    home = tmp_path / "home"
    starter = subprocess.Popen([sys.executable, "-c", START, str(home), str(model._gguf)], stdout=subprocess.DEVNULL)
    assert wait_until(lambda: bool(servers_of(home)), 30, every_s=0.005)
    starter.kill()
    starter.wait()
    model.ensure()
    assert wait_until(lambda: servers_of(home) == [pid_of(model)], 20), "one that nobody has named ends by itself"


def test_another_file_is_served_by_another_process(tmp_path: Path, model: EmbeddedModel, small_gguf: Path) -> None:
    copy = tmp_path / "copy.gguf"
    copy.symlink_to(small_gguf)
    other = EmbeddedModel(tmp_path / "home", copy)
    assert model.ensure().base_url != other.ensure().base_url
    assert (model.name, other.name) == (small_gguf.stem, "copy")
    pids = [pid_of(model), pid_of(other)]
    assert EmbeddedModel(tmp_path / "home", None).stop()
    assert all(is_gone(pid) for pid in pids), "stopping ends them all"


# --- it comes back


def test_after_a_kill_it_is_started_again(model: EmbeddedModel) -> None:
    model.ensure()
    killed = pid_of(model)
    os.kill(killed, signal.SIGKILL)
    again = model.ensure()
    assert pid_of(model) != killed
    with closing(ask(again, max_tokens=3)) as response:
        assert response.status == 200


def test_a_record_of_another_process_with_that_pid_is_not_believed(model: EmbeddedModel, tmp_path: Path) -> None:
    model.ensure()
    pid = pid_of(model)
    model.stop()
    stranger = {"pid": os.getpid(), "born": psutil.Process().create_time() - 3600, "port": 9}
    model._record.write_text(json.dumps(stranger))
    assert not model.status().running
    model.ensure()
    assert pid_of(model) not in (pid, os.getpid())


def test_what_cannot_be_loaded_is_told_in_the_servers_words(tmp_path: Path, small_gguf: Path) -> None:
    broken = tmp_path / "broken.gguf"
    with small_gguf.open("rb") as whole:
        broken.write_bytes(whole.read(3_000_000))
    model = EmbeddedModel(tmp_path / "home", broken)
    with pytest.raises(EmbeddedError, match="corrupted or incomplete") as failed:
        model.ensure()
    assert str(model.status().log) in str(failed.value)
    assert "OPENAI_API_BASE" in str(failed.value)
    assert servers_of(tmp_path / "home") == []


def test_a_missing_file_starts_nothing(tmp_path: Path) -> None:
    model = EmbeddedModel(tmp_path / "home", tmp_path / "missing.gguf")
    with pytest.raises(WeightsUnavailable):
        model.ensure()
    assert not (tmp_path / "home").exists()


# --- it goes


def test_status_tells_what_is_there_and_starts_nothing(model: EmbeddedModel, tmp_path: Path) -> None:
    before = model.status()
    assert (before.running, before.pid, before.port) == (False, None, None)
    assert not (tmp_path / "home").exists()
    model.ensure()
    after = model.status()
    assert after.running
    assert after.weights_bytes == SMALL_WEIGHTS.size_bytes
    assert after.log.exists()


def test_it_is_independent_of_its_starter(model: EmbeddedModel) -> None:
    model.ensure()
    server = psutil.Process(pid_of(model))
    assert os.getsid(server.pid) != os.getsid(0)
    assert server.ppid() != os.getpid()
    if Path("/proc").exists():
        assert Path(f"/proc/{server.pid}/fd/0").readlink() == Path("/dev/null")
        assert {Path(f"/proc/{server.pid}/fd/{n}").readlink() for n in (1, 2)} == {model.status().log}


def test_stop_ends_it_and_says_whether_there_was_one(model: EmbeddedModel, tmp_path: Path) -> None:
    model.ensure()
    pid = pid_of(model)
    assert model.stop()
    assert is_gone(pid)
    assert not model.stop()
    assert not model.status().running


@pytest.mark.timeout(60)
def test_it_ends_by_itself_when_its_home_is_deleted(model: EmbeddedModel, tmp_path: Path) -> None:
    model.ensure()
    pid = pid_of(model)
    shutil.rmtree(tmp_path / "home")
    assert wait_until(lambda: is_gone(pid), 30)
