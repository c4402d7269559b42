"""Progress as a live picture on a terminal: stages, scenes, figures, and the end of the prose as it arrives."""

import time
from collections.abc import Callable
from threading import Lock
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from chorus.cli.run_view import RunView, told
from chorus.cli.terminal import amount, clock, counted, shown
from chorus.domain.run import RunEvent, RunSummary, Stage

STAGES = {
    Stage.CONCEPT: "Concept",
    Stage.WORLD: "World and cast",
    Stage.OUTLINE: "Outline",
    Stage.SCENES: "Scenes",
    Stage.INTEGRATION: "Chapters",
}
SCENES_SHOWN = 8
PROSE_KEPT = 1_200
PROSE_LINES = 5
BAR_WIDTH = 30


class LiveWatch:
    """Draws the picture a few times a second while its block runs, and leaves the screen clean."""

    def __init__(self, screen: Console, now: Callable[[], float] = time.monotonic) -> None:
        self._screen = screen
        self._now = now
        self._view = RunView(began=now())
        self._lock = Lock()
        self._waits: dict[str, tuple[int, int | None, str]] = {}
        self._prose = ""
        self._prose_of: int | None = None
        self._live = Live(get_renderable=self.picture, console=screen, refresh_per_second=5, transient=True)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def take_up(self, summary: RunSummary) -> None:
        """Begin where an earlier process left off."""
        with self._lock:
            self._view.take_up(summary)

    def event(self, event: RunEvent) -> None:
        """Take in what happened; a finding or a question also stays on the screen as a line."""
        with self._lock:
            self._view.hear(event, self._now())
            if event.kind == "scene_committed":
                self._prose = ""
        if event.kind in ("finding", "review"):
            self._screen.print(Text(f"  {told(event)}", style="yellow"))

    def prose(self, scene_number: int, piece: str) -> None:
        """Keep the end of the prose."""
        with self._lock:
            if scene_number != self._prose_of or not piece:
                self._prose, self._prose_of = "", scene_number
            self._prose = (self._prose + piece)[-PROSE_KEPT:]

    def advance(self, what: str, done: int, total: int | None, unit: str = "bytes") -> None:
        """Take in how far a download or a wait has come."""
        with self._lock:
            if total is not None and done >= total:
                self._waits.pop(what, None)
            else:
                self._waits[what] = (done, total, unit)

    # --- the picture

    def picture(self) -> RenderableType:
        """Draw everything as it is now."""
        with self._lock:
            parts: list[RenderableType] = [self._wait(what) for what in self._waits]
            if self._view.doing:
                parts += [Text(), self._head(), Text(), *self._scenes(), self._figures()]
            if self._prose and self._view.writing is not None:
                parts.append(self._page())
        return Padding(Group(*parts), (0, 0, 0, 2))

    def _wait(self, what: str) -> RenderableType:
        done, total, unit = self._waits[what]
        row = Table.grid(padding=(0, 2, 0, 0))
        if unit == "bytes" and total:
            row.add_row(shown(what), _bar(done, total), Text(amount(done, total, unit), style="dim"))
        else:
            row.add_row(f"{shown(what)} …")
        return row

    def _head(self) -> RenderableType:
        line = Text().append(shown(self._view.title) or "A new story", style="bold").append("\n")
        reached = list(STAGES).index(self._view.stage) if self._view.stage in STAGES else len(STAGES)
        for number, name in enumerate(STAGES.values()):
            mark, style = ("✓", "green") if number < reached else ("●", "bold") if number == reached else ("○", "dim")
            line.append(f"{mark} {name}", style=style).append("   ")
        return line

    def _scenes(self) -> list[RenderableType]:
        """The scenes around the one being written; before there are any, what is being done."""
        view = self._view
        if not view.titles:
            return [Text(shown(view.doing), style="dim")]
        first = max(0, min((view.writing or view.done + 1) - SCENES_SHOWN // 2 - 1, len(view.titles) - SCENES_SHOWN))
        rows = Table.grid(padding=(0, 2, 0, 0))
        for number, title in list(enumerate(view.titles, 1))[first : first + SCENES_SHOWN]:
            rows.add_row(*self._scene(number, title))
        return [rows, Text()]

    def _scene(self, number: int, title: str) -> tuple[Text, Text, Text, Text]:
        if number <= self._view.done:
            words = self._view.scene_words.get(number)
            mark, style, said = "✓", "", counted(words, "word") if words else ""
        elif number == self._view.writing:
            mark, style, said = "●", "bold", "being written"
        else:
            mark, style, said = " ", "dim", ""
        name = Text(shown(title), style=style, no_wrap=True, overflow="ellipsis")
        return Text(mark, style="green"), Text(str(number), style="dim", justify="right"), name, Text(said, style="dim")

    def _figures(self) -> RenderableType:
        view, now = self._view, self._now()
        said = [f"{view.done} of {counted(view.planned, 'scene')}"] if view.planned else []
        said += [counted(view.words, "word")] if view.words else []
        said += [counted(view.tokens, "token")] if view.tokens else []
        said.append(clock(now - view.began))
        said += view.left(now)
        row = Table.grid(padding=(0, 2, 0, 0))
        text = Text(" · ".join(said), style="dim")
        row.add_row(*([_bar(view.done, view.planned), text] if view.planned else [text]))
        return row

    def _page(self) -> RenderableType:
        width = max(20, min(self._screen.width - 8, 84))
        lines = Text(shown(self._prose)).wrap(self._screen, width)
        tail = Text("\n").join(lines[-PROSE_LINES:])
        tail.stylize("italic")
        return Panel(tail, border_style="dim", width=width + 4, padding=(0, 1))


def _bar(done: int, total: int) -> ProgressBar:
    return ProgressBar(total=total, completed=done, width=BAR_WIDTH, complete_style="green", finished_style="green")
