"""Trials as rows: their stories and runs begun once, their ends written. Each command is part of a transaction."""

from uuid import UUID

from chorus.domain.experiment import Arm, Experiment, Plan, Trial, TrialStatus
from chorus.domain.run import Method, Run, RunSettings, RunStatus
from chorus.domain.story import Story
from chorus.experiments.design import Design
from chorus.experiments.measured import measure_trial
from chorus.experiments.plan import copy_plan
from chorus.store import Transaction


class Trials:
    """The trials and plans of one experiment; ``configured`` are the settings that its design leaves open."""

    def __init__(self, experiment: Experiment, configured: RunSettings) -> None:
        self.experiment_id = experiment.id
        self.design = Design.model_validate(experiment.design)
        self._configured = configured

    async def begin_plan(self, tx: Transaction, premise_number: int) -> Plan:
        """The frozen plan of a premise with its story and run, made now if they are not there yet."""
        plan = await tx.experiments.load_plan_to_change(self.experiment_id, premise_number)
        if plan.run_id is None:
            settings = self.design.settings_of(None, self._configured)
            run = await self._begin_run(tx, premise_number, None, settings, Method.PLAN)
            plan = plan.model_copy(update={"story_id": run.story_id, "run_id": run.id})
            await tx.experiments.save_plan(plan)
        return plan

    async def begin(self, tx: Transaction, trial_id: UUID, arm: Arm) -> Trial:
        """The trial with its story and run, made now if they are not there; without, while its plan is unfinished."""
        trial = await tx.experiments.load_to_change(trial_id)
        if trial.run_id is not None:
            return trial
        settings = self.design.settings_of(self.design.arms[arm.number - 1], self._configured)
        wants_plan = self.design.freeze_plan and settings.method is Method.CREW
        plan = await self._plan_of(tx, trial.premise_number) if wants_plan else None
        if wants_plan and plan is None:
            return trial
        run = await self._begin_run(tx, trial.premise_number, arm, settings, settings.method, trial.repeat - 1, plan)
        begun = trial.model_copy(update={"story_id": run.story_id, "run_id": run.id, "status": TrialStatus.RUNNING})
        await tx.experiments.save_trial(begun)
        return begun

    async def settle(self, tx: Transaction, trial_id: UUID) -> TrialStatus:
        """Write how a trial ended, and its measures if it is complete."""
        trial = await tx.experiments.load_to_change(trial_id)
        if trial.story_id is None or trial.run_id is None:
            return trial.status
        ended = (await tx.runs.load(trial.run_id)).status
        status = _STATUS.get(ended, TrialStatus.RUNNING)
        measures = await measure_trial(tx, trial.story_id, trial.run_id) if ended is RunStatus.COMPLETE else {}
        await tx.experiments.save_trial(trial.model_copy(update={"status": status, "measures": measures}))
        return status

    async def _plan_of(self, tx: Transaction, premise_number: int) -> UUID | None:
        """The story that has the finished plan for a premise."""
        plan = await tx.experiments.load_plan_to_change(self.experiment_id, premise_number)
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
        premise = self.design.premises[premise_number - 1]
        told = self.design.told_of(self.design.arms[arm.number - 1] if arm else None)
        title = (await tx.stories.load(plan_id)).title if plan_id else ""
        story = Story(title=title, premise=premise, **told)
        run = Run(story_id=story.id, settings=settings.model_copy(update={"method": method}), take=take)
        await tx.stories.add(story)
        if plan_id:
            await copy_plan(tx, plan_id, story)
        await tx.runs.add(run)
        return run


_STATUS = {
    RunStatus.COMPLETE: TrialStatus.COMPLETE,
    RunStatus.FAILED: TrialStatus.FAILED,
    RunStatus.CANCELLED: TrialStatus.FAILED,
}
