"""Experiments with their arms, trials, plans and votes."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chorus.domain.experiment import Arm, Experiment, ExperimentCard, Mark, Plan, Revised, Trial, TrialStatus, Vote
from chorus.domain.run import RunStatus
from chorus.errors import NotFound
from chorus.store import tables as t
from chorus.store.direct import Fixed
from chorus.store.rows import add_all, fetch_all, fetch_one

_GAINS = Fixed(
    text("""
    WITH revised AS (
        SELECT r.story_id, r.id, r.parent_id, r.call_id,
               row_number() OVER (PARTITION BY r.scene_id ORDER BY r.number) AS k
        FROM revision r WHERE r.story_id = ANY(:stories) AND r.cause = 'revision'
    )
    SELECT r.story_id, r.k, count(*) AS scenes, sum(before.found) AS before, sum(after.found) AS after,
           sum(coalesce(c.prompt_tokens, 0) + coalesce(c.completion_tokens, 0)) AS tokens
    FROM revised r
    CROSS JOIN LATERAL (SELECT count(*) AS found FROM finding f WHERE f.revision_id = r.parent_id) before
    CROSS JOIN LATERAL (SELECT count(*) AS found FROM finding f WHERE f.revision_id = r.id) after
    LEFT JOIN llm_call c ON c.id = r.call_id
    GROUP BY r.story_id, r.k
