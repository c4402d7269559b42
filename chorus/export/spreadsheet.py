"""Tables for programs that calculate: a cell that comes from outside is never taken for a formula."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_of(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Rows as CSV in UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([harmless(column) for column in columns])
    writer.writerows([harmless(row.get(column)) for column in columns] for row in rows)
    return text.getvalue().encode()


def harmless[T](cell: T) -> T | str:
    """A cell as it is, but a text that a spreadsheet would calculate with an apostrophe before it.

    Titles, premises and the names of models are anybody's words; other formats have them unchanged.
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
