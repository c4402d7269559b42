"""Prints the figures of a long test as a table, for ``./run soak``, and all of them once more when it ends."""

from collections.abc import Mapping, Sequence

_shown: list[str] = []


def show(title: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Print rows under their common headings; numbers to the right."""
    told = table(title, rows)
    _shown.append(told)
    print(f"\n{told}")  # noqa: T201


def shown() -> tuple[str, ...]:
    """Every table of this session, in the order in which they were shown."""
    return tuple(_shown)


def table(title: str, rows: Sequence[Mapping[str, object]]) -> str:
    """Set rows as a table of plain text."""
    names = list(rows[0])
    cells = [[_text(row[name]) for name in names] for row in rows]
    widths = [max(len(name), *(len(line[at]) for line in cells)) for at, name in enumerate(names)]
    head = "  ".join(name.ljust(width) for name, width in zip(names, widths, strict=True))
    body = ("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in cells)
    return "\n  ".join([title, head, *body])


def _text(value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