""")
)


class Experiments:
    """Comparisons of settings."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(
        self, experiment: Experiment, arms: Sequence[Arm], trials: Sequence[Trial], plans: Sequence[Plan] = ()
    ) -> None:
        """Keep an experiment with all that it plans."""
        await add_all(self._connection, t.experiment, [experiment])
        await add_all(self._connection, t.arm, arms)
        await add_all(self._connection, t.trial, trials)
        await add_all(self._connection, t.trial_plan, plans)

    async def load(self, experiment_id: UUID) -> Experiment:
        """Read an experiment, or raise NotFound."""
        query = select(t.experiment).where(t.experiment.c.id == experiment_id)
        experiment = await fetch_one(self._connection, query, Experiment)
        if experiment is None:
            raise NotFound(f"There is no experiment {experiment_id}: `chorus experiment list` lists them.")
        return experiment

    async def find_latest(self, design: dict[str, Any]) -> Experiment | None:
        """Find the newest experiment of exactly this design."""
        query = select(t.experiment).where(t.experiment.c.design == design)
        return await fetch_one(self._connection, query.order_by(t.experiment.c.created_at.desc()).limit(1), Experiment)

    async def hand_over(self, experiment_id: UUID, at_once: int | None) -> None:
        """Let workers write so many of its stories at once, or none any more."""
        row = t.experiment.c.id == experiment_id
        await self._connection.execute(update(t.experiment).where(row).values(at_once=at_once))

    async def list_handed_over(self) -> list[UUID]:
        """List the experiments that workers write, the oldest first."""
        experiment = t.experiment.c
        query = select(experiment.id).where(experiment.at_once.is_not(None)).order_by(experiment.created_at)
        return list((await self._connection.execute(query)).scalars())

    async def take_handed_over(self, experiment_id: UUID) -> Experiment | None:
        """Read an experiment that workers write; until the transaction ends no other worker gets it."""
        experiment = t.experiment.c
        query = select(t.experiment).where(experiment.id == experiment_id, experiment.at_once.is_not(None))
        return await fetch_one(self._connection, query.with_for_update(skip_locked=True), Experiment)

    async def limit_judges(self, experiment_id: UUID, tokens: int | None, usd: float | None) -> None:
        """Say what all judging of it together may use; what is None stays as it was said before."""
        said = {name: value for name, value in (("judge_tokens", tokens), ("judge_usd", usd)) if value is not None}
        if said:
            await self._connection.execute(update(t.experiment).where(t.experiment.c.id == experiment_id).values(said))

    async def ask_judge(self, experiment_id: UUID, model: str | None, error: str | None = None) -> None:
        """Let workers have it judged by a model, by the editor's if that is empty, or by none any more."""
        row = t.experiment.c.id == experiment_id
        wanted = {"judge": model, "judged_until": None, "judge_error": error}
        await self._connection.execute(update(t.experiment).where(row).values(wanted))

    async def take_to_judge(self, lease_s: float) -> Experiment | None:
        """Take an experiment that waits for its judge, and that nobody has just now; None if there is none."""
        experiment = t.experiment.c
        free = (experiment.judged_until.is_(None)) | (experiment.judged_until < func.now())
        next_ = (
            select(experiment.id).where(experiment.judge.is_not(None), free).order_by(experiment.created_at).limit(1)
        )
        row = experiment.id == next_.with_for_update(skip_locked=True).scalar_subquery()
        taken = update(t.experiment).where(row).values(judged_until=func.now() + timedelta(seconds=lease_s))
        return await fetch_one(self._connection, taken.returning(t.experiment), Experiment)

    async def keep_to_judge(self, experiment_id: UUID, lease_s: float) -> bool:
        """Keep one that was taken for longer; says whether it is still to be judged."""
        experiment = t.experiment.c
        mine = update(t.experiment).where(experiment.id == experiment_id, experiment.judge.is_not(None))
        kept = await self._connection.execute(mine.values(judged_until=func.now() + timedelta(seconds=lease_s)))
        return bool(kept.rowcount)

    async def standing(self, experiment_id: UUID) -> dict[UUID, RunStatus]:
        """How the run of every trial and every plan stands."""
        of_trial = select(t.trial.c.run_id).where(t.trial.c.experiment_id == experiment_id)
        of_plan = select(t.trial_plan.c.run_id).where(t.trial_plan.c.experiment_id == experiment_id)
        run = t.run.c
        query = select(run.id, run.status).where(run.id.in_(of_trial) | run.id.in_(of_plan))
        return {row.id: row.status for row in await self._connection.execute(query)}

    async def list_cards(self, limit: int = 100, offset: int = 0, *, only: UUID | None = None) -> list[ExperimentCard]:
        """List experiments, the newest first, or the ``only`` one."""
        experiment, trial = t.experiment.c, t.trial.c
        done = (
            select(
                func.count().label("trials"),
                func.count().filter(trial.status == TrialStatus.COMPLETE).label("complete"),
                func.count().filter(trial.status == TrialStatus.FAILED).label("failed"),
            )
            .where(trial.experiment_id == experiment.id)
            .lateral("done")
        )
        arms = select(func.count()).where(t.arm.c.experiment_id == experiment.id).scalar_subquery().label("arms")
        query = select(experiment.id, experiment.name, experiment.created_at, arms, done)
        query = query.where(experiment.id == only) if only else query
        newest = query.order_by(experiment.created_at.desc(), experiment.id).limit(limit).offset(offset)
        return await fetch_all(self._connection, newest, ExperimentCard)

    async def list_arms(self, experiment_id: UUID) -> list[Arm]:
        """List the arms of an experiment by number."""
        query = select(t.arm).where(t.arm.c.experiment_id == experiment_id).order_by(t.arm.c.number)
        return await fetch_all(self._connection, query, Arm)

    async def list_trials(self, experiment_id: UUID) -> list[Trial]:
        """List the trials of an experiment by premise and repeat."""
        trial = t.trial.c
        query = select(t.trial).where(trial.experiment_id == experiment_id)
        return await fetch_all(
            self._connection, query.order_by(trial.premise_number, trial.repeat, trial.arm_id), Trial
        )

    async def load_to_change(self, trial_id: UUID) -> Trial:
        """Read a trial and let nobody else change it until the transaction ends."""
        query = select(t.trial).where(t.trial.c.id == trial_id).with_for_update()
        trial = await fetch_one(self._connection, query, Trial)
        if trial is None:
            raise NotFound("The experiment of this trial was removed.")
        return trial

    async def save_trial(self, trial: Trial) -> None:
        """Write how a trial stands."""
        values = trial.model_dump(include={"story_id", "run_id", "status", "measures"})
        await self._connection.execute(update(t.trial).where(t.trial.c.id == trial.id).values(values))

    async def list_plans(self, experiment_id: UUID) -> list[Plan]:
        """List the frozen plans of an experiment by premise."""
        plan = t.trial_plan.c
        query = select(t.trial_plan).where(plan.experiment_id == experiment_id).order_by(plan.premise_number)
        return await fetch_all(self._connection, query, Plan)

    async def load_plan_to_change(self, experiment_id: UUID, premise_number: int) -> Plan:
        """Read a frozen plan and let nobody else change it until the transaction ends."""
        plan = t.trial_plan.c
        query = select(t.trial_plan).where(plan.experiment_id == experiment_id, plan.premise_number == premise_number)
        found = await fetch_one(self._connection, query.with_for_update(), Plan)
        if found is None:
            raise NotFound("The plans of this experiment were removed.")
        return found

    async def save_plan(self, plan: Plan) -> None:
        """Write which story has the plan."""
        row = t.trial_plan.c
        await self._connection.execute(
            update(t.trial_plan)
            .where(row.experiment_id == plan.experiment_id, row.premise_number == plan.premise_number)
            .values(story_id=plan.story_id, run_id=plan.run_id)
        )

    async def revised(self, story_ids: Sequence[UUID]) -> list[Revised]:
        """What the first, the second ... revision of scenes did in some stories, story by story."""
        rows = await _GAINS.rows(self._connection, stories=list(story_ids))
        return [Revised.of({name: row[name] if name == "story_id" else int(row[name]) for name in row}) for row in rows]

    async def add_vote(self, vote: Vote) -> None:
        """Keep a vote."""
        await add_all(self._connection, t.vote, [vote])

    async def add_mark(self, mark: Mark) -> None:
        """Keep a judge's marks of a story, unless they are there."""
        await add_all(self._connection, t.mark, [mark], unless_there=True)

    async def list_marks(self, experiment_id: UUID) -> list[Mark]:
        """List all marks that models gave to stories of an experiment, the oldest first."""
        query = select(t.mark).join(t.trial).where(t.trial.c.experiment_id == experiment_id)
        return await fetch_all(self._connection, query.order_by(t.mark.c.created_at, t.mark.c.trial_id), Mark)

    async def written(self, experiment_id: UUID) -> dict[UUID, tuple[str, str | None]]:
        """What the stories of an experiment are called and what went wrong, by run."""
        of_trial = select(t.trial.c.run_id).where(t.trial.c.experiment_id == experiment_id)
        query = select(t.run.c.id, t.story.c.title, t.run.c.error).join(t.story).where(t.run.c.id.in_(of_trial))
        return {run_id: (title, error) for run_id, title, error in await self._connection.execute(query)}

    async def list_votes(self, experiment_id: UUID) -> list[Vote]:
        """List the votes of an experiment, the oldest first."""
        query = select(t.vote).where(t.vote.c.experiment_id == experiment_id).order_by(t.vote.c.created_at, t.vote.c.id)
        return await fetch_all(self._connection, query, Vote)
