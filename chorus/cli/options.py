"""Options and arguments that many commands share."""

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
StoryId = Annotated[str, typer.Argument(metavar="STORY", help="Its id, or how the id begins.", show_default=False)]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="Its id, or how the id begins.", show_default=False)]
