"""``experiment run``, ``show`` and ``list``: settings compared, as a table, as JSON or as a report."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chorus.cli.files import write_atomically
from chorus.cli.ids import every, resolve, short
from chorus.cli.loop import run
from chorus.cli.open import opened
from chorus.cli.terminal import counted, print_json, say, show_table, shown, table, tell
from chorus.domain.experiment import ExperimentCard
from chorus.errors import InvalidInput
from chorus.experiments.design import Design, read_design
from chorus.experiments.files import Format
from chorus.experiments.judging import judged_in_words, marks_in_words
from chorus.experiments.outcome import ExperimentStatus, Outcome
from chorus.metrics import MEASURES

if TYPE_CHECKING:
    from chorus.studio import Studio

EXIT_CODES = {ExperimentStatus.FAILED: 1, ExperimentStatus.UNFINISHED: 3, ExperimentStatus.PLANNED: 3}


def conduct(file: str, *, at_once: int, again: bool, detach: bool, report: Path | None, as_json: bool) -> int:
    """Conduct an experiment to its end, as far as it goes, or leave it to the workers."""
    design = read_design(Path(file)) if Path(file).suffix in {".toml", ".json"} or Path(file).is_file() else None
    outcome = run(_conduct(design, file, at_once, again, detach, report))
    _report(outcome, as_json=as_json)
    return 0 if detach else EXIT_CODES.get(outcome.status, 0)


async def _conduct(
    design: Design | None, typed: str, at_once: int, again: bool, detach: bool, report: Path | None
) -> Outcome:
    async with opened() as studio:
        if design:
            experiment_id = (await studio.begin_experiment(design, again=again)).id
        else:
            experiment_id = await _find(studio, typed)
        say(f"Experiment {experiment_id}", style="dim")
        if design and design.warning:
            say(design.warning, style="yellow")
        if detach:
            await studio.hand_over_experiment(experiment_id, at_once=at_once)
            outcome = await studio.read_outcome(experiment_id)
        else:
            outcome = await studio.conduct_experiment(
                experiment_id, at_once=at_once, tell=lambda said: say(said, "dim")
            )
        await _write(studio, outcome, report)
        return outcome


type Most = tuple[int | None, float | None]
"""Tokens and US dollars."""


def judge(
    typed: str, model: str | None, most: Most, *, at_once: int, detach: bool, report: Path | None, as_json: bool
) -> int:
    """Let a model judge an experiment, here or at the workers."""
    _report(run(_judge(typed, model, most, at_once, detach, report)), as_json=as_json)
    return 0


async def _judge(typed: str, model: str | None, most: Most, at_once: int, detach: bool, report: Path | None) -> Outcome:
    tokens, usd = most
    async with opened() as studio:
        experiment_id = await _find(studio, typed)
        if detach:
            await studio.ask_judge(experiment_id, model, most_tokens=tokens, most_usd=usd)
            outcome = await studio.read_outcome(experiment_id)
        else:
            outcome = await studio.judge_experiment(
                experiment_id,
                model,
                at_once=at_once,
                tell=lambda said: say(said, "dim"),
                most_tokens=tokens,
                most_usd=usd,
            )
        await _write(studio, outcome, report)
        return outcome


def stop(typed: str, *, for_good: bool, as_json: bool) -> int:
    """Let workers write no more of an experiment."""
    _report(run(_stop(typed, for_good)), as_json=as_json)
    return 0


async def _stop(typed: str, for_good: bool) -> Outcome:
    async with opened() as studio:
        experiment_id = await _find(studio, typed)
        await studio.stop_experiment(experiment_id, for_good=for_good)
        return await studio.read_outcome(experiment_id)


def show(typed: str, *, report: Path | None, as_json: bool) -> int:
    """Show an experiment."""
    _report(run(_show(typed, report)), as_json=as_json)
    return 0


async def _show(typed: str, report: Path | None) -> Outcome:
    async with opened() as studio:
        outcome = await studio.read_outcome(await _find(studio, typed))
        await _write(studio, outcome, report)
        return outcome


def export(typed: str, to: Format, output: Path | None) -> int:
    """Write an experiment to stdout or to a file."""
    if output is None and to == "parquet" and sys.stdout.isatty():
        raise InvalidInput("A .parquet file is nothing for a terminal: say where it goes with -o PATH.")
    content = run(_export(typed, to))
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return 0
    write_atomically(output, content)
    say(f"Written to {output}", style="dim")
    return 0


async def _export(typed: str, to: Format) -> bytes:
    async with opened() as studio:
        return await studio.file_of(await studio.read_outcome(await _find(studio, typed)), to)


async def _write(studio: "Studio", outcome: Outcome, path: Path | None) -> None:
    if path is None:
        return
    write_atomically(path, (await studio.report_of(outcome)).encode())
    say(f"The report is in {path}.")


async def _find(studio: "Studio", typed: str) -> UUID:
    async def page(limit: int, offset: int) -> list[UUID]:
        async with studio.store.reading() as tx:
            return [card.id for card in await tx.experiments.list_cards(limit, offset)]

    return await resolve(typed, "experiment", "chorus experiment list", page)


def list_all(*, as_json: bool) -> int:
    """List all experiments."""
    cards = run(_cards())
    if as_json:
        print_json([_card_document(card) for card in cards])
    elif cards:
        rows = table(
            "experiment",
            "name",
            "arms",
            "trials",
            "failed",
            "begun",
            right=("arms", "trials", "failed"),
            folded=("name",),
        )
        for card in cards:
            rows.add_row(
                short(card.id),
                shown(card.name),
                str(card.arms),
                f"{card.complete}/{card.trials}",
                str(card.failed),
                f"{card.created_at.astimezone():%Y-%m-%d %H:%M}",
            )
        show_table(rows)
    else:
        tell("There are no experiments yet. `chorus experiment run FILE` begins one; docs/experiments.md says how.")
    return 0


async def _cards() -> list[ExperimentCard]:
    async with opened() as studio, studio.store.reading() as tx:
        return await every(tx.experiments.list_cards)


def _card_document(card: ExperimentCard) -> dict[str, Any]:
    document = card.model_dump(mode="json")
    return {"experiment_id": document.pop("id"), **document}


def _report(outcome: Outcome, *, as_json: bool) -> None:
    if as_json:
        print_json(outcome.model_dump(mode="json"))
        return
    tell(shown(outcome.name), style="bold")
    done = sum(arm.complete for arm in outcome.arms)
    stand = f"{outcome.status.value} · {done} of {counted(len(outcome.trials), 'trial')}"
    stand += f" · the workers write {outcome.at_once} at once" if outcome.at_once else ""
    stand += "" if outcome.judge is None else " · the workers let it be judged"
    tell(f"{stand} · against “{shown(outcome.design.baseline)}”\n")
    for family in ("primary", "exploratory"):
        _tell_family(outcome, family)
    if outcome.judge_error:
        say(f"It could not be judged to the end: {shown(outcome.judge_error)}", style="red")
    if outcome.marked_by:
        tell(shown(marks_in_words(outcome.marked, outcome.marked_by)))
    for each in outcome.judged:
        tell(f"{shown(judged_in_words(each))}\n")
    for trial in outcome.trials:
        if trial.error:
            say(
                f"Premise {trial.premise_number}, {trial.arm}, repeat {trial.repeat}: {shown(trial.error)}", style="red"
            )


def _tell_family(outcome: Outcome, family: str) -> None:
    figures = ("mean", "against", "difference", "95 %", "p", "effect", "wins", "n")
    rows = table("measure", "arm", *figures, "verdict", right=figures, folded=("arm",))
    for each in outcome.comparisons:
        if each.family == family:
            digits = f".{MEASURES[each.measure].digits}f"
            interval = "–" if each.low is None else f"{each.low:+{digits}} to {each.high:+{digits}}"
            cells = (
                _figure(each.mean, digits),
                _figure(each.other_mean, digits),
                _figure(each.difference, f"+{digits}"),
                interval,
                _figure(each.p_adjusted, ".3f"),
                _figure(each.effect, "+.2f"),
                "–" if each.wins is None else f"{each.wins:.0%}",
                str(each.premises),
            )
            rows.add_row(MEASURES[each.measure].label, shown(each.arm), *cells, each.verdict.value)
    if rows.row_count:
        tell(f"{family.capitalize()} measures, adjusted for one another (Holm); n counts premises", style="dim")
        show_table(rows)
        tell()


def _figure(value: float | None, digits: str) -> str:
    return "–" if value is None else f"{value:{digits}}"
