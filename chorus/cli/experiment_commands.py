"""The commands about experiments, as people type them; each imports its work when it is called."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from chorus.cli.options import Json, Output

experiment = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Compare settings, honestly.")

ExperimentId = Annotated[str, typer.Argument(metavar="ID", help="Its id, or how the id begins.", show_default=False)]
Report = Annotated[
    Path | None,
    typer.Option("--report", metavar="PATH", help="Write the report: one HTML file.", show_default=False),
]


@experiment.command("run")
def experiment_run(
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="A design (.toml or .json), or an experiment's id.", show_default=False),
    ],
    at_once: Annotated[int, typer.Option("--at-once", metavar="N", min=1, max=64, help="Stories at once.")] = 2,
    again: Annotated[bool, typer.Option("--again", help="Begin anew, even if it was begun before.")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Hand it to the workers and return at once.")] = False,
    report: Report = None,
    as_json: Json = False,
) -> int:
    """Write every story of an experiment and compare its arms.

    Stopped or killed, the same command goes on where it stood.
    """
    from chorus.cli import experimenting

    return experimenting.conduct(file, at_once=at_once, again=again, detach=detach, report=report, as_json=as_json)


@experiment.command("judge")
def experiment_judge(
    typed: ExperimentId,
    model: Annotated[
        str | None, typer.Option("--model", metavar="NAME", help="The model that judges.", show_default="the editor's")
    ] = None,
    at_once: Annotated[int, typer.Option("--at-once", metavar="N", min=1, max=64, help="Readings at once.")] = 2,
    detach: Annotated[bool, typer.Option("--detach", help="Leave it to the workers and return at once.")] = False,
    most_tokens: Annotated[
        int | None,
        typer.Option(
            "--budget-tokens", metavar="N", min=1, help="Of all judging of it.", show_default="as the stories have"
        ),
    ] = None,
    most_usd: Annotated[
        float | None,
        typer.Option(
            "--budget-usd", metavar="USD", min=0, help="Of all judging of it.", show_default="as the stories have"
        ),
    ] = None,
    report: Report = None,
    as_json: Json = False,
) -> int:
    """Let a model mark every story, and read pairs of them blind, each pair in both orders.

    Stopped or killed, the same command goes on where it stood. Without a budget of its own it may use once more what
    the experiment's stories may.
    """
    from chorus.cli import experimenting

    most = (most_tokens, most_usd)
    return experimenting.judge(typed, model, most, at_once=at_once, detach=detach, report=report, as_json=as_json)


@experiment.command("stop")
def experiment_stop(
    typed: ExperimentId,
    for_good: Annotated[bool, typer.Option("--cancel", help="End its unfinished stories for good.")] = False,
    as_json: Json = False,
) -> int:
    """Take an experiment back from the workers: its unfinished stories rest until it is run again."""
    from chorus.cli import experimenting

    return experimenting.stop(typed, for_good=for_good, as_json=as_json)


@experiment.command("show")
def experiment_show(typed: ExperimentId, report: Report = None, as_json: Json = False) -> int:
    """Show what came of an experiment so far."""
    from chorus.cli import experimenting

    return experimenting.show(typed, report=report, as_json=as_json)


@experiment.command("list")
def experiment_list(as_json: Json = False) -> int:
    """List the experiments, the newest first."""
    from chorus.cli import experimenting

    return experimenting.list_all(as_json=as_json)


@experiment.command("export")
def experiment_export(
    typed: ExperimentId,
    to: Annotated[
        Literal["html", "csv", "jsonl", "parquet", "otlp"], typer.Option("--format", help="Format of the file.")
    ] = "csv",
    output: Output = None,
) -> int:
    """Take an experiment away as a file.

    html is the report, csv, jsonl and parquet have a row for each story, otlp has every call.
    """
    from chorus.cli import experimenting

    return experimenting.export(typed, to, output)
