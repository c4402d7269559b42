"""The floor under all other tests: what conftest promises."""

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from _pytest.outcomes import Failed


def test_no_setting_of_the_developer_is_seen() -> None:
    assert not {"DATABASE_URL", "OPENAI_API_BASE", "OPENAI_API_KEY"} & set(os.environ)
    assert not Path(".env").exists()
    assert "chorus-test-" in os.environ["CHORUS_HOME"]


def test_an_address_outside_is_refused_loudly() -> None:
    with pytest.raises(Failed, match="reaches for"), socket.socket() as outside:
        outside.connect(("192.0.2.1", 443))


def test_a_name_outside_is_not_even_looked_up() -> None:
    with pytest.raises(Failed, match="reaches for"):
        socket.getaddrinfo("endpoint.test", 443)


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()


def test_a_child_process_finds_nobody_outside() -> None:
    ask = "import urllib.request as r; r.urlopen('http://endpoint.test/v1/models', timeout=5)"
    child = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=False)
    assert child.returncode == 1
    assert "Connection refused" in child.stderr


def test_the_few_that_need_the_internet_can_ask_for_it(internet: Callable[[], AbstractContextManager[None]]) -> None:
    with internet():
        assert urllib.request.getproxies().get("http") != "http://127.0.0.1:9"
    assert urllib.request.getproxies()["http"] == "http://127.0.0.1:9"
