"""Prints the figures of a long test as a table, for ``./run soak``."""

from collections.abc import Mapping, Sequence


def show(title: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Print rows under their common headings; numbers to the right."""
    names = list(rows[0])
    cells = [[_text(row[name]) for name in names] for row in rows]
    widths = [max(len(name), *(len(line[at]) for line in cells)) for at, name in enumerate(names)]
    print(f"\n{title}")  # noqa: T201
    print("  " + "  ".join(name.ljust(width) for name, width in zip(names, widths, strict=True)))  # noqa: T201
    for line in cells:
        print("  " + "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))  # noqa: T201


def _text(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
