"""``./run`` with a Python that only pretends: what it does when, in which order, and what is left after a kill."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import ROOT

# Answers questions (-c) as a real Python does, and writes down what it is asked to install.
PRETENDER = r"""#!/bin/sh
case "$1 ${2:-}" in
    "-c "*) exec "$REAL_PYTHON" "$@" ;;
    "-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && echo venv >>"$JOURNAL" ;;
    "-m pip") echo pip >>"$JOURNAL" && echo "noise of pip" ;;
    "-m poetry")
        case "$*" in
            *" env use "*)
                mkdir -p "$4/.venv/bin" && cp "$0" "$4/.venv/bin/python" && echo "$4/.venv" >"$4/.venv/bin/activate"
                echo env >>"$JOURNAL" ;;
            *" sync "*)
                echo sync >>"$JOURNAL" && : >"$4/.venv/half" && sleep "${SYNC_S:-0}"
                [ -z "${SYNC_FAILS:-}" ] || { echo "no such wheel"; exit 1; } ;;
        esac ;;
    *) printf '<%s>\n' "$@"; printf 'in %s\n' "$PWD"; env | grep -E '^(VIRTUAL_ENV|PYTHONPATH)=' || true ;;
esac
"""

SHELLS = [shell for shell in ("sh", "dash", "bash") if shutil.which(shell)]


class House:
    """A folder with ``./run`` in it, and the start of it."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.journal = place.parent / "journal"
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str, through: str = "sh", cwd: Path | None = None, **env: str) -> subprocess.Popen[str]:
        ours = {
            "REAL_PYTHON": sys.executable,
            "JOURNAL": str(self.journal),
            "CHORUS_PYTHON": str(self.place.parent / "python3.12"),
        }
        process = subprocess.Popen(
            [through, str(self.place / "run"), *arguments],
            cwd=cwd or self.place,
            env={**os.environ, **ours, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def run(self, *arguments: str, through: str = "sh", cwd: Path | None = None, **env: str) -> tuple[int, str, str]:
        process = self.start(*arguments, through=through, cwd=cwd, **env)
        stdout, stderr = process.communicate(timeout=60)
        return process.returncode, stdout, stderr

    def done(self) -> list[str]:
        return self.journal.read_text().split() if self.journal.exists() else []

    def wait_for(self, step: str) -> None:
        deadline = time.monotonic() + 30
        while step not in self.done():
            assert time.monotonic() < deadline, f"never came to {step}: {self.done()}"
            time.sleep(0.02)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    place = tmp_path / "a house"
    place.mkdir()
    for name in ("run", "pyproject.toml"):
        shutil.copy(ROOT / name, place)
    (place / "poetry.lock").write_text("as locked")
    pretender = tmp_path / "python3.12"
    pretender.write_text(PRETENDER)
    pretender.chmod(0o755)
    house = House(place)
    yield house
    for process in house.started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("arguments", [[], ["--help"], ["help"]])
def test_help_needs_no_set_up(house: House, shell: str, arguments: list[str]) -> None:
    code, stdout, stderr = house.run(*arguments, through=shell)
    assert (code, stderr) == (0, "")
    assert "./run demo [--no-serve]" in stdout
    assert not (house.place / ".tools").exists()


@pytest.mark.parametrize("shell", SHELLS)
def test_the_first_start_sets_up_and_the_second_does_not(house: House, shell: str) -> None:
    code, stdout, stderr = house.run("stories", "--json", through=shell)
    assert code == 0
    assert stdout.splitlines()[1:] == ["<stories>", "<--json>", f"in {house.place}"], "stdout belongs to the command"
    assert stderr.splitlines()[0].startswith("chorus: setting up with Python 3.")
    assert all(line.startswith("chorus: ") for line in stderr.splitlines())
    assert house.done() == ["venv", "pip", "env", "sync"]

    assert house.run("stories", through=shell)[2] == ""
    assert house.done() == ["venv", "pip", "env", "sync"]


def test_a_changed_lock_is_synced_and_nothing_made_anew(house: House) -> None:
    house.run("doctor")
    (house.place / "poetry.lock").write_text("as locked tomorrow")
    house.run("doctor")
    assert house.done() == ["venv", "pip", "env", "sync", "sync"]


def test_a_moved_folder_gets_a_new_environment(house: House) -> None:
    house.run("doctor")
    moved = house.place.rename(house.place.with_name("moved"))
    assert House(moved).run("doctor")[0] == 0
    assert house.done() == ["venv", "pip", "env", "sync", "env", "sync"]


@pytest.mark.parametrize("shell", SHELLS)
def test_from_elsewhere_through_links_and_past_other_environments(house: House, tmp_path: Path, shell: str) -> None:
    house.run("doctor")
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "inner").symlink_to("../a house")
    (tmp_path / "start").symlink_to("links/inner/run")
    process = subprocess.run(
        [shell, str(tmp_path / "start"), "write", "two words", "", "*"],
        cwd=tmp_path / "links",
        env={**os.environ, "VIRTUAL_ENV": "/elsewhere", "PYTHONPATH": "/elsewhere", "CDPATH": str(tmp_path)},
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    script = f"<{house.place}/.venv/bin/chorus>"
    assert process.stdout.splitlines() == [script, "<write>", "<two words>", "<>", "<*>", f"in {tmp_path}/links"]


def test_tests_run_in_the_repository(house: House, tmp_path: Path) -> None:
    house.run("doctor")
    _, stdout, _ = house.run("test", "-k", "a or b", cwd=tmp_path)
    lines = stdout.splitlines()
    assert (lines[:2], lines[-3:]) == (["<-m>", "<pytest>"], ["<-k>", "<a or b>", f"in {house.place}"])


def test_two_at_once_set_up_once(house: House) -> None:
    first = house.start("doctor", SYNC_S="1")
    house.wait_for("sync")
    second = house.start("runs", SYNC_S="1")
    _, waiting = second.communicate(timeout=60)
    first.communicate(timeout=60)
    assert (first.returncode, second.returncode) == (0, 0)
    assert "waiting" in waiting
    assert house.done() == ["venv", "pip", "env", "sync"]


def test_killed_halfway_starts_the_environment_anew(house: House) -> None:
    process = house.start("doctor", SYNC_S="30")
    house.wait_for("sync")
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    assert (house.place / ".venv" / "half").exists()

    code, _, _ = house.run("doctor")
    assert code == 0
    assert house.done() == ["venv", "pip", "env", "sync", "env", "sync"]


def test_terminated_halfway_leaves_nothing_running(house: House) -> None:
    process = house.start("doctor", SYNC_S="30")
    house.wait_for("sync")
    began = time.monotonic()
    process.terminate()
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 143
    assert "interrupted" in stderr
    assert time.monotonic() - began < 10


def test_a_failure_shows_the_log_and_keeps_what_was_there(house: House) -> None:
    code, stdout, stderr = house.run("doctor", SYNC_FAILS="1")
    assert (code, stdout) == (1, "")
    assert "    no such wheel" in stderr
    assert str(house.place / ".tools" / "setup.log") in stderr
    house.run("doctor")
    assert house.done() == ["venv", "pip", "env", "sync", "sync"]


@pytest.mark.parametrize("python", ["/bin/false", "no-such-python"])
def test_an_unsuitable_python_is_refused_with_what_to_do(house: House, python: str) -> None:
    code, stdout, stderr = house.run("doctor", CHORUS_PYTHON=python)
    assert (code, stdout) == (1, "")
    assert "3.12, 3.13 or 3.14" in stderr


def a_path_with_pythons_that(folder: Path, answer: str) -> str:
    """Make a PATH on which every Python answers alike, beside the tools a shell script needs."""
    folder.mkdir()
    for tool in ("cat", "cksum", "date", "dirname", "id", "mkdir", "readlink"):
        (folder / tool).symlink_to(str(shutil.which(tool)))
    for name in ("python3.14", "python3.13", "python3.12", "python3", "python"):
        (folder / name).write_text(f"#!/bin/sh\n{answer}\n")
        (folder / name).chmod(0o755)
    return str(folder)


def test_a_python_without_venv_is_named_as_such(house: House, tmp_path: Path) -> None:
    script = (house.place / "run").read_text()
    only_path = script.replace("collections |", ": |").replace('[ ! -x "$found" ] ||', ": ||")
    assert only_path != script
    (house.place / "run").write_text(only_path)
    path = a_path_with_pythons_that(tmp_path / "bin", 'case "$2" in *print*) echo python3.12 ;; *) exit 3 ;; esac')
    code, _, stderr = house.run("doctor", through="/bin/sh", CHORUS_PYTHON="", PATH=path)
    assert code == 1
    assert "apt install python3.12-venv" in stderr
