"""Options and arguments that many commands share."""

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
StoryId = Annotated[str, typer.Argument(metavar="STORY", help="Its id, or how the id begins.", show_default=False)]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="Its id, or how the id begins.", show_default=False)]


def _a_file(given: Path | None) -> Path | None:
    return None if given == Path("-") else given


Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="PATH",
        help="File or folder to write; stdout for - and without it.",
        show_default=False,
        callback=_a_file,
    ),
]
