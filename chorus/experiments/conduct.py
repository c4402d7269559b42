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
from chorus.domain.run import Method, Run, RunSettings, RunStatus, RunSummary
from chorus.domain.story import Story
from chorus.errors import Conflict
from chorus.experiments.design import Design
from chorus.experiments.measured import measure_trial
from chorus.experiments.plan import copy_plan
from chorus.store import Database, Transaction

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

    def __init__(
        self,
        store: Database,
        experiment: Experiment,
        configured: RunSettings,
        work_on: WorkOn,
        tell: Tell = lambda _said: None,
    ) -> None:
        self._store = store
        self._id = experiment.id
        self._design = Design.model_validate(experiment.design)
        self._configured = configured
        self._work_on = work_on
        self._tell = tell

    async def conduct(self, at_once: int) -> None:
        """Make the plans that are frozen, then write every trial that is not settled, in an order the seed shuffles.

        Raises:
            ChorusError: what a run could not endure; what was written is kept.
        """
        places = asyncio.Semaphore(at_once)
        async with self._store.reading() as tx:
            arms = {arm.id: arm for arm in await tx.experiments.list_arms(self._id)}
            trials = await tx.experiments.list_trials(self._id)
            plans = await tx.experiments.list_plans(self._id)
        await _all(places, [self._plan(plan) for plan in plans])
        open_trials = [trial for trial in trials if trial.status is not TrialStatus.COMPLETE]
        random.Random(self._design.seed).shuffle(open_trials)  # noqa: S311 - a seed is wanted
        await _all(places, [self._write(trial, arms[trial.arm_id]) for trial in open_trials])

    async def _plan(self, plan: Plan) -> None:
        async with self._store.transaction() as tx:
            plan = await tx.experiments.load_plan_to_change(plan.experiment_id, plan.premise_number)
            if plan.run_id is None:
                settings = self._design.settings_of(None, self._configured)
                run = await self._begin_run(tx, plan.premise_number, None, settings, Method.PLAN)
                plan = plan.model_copy(update={"story_id": run.story_id, "run_id": run.id})
                await tx.experiments.save_plan(plan)
        if plan.run_id and not await self._is_over(plan.run_id):
            self._tell(f"Premise {plan.premise_number} is being planned")
            await self._work_on(plan.run_id)

    async def _write(self, trial: Trial, arm: Arm) -> None:
        trial = await self._begun(trial, arm)
        if trial.run_id is None or trial.story_id is None:
            self._tell(f"{self._named(trial, arm)} waits: its plan is not finished")
            return
        if not await self._is_over(trial.run_id):
            self._tell(f"{self._named(trial, arm)} is being written")
            try:
                await self._work_on(trial.run_id)
            except Conflict as busy:
                self._tell(f"{self._named(trial, arm)}: {busy}")
        status = await self._settle(trial.id, trial.story_id, trial.run_id)
        self._tell(f"{self._named(trial, arm)} is {status.value}")

    def _named(self, trial: Trial, arm: Arm) -> str:
        return f"Premise {trial.premise_number}, {arm.name}, repeat {trial.repeat}"

    async def _begun(self, trial: Trial, arm: Arm) -> Trial:
        """The trial with its story and run, made now if they are not there yet."""
        async with self._store.transaction() as tx:
            trial = await tx.experiments.load_to_change(trial.id)
            if trial.run_id is not None:
                return trial
            design = self._design.arms[arm.number - 1]
            settings = self._design.settings_of(design, self._configured)
            wants_plan = self._design.freeze_plan and settings.method is Method.CREW
            plan = await self._plan_of(tx, trial.premise_number) if wants_plan else None
            if wants_plan and plan is None:
                return trial
            run = await self._begin_run(
                tx, trial.premise_number, arm, settings, settings.method, trial.repeat - 1, plan
            )
            begun = trial.model_copy(update={"story_id": run.story_id, "run_id": run.id, "status": TrialStatus.RUNNING})
            await tx.experiments.save_trial(begun)
            return begun

    async def _plan_of(self, tx: Transaction, premise_number: int) -> UUID | None:
        """The story that has the finished plan for a premise."""
        plan = await tx.experiments.load_plan_to_change(self._id, premise_number)
        if plan.run_id is None or (await tx.runs.load(plan.run_id)).status is not RunStatus.COMPLETE:
            return None
        return plan.story_id

    async def _begin_run(
        self,
        tx: Transaction,
        premise_number: int,
        arm: Arm | None,
        settings: RunSettings,
        method: Method,
        take: int = 0,
        plan_id: UUID | None = None,
    ) -> Run:
        """Keep a story and its run; one that is written to a frozen plan takes that plan's title too."""
        premise = self._design.premises[premise_number - 1]
        told = self._design.told_of(self._design.arms[arm.number - 1] if arm else None)
        title = (await tx.stories.load(plan_id)).title if plan_id else ""
        story = Story(title=title, premise=premise, **told)
        run = Run(story_id=story.id, settings=settings.model_copy(update={"method": method}), take=take)
        await tx.stories.add(story)
        if plan_id:
            await copy_plan(tx, plan_id, story)
        await tx.runs.add(run)
        return run

    async def _is_over(self, run_id: UUID) -> bool:
        async with self._store.reading() as tx:
            return (await tx.runs.load(run_id)).status.is_over

    async def _settle(self, trial_id: UUID, story_id: UUID, run_id: UUID) -> TrialStatus:
        """Write how a trial ended, and its measures if it is complete."""
        async with self._store.transaction() as tx:
            trial = await tx.experiments.load_to_change(trial_id)
            ended = (await tx.runs.load(run_id)).status
            status = _STATUS.get(ended, TrialStatus.RUNNING)
            measures = await measure_trial(tx, story_id, run_id) if ended is RunStatus.COMPLETE else {}
            await tx.experiments.save_trial(trial.model_copy(update={"status": status, "measures": measures}))
            return status


_STATUS = {
    RunStatus.COMPLETE: TrialStatus.COMPLETE,
    RunStatus.FAILED: TrialStatus.FAILED,
    RunStatus.CANCELLED: TrialStatus.FAILED,
}


async def _all(places: asyncio.Semaphore, works: Sequence[Awaitable[None]]) -> None:
    """Do all of it, as many at once as there are places; the first error is raised when the others are done."""

    async def placed(work: Awaitable[None]) -> None:
        async with places:
            await work

    ended = await asyncio.gather(*(placed(work) for work in works), return_exceptions=True)
    for outcome in ended:
        if isinstance(outcome, BaseException):
            raise outcome
