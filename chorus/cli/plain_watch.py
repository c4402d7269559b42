"""Progress as plain lines, each with the time since the command began; for logs, pipes and other people's tools."""

import time
from collections.abc import Callable
from threading import Lock

from chorus.cli.run_view import QUIET, RunView, told
from chorus.cli.terminal import amount, clock, counted, shown, size
from chorus.domain.run import RunEvent, RunSummary

LINE_EVERY_S = 5.0


class PlainWatch:
    """Says a line for whatever is worth one."""

    def __init__(self, say: Callable[[str], None], now: Callable[[], float] = time.monotonic) -> None:
        self._say = say
        self._now = now
        self._view = RunView(began=now())
        self._lock = Lock()
        self._told: dict[str, tuple[float, int]] = {}

    def take_up(self, summary: RunSummary) -> None:
        """Begin where an earlier process left off."""
        self._view.take_up(summary)
        if summary.scenes:
            self._line(f"{summary.scenes} of {counted(summary.scenes_planned, 'scene')} are written already.")

    def event(self, event: RunEvent) -> None:
        """Say what happened, if it is news."""
        now = self._now()
        self._view.hear(event, now)
        if event.kind in QUIET:
            return
        figures = self._view.left(now) if event.kind == "scene_committed" else []
        if event.kind == "scene_committed" and "words" in event.data:
            figures.insert(0, counted(int(event.data["words"]), "word"))
        self._line(" · ".join([told(event), *figures]))

    def prose(self, scene_number: int, piece: str) -> None:
        """Leave prose to the scene's end: a log is no page."""

    def advance(self, what: str, done: int, total: int | None, unit: str = "bytes") -> None:
        """Say a download's size, then every tenth of it, at most every few seconds; say a wait once."""
        with self._lock:
            now = self._now()
            tenth = 10 * done // total if total else 0
            last = self._told.get(what)
            if last is None:
                self._told[what] = (now, tenth)
                whole = f" ({size(total)})" if unit == "bytes" and total else ""
                self._line(f"{shown(what)}{whole} …")
            elif unit == "bytes" and tenth > last[1] and (now - last[0] >= LINE_EVERY_S or tenth == 10):
                self._told[what] = (now, tenth)
                self._line(f"{shown(what)}: {amount(done, total, unit)}")

    def _line(self, text: str) -> None:
        self._say(f"{clock(self._now() - self._view.began):>7}  {text}")
