import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.commands import COMMANDS
from tests.conftest import ROOT
from tests.endpoint import Call, EndpointServer

KEY = "sk-canary-7f3a"


@dataclass(frozen=True)
class Said:
    """What a ``chorus`` process said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Terminal:
    """``chorus`` as a real process, in an environment of its own."""

    environment: dict[str, str]
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(
        self, *arguments: str, python: tuple[str, ...] = ("-m", "chorus"), within: tuple[str, ...] = ()
    ) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*within, sys.executable, *python, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=self.environment,
        )
        self.started.append(process)
        return process

    def chorus(self, *arguments: str, timeout_s: float = 90) -> Said:
        said = COMMANDS.run(arguments, self.environment, Path.cwd(), "", timeout_s)
        return Said(said.returncode, said.stdout, said.stderr)

    def stop(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.communicate()


@pytest.fixture
def endpoint() -> Iterator[EndpointServer]:
    with EndpointServer(latency_s=0.05, api_key=KEY) as server:
        yield server


@pytest.fixture
def terminal(database_url: str, endpoint: EndpointServer, tmp_path: Path) -> Iterator[Terminal]:
    """A terminal whose ``chorus`` writes to a fresh database and asks the test endpoint."""
    opened = terminal_at(database_url, endpoint, tmp_path)
    yield opened
    opened.stop()


def terminal_at(database_url: str, endpoint: EndpointServer, folder: Path) -> Terminal:
    """A terminal whose ``chorus`` writes to this database, asks this endpoint and has its home in this folder."""
    models = {f"{agent}_MODEL": "test-model" for agent in ("STORY_ARCHITECT", "SCENE_GENERATOR", "CONTINUITY_EDITOR")}
    ours = {
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": database_url,
        "CHORUS_HOME": str(folder / "home"),
        "OPENAI_API_BASE": endpoint.base_url,
        "OPENAI_API_KEY": KEY,
    }
    return Terminal({**os.environ, **models, **ours})


def wait_for_calls(endpoint: EndpointServer, count: int, timeout_s: float = 60) -> None:
    """Return once the endpoint has been asked so often."""
    deadline = time.monotonic() + timeout_s
    while len(endpoint.calls) < count:
        assert time.monotonic() < deadline, f"only {len(endpoint.calls)} calls in {timeout_s} s"
        time.sleep(0.02)


def kill(process: subprocess.Popen[str], number: signal.Signals = signal.SIGKILL) -> Said:
    """Send a signal and wait for the end."""
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    return Said(process.returncode, out, err)


def body_of(call: Call) -> str:
    """What was asked, as one string; the same for two identical requests."""
    return json.dumps(call.body, sort_keys=True)
