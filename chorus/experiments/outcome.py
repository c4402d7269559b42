"""What came of an experiment so far: every trial, the means of every arm, and what may be said of their differences."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from statistics import fmean
from typing import Any
from uuid import UUID

from pydantic import Field

from chorus.domain.experiment import PERSON, Mark, Revised, Trial, TrialStatus, Vote
from chorus.domain.value import Value
from chorus.experiments.ballot import Ballot, ballot_of
from chorus.experiments.compare import Comparison, compare
from chorus.experiments.design import Design
from chorus.experiments.judging import Judged, judge_shown, judged
from chorus.metrics import MEASURES
from chorus.store import Transaction

FRONTS = {"tokens": "on_front_of_tokens", "cost_usd": "on_front_of_cost", "active_s": "on_front_of_time"}
"""What quality is set against, and where an arm says that it is on that front."""
SETTINGS_OF_THE_HOUSE = frozenset({"fresh", "review"})


class ExperimentStatus(StrEnum):
    """Where an experiment stands."""

    PLANNED = "planned"
    UNFINISHED = "unfinished"
    COMPLETE = "complete"
    FAILED = "failed"


class TrialOutcome(Value):
    """One trial, and what its run says of itself."""

    trial_id: UUID
    arm: str
    premise_number: int
    repeat: int
    status: TrialStatus
    story_id: UUID | None
    run_id: UUID | None
    title: str = ""
    error: str | None = None
    measures: dict[str, float]
    judge_said: str = ""
    """Why the judge gave its marks."""


class ArmOutcome(Value):
    """One arm: what sets it apart, and its means over premises; on a front is what no arm beats in both."""

    number: int
    name: str
    changed: dict[str, Any]
    complete: int
    failed: int
    means: dict[str, float]
    votes_won: int = 0
    votes: int = 0
    ballot: Ballot | None = None
    on_front_of_tokens: bool = False
    on_front_of_cost: bool = False
    on_front_of_time: bool = False


class RevisionGain(Value):
    """What the ``k``-th revision of a scene does in an arm, on average: findings before and after, and its tokens."""

    arm: str
    k: int
    scenes: int
    before: float
    after: float
    tokens: float

    @property
    def tokens_each(self) -> float | None:
        """Tokens for each finding that it settles; None if it settles none."""
        settled = self.before - self.after
        return self.tokens / settled if settled > 0 else None


class Outcome(Value):
    """Everything there is to say of an experiment; ``at_once`` of its stories are with the workers, or none.

    ``judge``: the model that workers let judge it just now, empty for the editor's; ``judge_error``: why none could.
    ``marked_by`` is the judge whose marks are measures here; ``marked``: how many stories each judge has marked.
    """

    experiment_id: UUID
    name: str
    created_at: datetime
    status: ExperimentStatus
    at_once: int | None = None
    judge: str | None = None
    judge_error: str | None = None
    design: Design
    arms: tuple[ArmOutcome, ...]
    trials: tuple[TrialOutcome, ...]
    comparisons: tuple[Comparison, ...]
    judged: tuple[Judged, ...] = ()
    marked_by: str | None = None
    marked: dict[str, int] = Field(default_factory=dict)
    gains: tuple[RevisionGain, ...] = ()


async def read_outcome(tx: Transaction, experiment_id: UUID) -> Outcome:
    """Read how an experiment stands; NotFound if there is none of this id."""
    experiment = await tx.experiments.load(experiment_id)
    design = Design.model_validate(experiment.design)
    names = {arm.id: arm.name for arm in await tx.experiments.list_arms(experiment_id)}
    kept = await tx.experiments.list_trials(experiment_id)
    written = await tx.experiments.written(experiment_id)
    marks = await tx.experiments.list_marks(experiment_id)
    marked_by = judge_shown(marks)
    by_trial = {mark.trial_id: mark for mark in marks if mark.judge == marked_by}
    trials = tuple(_trial(each, names[each.arm_id], written, by_trial.get(each.id)) for each in kept)
    votes = await tx.experiments.list_votes(experiment_id)
    of_people = [vote for vote in votes if vote.judge == PERSON]
    return Outcome(
        experiment_id=experiment.id,
        name=experiment.name,
        created_at=experiment.created_at,
        status=_status(trials),
        at_once=experiment.at_once,
        judge=experiment.judge,
        judge_error=experiment.judge_error,
        design=design,
        arms=_arms(design, trials, of_people),
        trials=trials,
        comparisons=tuple(compare(scores_of(design, trials), design.baseline, design.primary, design.seed)),
        gains=_gains(trials, await tx.experiments.revised([t.story_id for t in trials if t.story_id])),
        judged=judged(votes, {trial.id: names[trial.arm_id] for trial in kept}),
        marked_by=marked_by,
        marked=Counter(mark.judge for mark in marks),
    )


def scores_of(design: Design, trials: Sequence[TrialOutcome]) -> dict[str, dict[str, dict[int, list[float]]]]:
    """What complete trials measured: by arm, measure and premise, one value for each repeat."""
    scores: dict[str, dict[str, dict[int, list[float]]]] = {arm.name: {} for arm in design.arms}
    for trial in trials:
        if trial.status is TrialStatus.COMPLETE:
            for measure in MEASURES:
                if measure in trial.measures:
                    of_arm = scores[trial.arm].setdefault(measure, {})
                    of_arm.setdefault(trial.premise_number, []).append(trial.measures[measure])
    return scores


def _trial(trial: Trial, arm: str, written: Mapping[UUID, tuple[str, str | None]], mark: Mark | None) -> TrialOutcome:
    title, error = written.get(trial.run_id, ("", None)) if trial.run_id else ("", None)
    return TrialOutcome(
        trial_id=trial.id,
        arm=arm,
        premise_number=trial.premise_number,
        repeat=trial.repeat,
        status=trial.status,
        story_id=trial.story_id,
        run_id=trial.run_id,
        title=title,
        error=error if trial.status is not TrialStatus.COMPLETE else None,
        measures={**trial.measures, **(mark.measures if mark else {})},
        judge_said=mark.reason if mark else "",
    )


def _status(trials: Sequence[TrialOutcome]) -> ExperimentStatus:
    stand = {trial.status for trial in trials}
    if stand == {TrialStatus.COMPLETE}:
        return ExperimentStatus.COMPLETE
    if stand == {TrialStatus.PLANNED}:
        return ExperimentStatus.PLANNED
    settled = stand <= {TrialStatus.COMPLETE, TrialStatus.FAILED}
    return ExperimentStatus.FAILED if settled else ExperimentStatus.UNFINISHED


def _arms(design: Design, trials: Sequence[TrialOutcome], votes: Sequence[Vote]) -> tuple[ArmOutcome, ...]:
    scores = scores_of(design, trials)
    places = {trial.trial_id: (trial.arm, trial.premise_number) for trial in trials}
    ballots = {arm.name: ballot_of(arm.name, votes, places) for arm in design.arms}
    made = [
        ArmOutcome(
            number=number,
            name=arm.name,
            changed=changed_settings(design, arm.name),
            complete=sum(t.arm == arm.name and t.status is TrialStatus.COMPLETE for t in trials),
            failed=sum(t.arm == arm.name and t.status is TrialStatus.FAILED for t in trials),
            means={
                measure: fmean(fmean(repeats) for repeats in by_premise.values())
                for measure, by_premise in scores[arm.name].items()
            },
            votes_won=ballot.won if (ballot := ballots[arm.name]) else 0,
            votes=ballot.votes if ballot else 0,
            ballot=ballot,
        )
        for number, arm in enumerate(design.arms, 1)
    ]
    quality = quality_of(design, made)
    for cost, field in FRONTS.items():
        front = pareto_front(made, quality, cost) if quality else set()
        made = [arm.model_copy(update={field: arm.name in front}) for arm in made]
    return tuple(made)


def quality_of(design: Design, arms: Sequence[ArmOutcome]) -> str | None:
    """The primary measure that quality is told by: the first that has a better and was measured."""
    there = {name for arm in arms for name in arm.means}
    return next((name for name in design.primary if MEASURES[name].better.sign and name in there), None)


def changed_settings(design: Design, arm_name: str) -> dict[str, Any]:
    """What sets an arm apart from the others: each setting in which not all arms are the same."""
    whole = {
        arm.name: {**design.settings_of(arm).model_dump(mode="json"), **design.told_of(arm)} for arm in design.arms
    }
    names = {name for settings in whole.values() for name in settings} - SETTINGS_OF_THE_HOUSE
    differing = [name for name in sorted(names) if len({repr(each.get(name)) for each in whole.values()}) > 1]
    return {name: whole[arm_name].get(name) for name in differing}


def pareto_front(arms: Sequence[ArmOutcome], quality: str, cost: str) -> set[str]:
    """The arms that no other arm beats in both: at least as good and as cheap, and better in one."""
    sign = MEASURES[quality].better.sign
    points = {
        arm.name: (sign * arm.means[quality], -arm.means[cost])
        for arm in arms
        if quality in arm.means and cost in arm.means
    }
    return {
        name
        for name, (good, cheap) in points.items()
        if not any(g >= good and c >= cheap and (g, c) != (good, cheap) for g, c in points.values())
    }


def _gains(trials: Sequence[TrialOutcome], revised: Sequence[Revised]) -> tuple[RevisionGain, ...]:
    """What each revision does, by arm, over the scenes of its complete stories that had one."""
    arm_of = {t.story_id: t.arm for t in trials if t.status is TrialStatus.COMPLETE}
    sums: dict[tuple[str, int], list[int]] = {}
    for each in revised:
        if arm := arm_of.get(each.story_id):
            whole = sums.setdefault((arm, each.k), [0, 0, 0, 0])
            for at, value in enumerate((each.scenes, each.before, each.after, each.tokens)):
                whole[at] += value
    return tuple(
        RevisionGain(arm=arm, k=k, scenes=scenes, before=before / scenes, after=after / scenes, tokens=tokens / scenes)
        for (arm, k), (scenes, before, after, tokens) in sorted(sums.items())
    )
