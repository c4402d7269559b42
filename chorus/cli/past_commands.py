"""The commands that change what was written, and those that answer questions."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from chorus.cli.options import Json, StoryId

past = typer.Typer(rich_markup_mode=None)
review = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Answer what is asked of you.")
past.add_typer(review, name="review")

Scene = Annotated[int, typer.Argument(metavar="SCENE", min=1, help="Number of the scene.", show_default=False)]
Note = Annotated[str, typer.Option(metavar="TEXT", help="What to mind, or why.", show_default=False)]


@past.command()
def edit(
    story: StoryId,
    scene: Scene,
    file: Annotated[Path, typer.Option("--file", metavar="F", help="The new text; - reads stdin.", show_default=False)],
    note: Note = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do it; else only say what it touches.")] = False,
    as_json: Json = False,
) -> int:
    """Give a scene another text.

    What it touches is told first: the facts that change, and the scenes that used them. No other scene is changed.
    """
    from chorus.cli import history as work

    return work.edit(story, scene, file, note, yes=yes, as_json=as_json)


@past.command()
def redo(
    story: StoryId,
    scenes: Annotated[list[int], typer.Argument(metavar="SCENE...", min=1, help="The scenes.", show_default=False)],
    note: Note = "",
    detach: Annotated[bool, typer.Option("--detach", help="Hand it to the workers and return at once.")] = False,
    as_json: Json = False,
) -> int:
    """Write chosen scenes again, with a note if you give one; every other scene stays as it is."""
    from chorus.cli import history as work

    return work.redo(story, scenes, note, detach=detach, as_json=as_json)


@past.command()
def restore(
    story: StoryId,
    scene: Scene,
    revision: Annotated[int, typer.Option("--to", metavar="N", min=1, help="Number of the text to bring back.")],
    as_json: Json = False,
) -> int:
    """Bring an earlier text of a scene back, with its facts and memories."""
    from chorus.cli import history as work

    return work.restore(story, scene, revision, as_json=as_json)


@past.command()
def diff(
    story: StoryId,
    scene: Scene,
    before: Annotated[int, typer.Argument(metavar="A", min=1, help="Number of a text.", show_default=False)],
    after: Annotated[
        int | None, typer.Argument(metavar="B", min=1, help="Of a later one; the one that holds.", show_default=False)
    ] = None,
    as_json: Json = False,
) -> int:
    """Show what differs between two texts of a scene, word by word."""
    from chorus.cli import history as work

    return work.diff(story, scene, before, after, as_json=as_json)


@past.command()
def fork(
    story: StoryId,
    at: Annotated[int, typer.Option("--at", metavar="N", min=0, help="The last scene both share; 0: only the plan.")],
    title: Annotated[str, typer.Option(metavar="T", help="Title of the new story.", show_default=False)] = "",
    temperature: Annotated[
        float | None, typer.Option(metavar="X", min=0, max=2, help="Of the writing from there on.", show_default=False)
    ] = None,
    as_json: Json = False,
) -> int:
    """Make a story that shares another one's beginning and goes on by itself.

    What is asked again unchanged is answered from the record and not paid twice.
    """
    from chorus.cli import history as work

    chosen = {} if temperature is None else {"temperature": temperature}
    return work.fork(story, at, title, chosen, as_json=as_json)


@past.command()
def lock(
    story: StoryId,
    scene: Scene,
    off: Annotated[bool, typer.Option("--off", help="Allow changes again.")] = False,
    as_json: Json = False,
) -> int:
    """Keep a scene from every change."""
    from chorus.cli import history as work

    return work.lock(story, scene, locked=not off, as_json=as_json)


@past.command()
def history(
    story: StoryId,
    scene: Annotated[
        int | None, typer.Argument(metavar="SCENE", min=1, help="Only this scene.", show_default=False)
    ] = None,
    as_json: Json = False,
) -> int:
    """List the texts that scenes have had; * marks the one that holds."""
    from chorus.cli import history as work

    return work.history(story, scene, as_json=as_json)


@past.command("continue")
def continue_story(
    story: StoryId,
    scenes: Annotated[int, typer.Option(metavar="N", min=1, max=500, help="How many scenes after the last.")],
    words: Annotated[
        int | None, typer.Option(metavar="N", min=50, max=5000, help="Words of each scene.", show_default=False)
    ] = None,
    budget_tokens: Annotated[
        int | None, typer.Option("--budget-tokens", metavar="N", min=1, help="Most tokens to use.", show_default=False)
    ] = None,
    budget_usd: Annotated[
        float | None,
        typer.Option("--budget-usd", metavar="X", min=0, help="Most dollars to spend.", show_default=False),
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Hand it to the workers and return at once.")] = False,
    as_json: Json = False,
) -> int:
    """Plan and write more scenes of a story, one that was written here or one that was imported."""
    from chorus.cli import going_on as work

    chosen = {"words": words, "budget_tokens": budget_tokens, "budget_usd": budget_usd}
    given = {name: value for name, value in chosen.items() if value is not None}
    return work.continue_story(story, scenes, given, detach=detach, as_json=as_json)


@past.command()
def canon(  # noqa: PLR0913, PLR0917 - an argument for each option
    story: StoryId,
    settle: Annotated[
        Literal["list", "read", "approve", "refuse", "edit", "changes", "restore"],
        typer.Argument(
            help="List the proposals, read the story for them, approve or refuse them; edit somebody or something in "
            "the world; list what people changed in the canon, or restore how it was before a change."
        ),
    ] = "list",
    facts: Annotated[
        list[str] | None,
        typer.Option("--fact", metavar="ID", help="Only this one; may be repeated.", show_default=False),
    ] = None,
    scenes: Annotated[
        list[int] | None,
        typer.Option("--scene", metavar="N", min=1, help="To read: this one, again.", show_default=False),
    ] = None,
    change: Annotated[
        str | None, typer.Option(metavar="ID", help="To restore: as before this change.", show_default=False)
    ] = None,
    of: Annotated[
        str | None, typer.Option(metavar="NAME", help="To edit: whom, or what in the world.", show_default=False)
    ] = None,
    traits: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="TRAIT=TEXT",
            help="To edit: name, description, ... as it is from now on; may be repeated.",
            show_default=False,
        ),
    ] = None,
    note: Annotated[str, typer.Option(help="To edit: why.", show_default=False)] = "",
    preview: Annotated[bool, typer.Option("--preview", help="To edit: only say what it would touch.")] = False,
    as_json: Json = False,
) -> int:
    """Look after the facts that were read out of a story and wait for your word, and after what people changed."""
    from chorus.cli import going_on as work

    if settle == "edit":
        from chorus.cli import lore

        return lore.edit(story, of, traits or [], note=note, preview=preview, as_json=as_json)
    if settle == "changes":
        return work.list_changes(story, as_json=as_json)
    if settle == "restore":
        return work.restore_canon(story, change, as_json=as_json)

    if settle == "read":
        return work.read_canon(story, scenes or [], as_json=as_json)
    return work.settle(story, settle, facts or [], as_json=as_json)


@review.command("list")
def list_reviews(
    story: Annotated[str | None, typer.Option(metavar="ID", help="Only of this story.", show_default=False)] = None,
    as_json: Json = False,
) -> int:
    """List the questions that wait for an answer."""
    from chorus.cli import reviewing as work

    return work.list_questions(story, as_json=as_json)


@review.command("show")
def show_review(
    question: Annotated[str, typer.Argument(metavar="ID", help="Id of the question, or how it begins.")],
    as_json: Json = False,
) -> int:
    """Show a question with both quotes of each contradiction."""
    from chorus.cli import reviewing as work

    return work.show(question, as_json=as_json)


@review.command("answer")
def answer_review(
    question: Annotated[str, typer.Argument(metavar="ID", help="Id of the question, or how it begins.")],
    decision: Annotated[
        Literal["accept", "edit", "redraft", "dismiss"], typer.Argument(help="What becomes of what it is about.")
    ],
    note: Note = "",
    file: Annotated[
        Path | None, typer.Option("--file", metavar="F", help="To edit: the scene as it should read.")
    ] = None,
    revision: Annotated[
        int | None,
        typer.Option("--revision", metavar="N", min=1, help="The text F was made from; default: the one asked about."),
    ] = None,
    budget_tokens: Annotated[
        int | None, typer.Option("--budget-tokens", metavar="N", min=1, help="Another budget, in all.")
    ] = None,
    budget_usd: Annotated[
        float | None, typer.Option("--budget-usd", metavar="X", min=0, help="Another budget, in all.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Answer a question; the run that waits for it is handed to the workers."""
    from chorus.cli import reviewing as work

    budget = (budget_tokens, budget_usd)
    return work.answer(question, decision, note, file, revision, budget, as_json=as_json)
