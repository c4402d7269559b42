"""The machine: Python, the packages, the folder of all that Chorus runs itself, and the ports it serves on."""

import asyncio
import os
import platform
import shutil
import sys
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from packaging.requirements import Requirement

from chorus import __version__
from chorus.embedded.weights import DEFAULT_WEIGHTS, find_weights, needed_bytes
from chorus.inspection.report import Area, Condition, Part
from chorus.settings import ChorusConfig

LITTLE_BYTES = 1_000_000_000
"""A long story with its memories takes some megabytes, the embedded database a hundred when it is new."""
TOO_LITTLE_BYTES = 200_000_000
DASHBOARD_PORT = 8501
API_PORT = 8502
_LOOPBACK = "127.0.0.1"


def inspect_python() -> Part:
    """Say which Python on which system."""
    return Part(
        area=Area.MACHINE,
        name="python",
        title="Python",
        condition=Condition.OK,
        said=f"{platform.system()} {platform.release()}, {platform.machine()}, {os.cpu_count()} cores",
        version=platform.python_version(),
        location=sys.executable,
    )


def inspect_packages() -> Part:
    """Compare what is installed with what Chorus needs."""
    amiss = list(_amiss())
    needed = metadata.requires("chorus") or []
    return Part(
        area=Area.MACHINE,
        name="packages",
        title="Packages",
        condition=Condition.PROBLEM if amiss else Condition.OK,
        said=f"missing or of another version: {', '.join(amiss)}" if amiss else f"{len(needed)} of {len(needed)} there",
        version=f"chorus {__version__}",
        location=sys.prefix,
        remedy="Run `./run check lock`, or `poetry install`." if amiss else None,
    )


def _amiss() -> Iterator[str]:
    for line in metadata.requires("chorus") or []:
        needed = Requirement(line)
        if needed.marker and not needed.marker.evaluate():
            continue
        try:
            found = metadata.version(needed.name)
        except metadata.PackageNotFoundError:
            yield needed.name
            continue
        if not needed.specifier.contains(found, prereleases=True):
            yield f"{needed.name} {found}"


async def inspect_home(config: ChorusConfig) -> Sequence[Part]:
    """See whether CHORUS_HOME can be written, and how much room it has."""
    home = config.system.home.expanduser().absolute()
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    condition, said, remedy = _room(config, home, free)
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        condition, said = Condition.PROBLEM, "cannot be written"
        remedy = f"Give yourself the right to write {there}, or set CHORUS_HOME to another folder."
    part = Part(
        area=Area.MACHINE,
        name="home",
        title="Home",
        condition=condition,
        said=said,
        location=str(home),
        remedy=remedy,
        figures={"free_bytes": free},
    )
    return [part]


def _room(config: ChorusConfig, home: Path, free: int) -> tuple[Condition, str, str | None]:
    said = f"{free / 1e9:.1f} GB free"
    said = said if home.exists() else f"made when it is first needed; {said}"
    remedy = "Make room, or set CHORUS_HOME to a folder elsewhere."
    if free < TOO_LITTLE_BYTES and (config.uses_embedded_database or config.uses_embedded_model):
        return Condition.PROBLEM, said, remedy
    if config.uses_embedded_model and not find_weights(home, config.llm.gguf):
        needed = needed_bytes(DEFAULT_WEIGHTS)
        if free < needed:
            return Condition.WARNING, f"{said}; the model takes {needed / 1e9:.1f} GB to fetch", remedy
    return (Condition.WARNING, said, remedy) if free < LITTLE_BYTES else (Condition.OK, said, None)


async def inspect_ports(_config: ChorusConfig) -> Sequence[Part]:
    """See who serves where the dashboard and the API do by default."""
    return await asyncio.gather(
        asyncio.to_thread(_port, "dashboard", DASHBOARD_PORT, "app", "_stcore/health"),
        asyncio.to_thread(_port, "api", API_PORT, "api", "health"),
    )


def _port(name: str, port: int, command: str, health: str) -> Part:
    url = f"http://{_LOOPBACK}:{port}"
    served = _answer(f"{url}/{health}")
    if served is None:
        condition, said, remedy = Condition.OFF, f"not served; `chorus {command}` does", None
    elif served:
        condition, said, remedy = Condition.OK, "is served", None
    else:
        condition, said = Condition.WARNING, "something else serves there"
        remedy = f"Choose another port: `chorus {command} --port {port + 10}`."
    title = "API" if name == "api" else name.capitalize()
    return Part(area=Area.WORK, name=name, title=title, condition=condition, said=said, location=url, remedy=remedy)


def _answer(url: str) -> bool | None:
    """Whether what serves there says that it is well; None if nothing serves."""
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=3) as response:
            return bool(response.status == 200)
    except URLError as error:
        return None if isinstance(error.reason, ConnectionRefusedError) else False
    except (OSError, ValueError):
        return False
