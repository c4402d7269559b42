import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chorus.cli import main
from chorus.settings import ChorusConfig
from tests.unit.cli.fakes import FakeStudio


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def studio(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeStudio:
    """The studio that every command of the test opens."""
    monkeypatch.setenv("CHORUS_HOME", str(tmp_path / "home"))
    fake = FakeStudio(ChorusConfig())

    @asynccontextmanager
    async def studio_of(config: ChorusConfig, progress: object) -> AsyncIterator[FakeStudio]:
        fake.config = config
        yield fake

    monkeypatch.setattr("chorus.cli.open.studio_of", studio_of)
    return fake


@pytest.fixture
def chorus(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """``chorus("runs", "--json")`` as typed at a terminal that is none."""
    monkeypatch.setattr("chorus.cli.outcome.speak_utf8", lambda: None)
    monkeypatch.setattr("chorus.cli.open.log_to_stderr", lambda *_, **__: None)

    def run(*arguments: str) -> Said:
        code = main(arguments)
        told = capsys.readouterr()
        return Said(code, told.out, told.err)

    return run
