"""Who is told how far a download or a wait has come: the command line's bars, or nobody."""

from typing import Protocol


class Progress(Protocol):
    """Told often; must return at once and never raise."""

    def advance(self, what: str, done: int, total: int | None, unit: str = "bytes") -> None:
        """Hear that ``done`` of ``total`` units of ``what`` are there; a ``total`` of None is not known yet."""


class Silent:
    """Tells nobody."""

    def advance(self, what: str, done: int, total: int | None, unit: str = "bytes") -> None:
        """Do nothing."""


SILENT = Silent()
