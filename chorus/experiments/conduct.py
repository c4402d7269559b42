"""An experiment conducted: every trial is a story of its own with an ordinary run, begun once and gone on with.

Rows are the truth here too. Which story and run belong to a trial is written in the transaction that makes them, so an
experiment that is killed at any moment goes on where it stood; and as every trial has a story of its own, no arm and no
repeat ever hears an answer that was recorded for another.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from chorus.domain.experiment import Arm, Experiment, Plan, Trial, TrialStatus
from chorus.domain.run import RunSummary
from chorus.errors import Conflict
from chorus.experiments.design import Design
from chorus.experiments.trials import Trials
from chorus.store import Database

type WorkOn = Callable[[UUID], Awaitable[RunSummary]]
type Tell = Callable[[str], None]


async def begin(store: Database, design: Design, *, again: bool = False) -> Experiment:
    """Keep a new experiment with all its trials, or give the one of this very design that is there already."""
    document = design.model_dump(mode="json")
    async with store.transaction() as tx:
        known = None if again else await tx.experiments.find_latest(document)
        if known:
            return known
        experiment = Experiment(name=design.name, design=document)
        arms = [
            Arm(experiment_id=experiment.id, number=number, name=arm.name, settings=arm.settings)
            for number, arm in enumerate(design.arms, 1)
        ]
        trials = [
            Trial(experiment_id=experiment.id, arm_id=arm.id, premise_number=premise, repeat=repeat)
            for premise in range(1, len(design.premises) + 1)
            for repeat in range(1, design.repeats + 1)
            for arm in arms
        ]
        plans = [Plan(experiment_id=experiment.id, premise_number=n) for n in range(1, len(design.premises) + 1)]
        await tx.experiments.add(experiment, arms, trials, plans if design.freeze_plan else ())
        return experiment


class Conductor:
    """Works on the trials of one experiment, some at once."""

    def __init__(self, store: Database, trials: Trials, work_on: WorkOn, tell: Tell = lambda _said: None) -> None:
        self._store = store
        self._trials = trials
        self._work_on = work_on
        self._tell = tell

    async def conduct(self, at_once: int) -> None:
        """Make the plans that are frozen, then write every trial that is not settled, in an order the seed shuffles.

        Raises:
            ChorusError: what a run could not endure; what was written is kept.
        """
        places = asyncio.Semaphore(at_once)
        experiment_id = self._trials.experiment_id
        async with self._store.reading() as tx:
            arms = {arm.id: arm for arm in await tx.experiments.list_arms(experiment_id)}
            trials = await tx.experiments.list_trials(experiment_id)
            plans = await tx.experiments.list_plans(experiment_id)
        await all_done(places, [self._plan(plan) for plan in plans])
        open_trials = [trial for trial in trials if trial.status is not TrialStatus.COMPLETE]
        shuffle(open_trials, self._trials.design.seed)
        await all_done(places, [self._write(trial, arms[trial.arm_id]) for trial in open_trials])

    async def _plan(self, plan: Plan) -> None:
        async with self._store.transaction() as tx:
            plan = await self._trials.begin_plan(tx, plan.premise_number)
        if plan.run_id and not await self._is_over(plan.run_id):
            self._tell(f"Premise {plan.premise_number} is being planned")
            await self._work_on(plan.run_id)

    async def _write(self, trial: Trial, arm: Arm) -> None:
        async with self._store.transaction() as tx:
            trial = await self._trials.begin(tx, trial.id, arm)
        if trial.run_id is None:
            self._tell(f"{self._named(trial, arm)} waits: its plan is not finished")
            return
        if not await self._is_over(trial.run_id):
            self._tell(f"{self._named(trial, arm)} is being written")
            try:
                await self._work_on(trial.run_id)
            except Conflict as busy:
                self._tell(f"{self._named(trial, arm)}: {busy}")
        async with self._store.transaction() as tx:
            status = await self._trials.settle(tx, trial.id)
        self._tell(f"{self._named(trial, arm)} is {status.value}")

    def _named(self, trial: Trial, arm: Arm) -> str:
        return f"Premise {trial.premise_number}, {arm.name}, repeat {trial.repeat}"

    async def _is_over(self, run_id: UUID) -> bool:
        async with self._store.reading() as tx:
            return (await tx.runs.load(run_id)).status.is_over


def shuffle(trials: list[Trial], seed: int) -> None:
    """Bring trials into the order in which they are written, so that no arm is always first."""
    random.Random(seed).shuffle(trials)  # noqa: S311 - a seed is wanted


async def all_done(places: asyncio.Semaphore, works: Sequence[Awaitable[None]]) -> None:
    """Do all of it, as many at once as there are places; the first error is raised when the others are done."""

    async def placed(work: Awaitable[None]) -> None:
        async with places:
            await work

    ended = await asyncio.gather(*(placed(work) for work in works), return_exceptions=True)
    for outcome in ended:
        if isinstance(outcome, BaseException):
            raise outcome
