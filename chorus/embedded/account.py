"""Under which user embedded Postgres runs: ours, or, since it refuses root, one without rights that the system has."""

import os
import pwd
import stat
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
        """Make a folder that only this user enters.

        Raises:
            EmbeddedError: somebody else's is in its place, or a link that leads who knows where.
        """
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), self.uid):
            raise EmbeddedError(f"{path} belongs to somebody else: remove it, or set CHORUS_HOME to another folder.")
        path.chmod(0o700)
        self.own(path)
        return path

    def reaches(self, path: Path) -> bool:
        """Whether this user may pass through every folder above ``path``."""
        if self.uid is None:
            return True
        return all(self._enters(parent.stat()) for parent in path.resolve().parents if parent.exists())

    def _enters(self, folder: os.stat_result) -> bool:
        if folder.st_uid == self.uid:
            return bool(folder.st_mode & stat.S_IXUSR)
        if folder.st_gid == self.gid:
            return bool(folder.st_mode & stat.S_IXGRP)
        return bool(folder.st_mode & stat.S_IXOTH)

    @property
    def popen_options(self) -> dict[str, object]:
        """What ``subprocess`` needs to run something as this user."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_account(*data: Path) -> Account:
    """Choose the user for the server: if we are root, whoever owns its data, wherever they are, stays the one.

    Raises:
        EmbeddedError: we are root, and there is nobody else to run it.
    """
    if os.geteuid() != 0:
        return Account()
    for folder in data:
        if folder.exists() and (owner := folder.stat()).st_uid != 0:
            return Account(owner.st_uid, owner.st_gid)
    for name in _UNPRIVILEGED:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(user.pw_uid, user.pw_gid)
    raise EmbeddedError("Postgres does not run as root, and there is no user 'postgres' or 'nobody': set DATABASE_URL.")
