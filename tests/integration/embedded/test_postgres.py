"""The embedded Postgres through everything that can happen to a server: kills, races, odd homes, two accounts."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from chorus.embedded.postgres import EmbeddedPostgres
from chorus.errors import EmbeddedError
from tests.conftest import ROOT
from tests.timing import quickest_s

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the server another account")
ENSURE = (
    "import sys, pathlib; from chorus.embedded.postgres import EmbeddedPostgres; "
    "print(EmbeddedPostgres(pathlib.Path(sys.argv[1])).ensure())"
)


@pytest.fixture
def make_server() -> Iterator[Callable[[Path], EmbeddedPostgres]]:
    """Servers that are gone with all their files when the test ends."""
    made: list[EmbeddedPostgres] = []

    def make(home: Path) -> EmbeddedPostgres:
        made.append(EmbeddedPostgres(home))
        return made[-1]

    yield make
    for server in made:
        server.remove()


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that everybody may enter, so that all lies inside."""
    folder = Path(tempfile.mkdtemp(prefix="chorus-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def ask(url: str, query: str) -> object:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def pid_of(server: EmbeddedPostgres) -> int:
    pid = server.status().pid
    assert pid is not None
    return pid


def start_ensure(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", ENSURE, str(home)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for(condition: Callable[[], object], timeout_s: float = 10) -> None:
    give_up = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < give_up, "it did not happen in time"
        time.sleep(0.005)


def test_its_life(home: Path, make_server: Callable[[Path], EmbeddedPostgres]) -> None:
    server = make_server(home)
    before = server.status()
    assert not before.running
    assert before.version is None
    expected = server.url()

    url = server.ensure()

    assert url == expected
    assert ask(url, "SELECT extversion FROM pg_extension WHERE extname = 'vector'")
    assert ask(url, "SHOW fsync") == "on"
    assert ask(url, "SHOW listen_addresses") == ""
    assert ask(url, "SELECT lower('ÄÖÜ') || upper('é')") == "äöüÉ"
    assert server.ensure() == url
    assert quickest_s(server.ensure) < 0.05
    assert quickest_s(server.status) < 1
    status = server.status()
    assert status.running
    assert status.version == "18"
    assert status.size_bytes > 1_000_000
    assert status.data.stat().st_mode & 0o777 == 0o700

    ask(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    assert server.stop()
    assert not server.status().running
    assert not server.stop()
    assert ask(server.ensure(), "SELECT answer FROM kept") == 42


def kill(server: EmbeddedPostgres) -> None:
    """Kill the server's main process, and return when it has gone: a signal is not an end."""
    process = psutil.Process(pid_of(server))
    process.kill()
    deadline = time.monotonic() + 10
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.01)


def _back_after_a_kill_s(server: EmbeddedPostgres, url: str) -> float:
    with contextlib.closing(psycopg.connect(url.replace("+psycopg", ""))) as busy:
        busy.execute("SELECT 1")
        kill(server)
        began = time.perf_counter()
        assert not server.status().running
        assert server.ensure() == url
        return time.perf_counter() - began


def test_it_comes_back_after_a_kill_with_all_that_was_committed(
    home: Path, make_server: Callable[[Path], EmbeddedPostgres]
) -> None:
    server = make_server(home)
    url = server.ensure()
    ask(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    _back_after_a_kill_s(server, url)
    assert ask(url, "SELECT answer FROM kept") == 42


@pytest.mark.soak
def test_it_comes_back_soon(home: Path, make_server: Callable[[Path], EmbeddedPostgres]) -> None:
    """A run is taken over within 5 s, and this is only the first part of it."""
    server = make_server(home)
    url = server.ensure()
    assert min(_back_after_a_kill_s(server, url) for _ in range(3)) < 5


def test_a_pidfile_that_names_a_stranger_is_not_believed(
    home: Path, make_server: Callable[[Path], EmbeddedPostgres]
) -> None:
    server = make_server(home)
    server.ensure()
    data = server.status().data
    pidfile = data / "postmaster.pid"
    lines = pidfile.read_text().split("\n")
    kill(server)
    pidfile.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    assert not server.status().running
    assert not server.stop()
    server.ensure()
    assert psutil.pid_exists(os.getpid())
    assert server.status().running


def test_two_processes_at_once_start_one_server(home: Path, make_server: Callable[[Path], EmbeddedPostgres]) -> None:
    server = make_server(home)
    starters = [start_ensure(home) for _ in range(2)]
    said = [starter.communicate(timeout=60) for starter in starters]
    assert [starter.returncode for starter in starters] == [0, 0], said
    assert {out.strip() for out, _ in said} == {server.url()}
    assert ask(server.url(), "SELECT count(*) FROM pg_extension WHERE extname = 'vector'") == 1


def test_a_kill_while_it_is_set_up_leaves_nothing_half_made(
    home: Path, make_server: Callable[[Path], EmbeddedPostgres]
) -> None:
    server = make_server(home)
    starter = start_ensure(home)
    wait_for(lambda: list(home.glob("postgres/*/base")))
    starter.kill()
    starter.communicate()
    assert server.status().version is None
    url = server.ensure()
    assert ask(url, "SELECT 1") == 1
    assert sorted(path.name for path in home.glob("postgres/*") if path.is_dir()) == ["data", "socket"]


def test_a_kill_while_it_starts_leaves_a_server_that_is_taken_over(
    home: Path, make_server: Callable[[Path], EmbeddedPostgres]
) -> None:
    server = make_server(home)
    server.ensure()
    kill(server)
    starter = start_ensure(home)
    wait_for(lambda: server.status().pid)
    starter.kill()
    starter.communicate()
    assert ask(server.ensure(), "SELECT 1") == 1


def test_a_socket_that_was_cleaned_away_is_made_again(
    home: Path, make_server: Callable[[Path], EmbeddedPostgres]
) -> None:
    server = make_server(home)
    url = server.ensure()
    shutil.rmtree(url.split("host=")[1].split("&")[0].replace("%2F", "/"))
    assert ask(server.ensure(), "SELECT 1") == 1


def test_it_survives_its_starter_and_holds_none_of_its_pipes(
    home: Path, make_server: Callable[[Path], EmbeddedPostgres]
) -> None:
    server = make_server(home)
    done = subprocess.run(
        [sys.executable, "-c", ENSURE, str(home)], cwd=ROOT, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert server.status().running
    assert os.getsid(pid_of(server)) != os.getsid(0)


def test_a_home_may_have_any_name(make_server: Callable[[Path], EmbeddedPostgres], home: Path) -> None:
    odd = home / 'it\'s a $HOME, 100% "mine"; `é` and long enough to be too long for the path of any socket at all'
    odd.mkdir(mode=0o711)
    server = make_server(odd)
    url = server.ensure()
    assert url == server.url()
    assert ask(url, "SELECT 1") == 1
    kill(server)
    assert ask(server.ensure(), "SELECT 1") == 1


@AS_ROOT
def test_root_may_keep_its_home_to_itself(tmp_path: Path, make_server: Callable[[Path], EmbeddedPostgres]) -> None:
    tmp_path.chmod(0o700)
    server = make_server(tmp_path)
    url = server.ensure()
    assert ask(url, "SELECT 1") == 1
    assert psutil.Process(pid_of(server)).uids().effective != 0
    data = server.status().data
    assert not data.is_relative_to(tmp_path)
    assert EmbeddedPostgres(tmp_path).url() == url
    server.remove()
    assert not data.exists()


@AS_ROOT
def test_root_runs_a_users_server_as_that_user(home: Path, make_server: Callable[[Path], EmbeddedPostgres]) -> None:
    server = make_server(home)
    server.ensure()
    data = server.status().data
    server.stop()
    for path in (home, data.parent, *data.parent.rglob("*")):
        os.chown(path, 12345, 12345)
    home.chmod(0o700)
    again = make_server(home)
    assert ask(again.ensure(), "SELECT 1") == 1
    assert again.status().data == data
    assert psutil.Process(pid_of(again)).uids().effective == 12345


def test_data_of_another_version_are_left_alone(home: Path, make_server: Callable[[Path], EmbeddedPostgres]) -> None:
    data = home / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("16\n")
    (data / "precious").write_text("kept")
    with pytest.raises(EmbeddedError, match="16"):
        make_server(home).ensure()
    assert (data / "precious").read_text() == "kept"


def test_data_without_a_version_are_not_deleted(home: Path, make_server: Callable[[Path], EmbeddedPostgres]) -> None:
    data = home / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "precious").write_text("kept")
    with pytest.raises(EmbeddedError):
        make_server(home).ensure()
    assert (data / "precious").read_text() == "kept"


def test_a_home_that_cannot_be_is_a_clear_error(home: Path) -> None:
    (home / "file").write_text("")
    with pytest.raises(EmbeddedError, match="CHORUS_HOME"):
        EmbeddedPostgres(home / "file" / "below").ensure()
