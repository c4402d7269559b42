"""The commands about what is planned, as people type them."""

from pathlib import Path
from typing import Annotated

import typer

from chorus.cli.options import Json, StoryId

plan = typer.Typer(rich_markup_mode=None)


@plan.command()
def concepts(
    story: StoryId,
    choose: Annotated[
        int | None, typer.Option("--choose", metavar="N", min=1, help="Follow this one.", show_default=False)
    ] = None,
    as_json: Json = False,
) -> int:
    """List the concepts a story can follow, or choose one before anything is planned by another."""
    from chorus.cli import planning

    return planning.concepts(story, choose, as_json=as_json)


@plan.command()
def outline(  # noqa: PLR0913, PLR0917 - an argument for each option
    story: StoryId,
    apply: Annotated[
        Path | None,
        typer.Option("--apply", metavar="FILE", help="Make it what FILE says; - reads stdin.", show_default=False),
    ] = None,
    edit: Annotated[bool, typer.Option("--edit", help="Change it in your editor.")] = False,
    versions: Annotated[bool, typer.Option("--versions", help="List every outline there was.")] = False,
    restore: Annotated[
        int | None, typer.Option("--restore", metavar="N", min=1, help="Bring a version back.", show_default=False)
    ] = None,
    rewrite: Annotated[
        bool, typer.Option("--rewrite", help="Take the story back to the first scene that is touched.")
    ] = False,
    dry: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why, for the history.", show_default=False)] = "",
    as_json: Json = False,
) -> int:
    """Print the outline of a story as a text, or change it.

    Write it to a file, move blocks to move scenes, delete them to remove scenes, add some with + for a number, mark
    them [locked], and give the file to --apply. Written scenes keep their texts when their plan changes: those that
    are touched are listed, for `chorus redo`. To move or to remove one takes --rewrite.
    """
    from chorus.cli import planning

    if restore is not None:
        return planning.restore(story, restore, rewrite=rewrite, as_json=as_json)
    if apply is not None or edit:
        return planning.apply(story, apply, note, rewrite=rewrite, dry=dry, as_json=as_json)
    return planning.versions(story, as_json=as_json) if versions else planning.show(story, as_json=as_json)
