"""The dashboard as a process: it comes up, and Ctrl-C ends it without a word of trouble and without leftovers."""

import re
import signal
import socket
import subprocess
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil
import pytest

from tests.acceptance.conftest import Terminal, kill

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


def wait_until_up(port: int, process: subprocess.Popen[str], timeout_s: float = 90) -> None:
    """Return once a dashboard answers there."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"no dashboard: {kill(process).err if process.poll() is None else process.returncode}")
