"""How things look on a terminal: two consoles, words for numbers, and nothing of a story's that could steer it."""

import json
import sys
import unicodedata
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

UNFOLDED_WIDTH = 200

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


def speak_utf8() -> None:
    """Make both streams UTF-8, whatever the locale says; a character a terminal cannot show must not end a run."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def console(*, on_stderr: bool = False) -> "Console":
    """A console that shows text as it is: no markup, no emoji codes, no colours of its own."""
    from rich.console import Console

    return Console(stderr=on_stderr, markup=False, emoji=False, highlight=False, soft_wrap=True)


def say(line: str = "", style: str | None = None) -> None:
    """Say something beside the result: on stderr."""
    console(on_stderr=True).print(line, style=style)


def tell(line: str = "", style: str | None = None) -> None:
    """Tell the result: on stdout."""
    console().print(line, style=style)


def print_json(document: Any) -> None:
    """Write the one JSON document of a command."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n")
    sys.stdout.flush()


def shown(text: str) -> str:
    """Fold a story's text onto one line, without control and direction characters."""
    folded = " ".join(text.split())
    return "".join(c for c in folded if unicodedata.category(c) not in ("Cc", "Cs") and c not in _DIRECTIONS)


_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def table(*headings: str, right: tuple[str, ...] = (), folded: tuple[str, ...] = ()) -> "Table":
    """An empty table without rules; columns named in ``right`` are figures, those in ``folded`` give way first."""
    from rich.table import Table

    made = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for heading in headings:
        is_figure = heading in right
        made.add_column(
            heading,
            justify="right" if is_figure else "left",
            no_wrap=heading not in folded,
            overflow="fold" if heading in folded else "ellipsis",
        )
    return made


def show_table(made: "Table") -> None:
    """Print a table on stdout; its rows are not folded where stdout is no terminal."""
    out = console()
    if not out.is_terminal:
        out.width = UNFOLDED_WIDTH
    out.print(made, soft_wrap=False)


def duration(seconds: float) -> str:
    """Say a time: ``48 s``, ``3 min 05 s``, ``1 h 12 min``."""
    whole = round(max(seconds, 0))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def clock(seconds: float) -> str:
    """Say a time as a clock does: ``3:05``, ``1:12:00``."""
    minutes, rest = divmod(int(max(seconds, 0)), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}" if minutes >= 60 else f"{minutes}:{rest:02d}"


def amount(done: int, total: int | None, unit: str) -> str:
    """Say how far something has come: ``640 MB of 1.12 GB``, ``3 of 10 files``."""
    if unit == "bytes":
        return size(done) if total is None else f"{size(done)} of {size(total)}"
    return f"{done:,} {unit}" if total is None else f"{done:,} of {total:,} {unit}"


def size(count: int) -> str:
    """Say a number of bytes."""
    if count < 1_000_000:
        return f"{count / 1_000:.0f} kB"
    return f"{count / 1_000_000:.0f} MB" if count < 1_000_000_000 else f"{count / 1_000_000_000:.2f} GB"


def counted(number: int, noun: str) -> str:
    """Say a number of things: ``1 scene``, ``1,204 words``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
