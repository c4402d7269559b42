"""Under which user embedded Postgres runs: ours, or, since it refuses root, an unprivileged one that the system has."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from chorus.errors import EmbeddedError

_UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """The user a server process runs as; None means: ours."""

    uid: int | None = None
    gid: int | None = None

    def own(self, path: Path) -> None:
        """Make a file or folder this user's."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def make_folder(self, path: Path) -> Path:
        """Make a folder that only this user enters."""
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o700)
        self.own(path)
        return path

    def reaches(self, path: Path) -> bool:
        """Whether this user may pass through every folder above ``path``."""
        if self.uid is None:
            return True
        return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents if parent.exists())

    @property
    def popen_options(self) -> dict[str, object]:
        """What ``subprocess`` needs to run something as this user."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_account() -> Account:
    """Choose the user for the server.

    Raises:
        EmbeddedError: we are root, and there is nobody else to run it.
    """
    if os.geteuid() != 0:
        return Account()
    for name in _UNPRIVILEGED:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(user.pw_uid, user.pw_gid)
    raise EmbeddedError("Postgres does not run as root, and there is no user 'postgres' or 'nobody': set DATABASE_URL.")
