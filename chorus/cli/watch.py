"""Who looks on for the person at the terminal: a live picture on a terminal, plain lines anywhere else."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from chorus.domain.run import RunEvent, RunSummary


class Onlooker(Protocol):
    """Hears of a run (as a ``Watcher``) and of downloads and waits (as a ``Progress``)."""

    def take_up(self, summary: RunSummary) -> None:
        """Hear how far the run is already."""

    def event(self, event: RunEvent) -> None:
        """Hear what happened."""

    def prose(self, scene_number: int, piece: str) -> None:
        """Hear the next piece of the scene being drafted."""

    def advance(self, what: str, done: int, total: int | None, unit: str = "bytes") -> None:
        """Hear how far a download or a wait has come."""


@contextmanager
def onlooker() -> Iterator[Onlooker]:
    """Look on until the block is left; everything shown goes to stderr."""
    from chorus.cli.terminal import console, say

    screen = console(on_stderr=True)
    if screen.is_terminal and not screen.is_dumb_terminal:
        from chorus.cli.live_watch import LiveWatch

        with LiveWatch(screen) as live:
            yield live
    else:
        from chorus.cli.plain_watch import PlainWatch

        yield PlainWatch(say)
