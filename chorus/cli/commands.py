"""The commands and their options, as people type them. Each imports its work when it is called and returns its code."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from chorus.cli.experiment_commands import experiment
from chorus.cli.options import Json, Output, RunId, StoryId
from chorus.cli.past_commands import past
from chorus.cli.planning_commands import plan

TlsCert = Annotated[
    Path | None, typer.Option(metavar="PATH", help="Certificate to serve HTTPS with.", show_default=False)
]
TlsKey = Annotated[Path | None, typer.Option(metavar="PATH", help="Its key.", show_default=False)]

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Turn a premise into a finished, consistent, multi-chapter story.",
)
db = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Look after the database.")
app.add_typer(db, name="db")
memory = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Look after what is remembered.")
app.add_typer(memory, name="memory")
app.add_typer(past)
app.add_typer(experiment, name="experiment")
app.add_typer(plan)

BudgetTokens = Annotated[
    int | None, typer.Option("--budget-tokens", metavar="N", min=1, help="Most tokens to use.", show_default=False)
]
BudgetUsd = Annotated[
    float | None, typer.Option("--budget-usd", metavar="X", min=0, help="Most dollars to spend.", show_default=False)
]
PerTokens = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="Most tokens of each one, or of the day.", show_default=False)
]
PerUsd = Annotated[
    float | None, typer.Option(metavar="X", min=0, help="Most dollars for each one, or the day.", show_default=False)
]
Port = Annotated[int, typer.Option("--port", metavar="N", min=1, max=65535, help="Port of the dashboard.")]


@app.callback(invoke_without_command=True)
def chorus(
    context: typer.Context, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> int:
    """Say the version, or how Chorus is used."""
    if version:
        from chorus import __version__

        typer.echo(f"chorus {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
    return 0


@app.command()
def demo(
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Show the story in the dashboard.")] = True,
    port: Port = 8501,
) -> int:
    """Write the example story and show it in the dashboard."""
    from chorus.cli import demo as work

    return work.demo(port if serve else None)


@app.command()
def write(  # noqa: PLR0913, PLR0917 - an argument for each option
    premise: Annotated[str, typer.Argument(metavar="PREMISE", help="What the story is about; - reads stdin.")],
    title: Annotated[str | None, typer.Option(metavar="T", help="Title of the story.", show_default=False)] = None,
    scenes: Annotated[int, typer.Option(metavar="N", min=1, max=500, help="How many scenes.")] = 12,
    words: Annotated[int, typer.Option(metavar="N", min=50, max=5000, help="Words of each scene.")] = 700,
    continuity: Annotated[
        Literal["serial", "parallel"], typer.Option(help="Whether each scene waits for the one before it.")
    ] = "serial",
    concurrency: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, max=64, help="Scenes at once in parallel continuity.", show_default=False),
    ] = None,
    review: Annotated[
        Literal["none", "outline", "scenes"], typer.Option(help="Where the run waits for your word.")
    ] = "none",
    language: Annotated[str, typer.Option(metavar="L", help="Language to write in.")] = "English",
    style: Annotated[str, typer.Option(metavar="TEXT", help="How it is told.", show_default=False)] = "",
    style_sample: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A passage written as the story should be.", exists=True, dir_okay=False),
    ] = None,
    avoid: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="What to keep away from; may be repeated.")
    ] = None,
    concepts: Annotated[int, typer.Option(metavar="N", min=1, max=5, help="How many concepts to work out.")] = 2,
    concept: Annotated[
        Literal["score", "ask", "1", "2", "3", "4", "5"],
        typer.Option(help="Which concept: the best by score, your choice when they are there, or its number."),
    ] = "score",
    budget_tokens: BudgetTokens = None,
    budget_usd: BudgetUsd = None,
    budget_tokens_per_call: PerTokens = None,
    budget_tokens_per_scene: PerTokens = None,
    budget_tokens_per_day: PerTokens = None,
    budget_usd_per_call: PerUsd = None,
    budget_usd_per_scene: PerUsd = None,
    budget_usd_per_day: PerUsd = None,
    detach: Annotated[bool, typer.Option("--detach", help="Hand it to the workers and return at once.")] = False,
    as_json: Json = False,
) -> int:
    """Write a new story from a premise."""
    from chorus.cli import writing

    chosen = {
        "scenes": scenes,
        "words": words,
        "continuity": continuity,
        "concurrency": concurrency,
        "review": review,
        "concepts": concepts,
        "choose_concept": concept,
        "budget_tokens": budget_tokens,
        "budget_usd": budget_usd,
        "budget_tokens_per_call": budget_tokens_per_call,
        "budget_tokens_per_scene": budget_tokens_per_scene,
        "budget_tokens_per_day": budget_tokens_per_day,
        "budget_usd_per_call": budget_usd_per_call,
        "budget_usd_per_scene": budget_usd_per_scene,
        "budget_usd_per_day": budget_usd_per_day,
    }
    given = {name: value for name, value in chosen.items() if value is not None}
    sample = style_sample.read_text(encoding="utf-8", errors="replace") if style_sample else ""
    manner = {"language": language, "style": style, "style_sample": sample, "avoid": avoid or []}
    return writing.write(premise, title, given, manner, detach=detach, as_json=as_json)


@app.command()
def resume(
    run: RunId,
    budget_tokens: BudgetTokens = None,
    budget_usd: BudgetUsd = None,
    budget_for: Annotated[
        Literal["run", "call", "scene", "day"],
        typer.Option("--budget-for", help="What the budget given here is for: all of the run, each call, ..."),
    ] = "run",
    as_json: Json = False,
) -> int:
    """Go on with a run where it stood.

    If it waits for your word, that is a yes. A budget given here takes the place of the run's own.
    """
    from chorus.cli import writing

    return writing.resume(run, budget_tokens, budget_usd, budget_for, as_json=as_json)


@app.command()
def rollback(
    story: StoryId,
    to: Annotated[int, typer.Option("--to", metavar="N", min=0, help="The last scene to keep; 0 keeps only the plan.")],
    as_json: Json = False,
) -> int:
    """Take a story back to the end of a scene.

    Its run is paused there; going on unchanged pays for nothing again.
    """
    from chorus.cli import going_back

    return going_back.roll_back(story, to, as_json=as_json)


@app.command()
def remove(
    story: StoryId,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; else only say what would go.")] = False,
    as_json: Json = False,
) -> int:
    """Remove a story for good, with its texts, canon, memories, runs and calls.

    Export it first if you may want it again; forks of it stay.
    """
    from chorus.cli import removing

    return removing.remove(story, yes=yes, as_json=as_json)


@app.command()
def cancel(run: RunId, as_json: Json = False) -> int:
    """End a run for good.

    What it has written stays.
    """
    from chorus.cli import writing

    return writing.cancel(run, as_json=as_json)


@app.command()
def runs(as_json: Json = False) -> int:
    """List the runs, the newest first."""
    from chorus.cli import reading

    return reading.list_runs(as_json=as_json)


@app.command()
def trace(
    run: RunId,
    output: Output = None,
    prose: Annotated[bool, typer.Option("--prose", help="With prompts and answers.")] = False,
) -> int:
    """Take the calls of a run away as OpenTelemetry spans: OTLP in JSON, as a collector takes it."""
    from chorus.cli import files

    return files.take_trace(run, output, prose=prose)


@app.command()
def stories(as_json: Json = False) -> int:
    """List the stories, the latest first."""
    from chorus.cli import reading

    return reading.list_stories(as_json=as_json)


@app.command()
def show(story: StoryId, as_json: Json = False) -> int:
    """Show a story: its cast, its chapters and its scenes."""
    from chorus.cli import reading

    return reading.show_story(story, as_json=as_json)


def _weight(to_be: str) -> Any:
    told = f"What it weighs {to_be}, where meaning weighs 0.35 and words 0.55."
    return typer.Option(metavar="X", min=0, max=1000, help=told, show_default=False)


@app.command()
def search(  # noqa: PLR0913, PLR0917 - an argument for each option
    query: Annotated[str, typer.Argument(metavar="QUERY", help="What to look for.", show_default=False)],
    story: Annotated[str | None, typer.Option(metavar="ID", help="Only in this story.", show_default=False)] = None,
    k: Annotated[int, typer.Option(metavar="N", min=1, max=200, help="How many hits.")] = 10,
    as_of: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Only what was known after this scene.", show_default=False)
    ] = None,
    group: Annotated[
        Literal["passage", "scene"], typer.Option(help="What a hit is: a passage, or a scene by its best one.")
    ] = "passage",
    kind: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help="Only these kinds: passage, fact, scene_summary, ...", show_default=False),
    ] = None,
    character: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only where this character is.", show_default=False)
    ] = None,
    place: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only scenes at this place.", show_default=False)
    ] = None,
    chapter: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Only this chapter.", show_default=False)
    ] = None,
    recency: Annotated[float, _weight("to be of a late scene")] = 0,
    importance: Annotated[float, _weight("to be important")] = 0,
    entities: Annotated[float, _weight("to have the characters that the query names")] = 0,
    as_json: Json = False,
) -> int:
    """Search what the stories remember, by words and by meaning."""
    from chorus.cli import reading

    filters = {"as_of": as_of, "kinds": kind or (), "character": character, "place": place, "chapter": chapter}
    wishes = {"recency": recency, "importance": importance, "entities": entities}
    return reading.search(query, story, k, group, filters, wishes, as_json=as_json)


@app.command("import")
def import_file(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="A manuscript: .md, .txt, .docx, .epub or .html; - reads stdin.", show_default=False
        ),
    ],
    title: Annotated[
        str | None, typer.Option(metavar="T", help="Title in place of the manuscript's.", show_default=False)
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(metavar="L", help="Its language, in place of the one its words tell.", show_default=False),
    ] = None,
    canon: Annotated[
        bool, typer.Option("--canon", help="Read its canon too: one call to the model for each scene.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Make a story of a manuscript.

    Chapters, scenes and memories are made of its text; no model is asked, unless with --canon.
    """
    from chorus.cli import files

    return files.import_file(file, title, language, canon=canon, as_json=as_json)


