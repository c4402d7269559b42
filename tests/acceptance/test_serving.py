"""The dashboard as a process: it comes up, and Ctrl-C ends it without a word of trouble and without leftovers."""

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil
import psycopg
import pytest

from tests.acceptance.conftest import Terminal, kill, wait_for_calls
from tests.endpoint import EndpointServer

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def test_the_app_serves_until_ctrl_c(terminal: Terminal, port: int) -> None:
    process = terminal.start("app", "--port", str(port))
    wait_until_up(port, process)
    said = kill(process, signal.SIGINT)
    assert said.code == 0, said.err
    assert f"http://127.0.0.1:{port}/" in said.err
    assert "Traceback" not in said.err
    assert "Aborted" not in said.err


def test_the_demo_shows_its_story_and_leaves_nothing_running(terminal: Terminal, port: int) -> None:
    process = terminal.start("demo", "--port", str(port))
    wait_until_up(port, process)
    assert process.stdout
    out = ""
    for line in process.stdout:
        out += line
        if line.startswith("Read it at:"):
            break
    dashboards = psutil.Process(process.pid).children()
    said = kill(process, signal.SIGINT)
    assert said.code == 0, said.err
    assert f"Watch it being written: http://127.0.0.1:{port}/story?story_id=" in said.err
    found = re.search(r"^The story: (.+)$", out, re.M)
    assert found
    assert Path(found[1]).read_text(encoding="utf-8").startswith("# ")
    assert [child.pid for child in dashboards if child.is_running()] == []


def wait_until_up(
    port: int, process: subprocess.Popen[str], path: str = "_stcore/health", timeout_s: float = 90
) -> None:
    """Return once a dashboard, or whoever has this path, answers there."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/{path}", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"no dashboard: {kill(process).err if process.poll() is None else process.returncode}")


def workers_of(terminal: Terminal) -> list[int]:
    """The workers that live, as the database knows them."""
    with psycopg.connect(terminal.environment["DATABASE_URL"]) as connection:
        return [pid for (pid,) in connection.execute("SELECT pid FROM worker ORDER BY started_at")]


def wait_for(done: Callable[[], bool], timeout_s: float = 60) -> None:
    """Return once it is so."""
    give_up = time.monotonic() + timeout_s
    while not done():
        assert time.monotonic() < give_up
        time.sleep(0.1)


def lives(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_the_app_keeps_one_worker_and_takes_it_along(terminal: Terminal, port: int) -> None:
    process = terminal.start("app", "--port", str(port))
    wait_for(lambda: len(workers_of(terminal)) == 1)
    (first,) = workers_of(terminal)
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: len(now := workers_of(terminal)) == 1 and first not in now)
    (second,) = workers_of(terminal)
    assert kill(process, signal.SIGTERM).code == 0
    wait_for(lambda: not lives(second), timeout_s=20)
    assert workers_of(terminal) == []


def test_the_worker_of_a_killed_app_finishes_and_goes(terminal: Terminal, endpoint: EndpointServer, port: int) -> None:
    endpoint.latency_s = 1.0
    process = terminal.start("app", "--port", str(port))
    wait_for(lambda: len(workers_of(terminal)) == 1)
    (worker,) = workers_of(terminal)
    begun = terminal.chorus("write", "A lamp.", "--scenes", "1", "--words", "60", "--detach", "--json")
    wait_for_calls(endpoint, 1)
    kill(process)
    endpoint.latency_s = 0.05
    wait_for(lambda: not lives(worker), timeout_s=90)
    (run,) = terminal.chorus("runs", "--json").json
    assert (run["run_id"], run["status"]) == (begun.json["run_id"], "complete")


def test_stop_ends_the_worker_of_an_app(terminal: Terminal, port: int) -> None:
    terminal.start("app", "--port", str(port))
    wait_for(lambda: len(workers_of(terminal)) == 1)
    (worker,) = workers_of(terminal)
    assert "worker" in terminal.chorus("stop").out
    assert not lives(worker)


def test_a_killed_demo_leaves_its_port_free(terminal: Terminal, endpoint: EndpointServer, port: int) -> None:
    endpoint.latency_s = 1.0
    process = terminal.start("demo", "--port", str(port))
    wait_until_up(port, process)
    dashboards = psutil.Process(process.pid).children()
    kill(process)
    wait_for(lambda: not any(lives(child.pid) for child in dashboards), timeout_s=30)
    with socket.create_server(("127.0.0.1", port)):
        pass
