import socket
from collections.abc import Callable, Iterator

import pytest

from chorus.cli import demo
from chorus.cli.dashboard import ensure_free, url_of
from chorus.domain.run import Run, RunStatus
from chorus.errors import InvalidInput
from chorus.pipeline.watcher import Watcher
from tests.unit.cli.conftest import Said
from tests.unit.cli.fakes import FakeStudio

Chorus = Callable[..., Said]


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        yield somebody.getsockname()[1]


@pytest.mark.parametrize("command", ["app", "demo"])
def test_a_taken_port_is_told_before_anything_is_done(
    chorus: Chorus, studio: FakeStudio, taken: int, command: str
) -> None:
    said = chorus(command, "--port", str(taken))
    assert said.code == 2
    assert said.err == f"Port {taken} on 127.0.0.1 is taken: choose another with --port, such as --port {taken + 1}.\n"
    assert studio.asked == []


def test_an_address_that_is_not_ours_is_refused() -> None:
    with pytest.raises(InvalidInput):
        ensure_free("192.0.2.1", 8501)


def test_deep_links_carry_the_story() -> None:
    assert url_of("127.0.0.1", 8501) == "http://127.0.0.1:8501/"
    assert url_of("::1", 80, "read", story_id="x y") == "http://[::1]:80/read?story_id=x+y"


@pytest.mark.parametrize(("status", "code"), [(RunStatus.COMPLETE, 0), (RunStatus.FAILED, 1), (RunStatus.PAUSED, 3)])
def test_the_demo_exports_what_there_is_and_ends_as_its_run(
    chorus: Chorus, studio: FakeStudio, status: RunStatus, code: int
) -> None:
    def work(studio: FakeStudio, run: Run, watcher: Watcher) -> RunStatus:
        return status

    studio.script = work
    said = chorus("demo", "--no-serve")
    assert said.code == code
    file = studio.config.system.home / "exports" / "the-lamp.md"
    assert f"The story: {file.parent}" in said.out
    assert file.read_text().startswith("# The Lamp\n")
    premise, _, settings = studio.asked[0][1]
    assert premise == demo.PREMISE
    assert (settings.scenes, settings.words) == (demo.SCENES, demo.WORDS)