@app.command()
def export(
    story: StoryId,
    to: Annotated[
        str, typer.Option("--format", metavar="md|html|epub|docx|pdf|json", help="Format of the file.")
    ] = "md",
    output: Output = None,
    bible: Annotated[
        bool, typer.Option("--bible", help="World, cast, relations, threads, timeline and canon in place of the prose.")
    ] = False,
) -> int:
    """Export a story as a file.

    md is the book, json has everything that is known of the story.
    """
    from chorus.cli import files

    return files.export(story, to, output, bible=bible)


@app.command("app")
def dashboard(
    port: Port = 8501,
    address: Annotated[str, typer.Option(metavar="ADDRESS", help="Address to serve on.")] = "127.0.0.1",
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    supervisor: Annotated[str | None, typer.Option(hidden=True)] = None,
) -> int:
    """Serve the dashboard until Ctrl-C, with a worker for the stories that are begun there."""
    from chorus.cli import dashboard as work

    return work.serve(address, port, supervisor, tls_cert, tls_key)


@app.command()
def worker(
    concurrency: Annotated[int, typer.Option(metavar="N", min=1, max=200, help="Most runs at once.")] = 4,
    supervisor: Annotated[str | None, typer.Option(hidden=True)] = None,
) -> int:
    """Work on runs that were started in the dashboard, by the API or with --detach.

    Any number of workers may share a database, on any number of machines.
    """
    from chorus.cli import working

    return working.work(concurrency, supervisor)


@app.command()
def doctor(as_json: Json = False) -> int:
    """Look at every part: how it is, where, and what to do.

    Nothing is started and nothing is asked that costs something.
    """
    from chorus.cli import doctor as work

    return work.doctor(as_json=as_json)


@app.command("api")
def http_api(
    port: Annotated[int, typer.Option("--port", metavar="N", min=1, max=65535, help="Port of the API.")] = 8502,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Address to serve on.")] = "127.0.0.1",
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
) -> int:
    """Serve the HTTP API alone until Ctrl-C; the dashboard serves it too."""
    from chorus.cli import http_api as work

    return work.serve(host, port, tls_cert, tls_key)


@app.command()
def stop() -> int:
    """Stop all that Chorus runs itself.

    Nothing is lost; the next command starts what it needs.
    """
    from chorus.cli import upkeep

    return upkeep.stop_everything()


@db.command("upgrade")
def db_upgrade() -> int:
    """Bring the tables to this version.

    The embedded database is started for it.
    """
    from chorus.cli import upkeep

    return upkeep.upgrade_database()


@db.command("status")
def db_status() -> int:
    """Say how the database stands."""
    from chorus.cli import upkeep

    return upkeep.database_status()


@db.command("prune")
def db_prune(
    older_than: Annotated[str, typer.Option(help="Their age, in days: 90d.", metavar="DAYS")],
    dry: Annotated[bool, typer.Option("--dry-run", help="Only say what would be emptied.")] = False,
    as_json: Json = False,
) -> int:
    """Empty prompts and answers of old calls, which are most of the database.

    Only finished runs are touched. Tokens, costs and times stay, and so does what a text was told of the story; what is
    gone is the wording, and that a fork of such a story finds its answers without asking again.
    """
    from chorus.cli import pruning

    return pruning.prune(older_than, dry=dry, as_json=as_json)


@db.command("url")
def db_url() -> int:
    """Print the URL of the database."""
    from chorus.cli import upkeep

    return upkeep.database_url()


@db.command("stop")
def db_stop() -> int:
    """Stop the embedded database."""
    from chorus.cli import upkeep

    return upkeep.stop_database()


@memory.command()
def reembed(as_json: Json = False) -> int:
    """Give every memory the vectors of today's embedder; stopped, it goes on where it stood."""
    from chorus.cli.remembering import reembed as work

    return work(as_json=as_json)
