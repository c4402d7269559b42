"""Experiments with their arms and trials."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from chorus.domain.experiment import Arm, Experiment, Trial
from chorus.errors import NotFound
from chorus.store import tables as t
from chorus.store.rows import add_all, fetch_all, fetch_one


class Experiments:
    """Comparisons of settings."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, experiment: Experiment, arms: Sequence[Arm], trials: Sequence[Trial]) -> None:
        """Keep an experiment with all that it plans."""
        await add_all(self._connection, t.experiment, [experiment])
        await add_all(self._connection, t.arm, arms)
        await add_all(self._connection, t.trial, trials)

    async def load(self, experiment_id: UUID) -> Experiment:
        """Read an experiment, or raise NotFound."""
        query = select(t.experiment).where(t.experiment.c.id == experiment_id)
        experiment = await fetch_one(self._connection, query, Experiment)
        if experiment is None:
            raise NotFound(f"There is no experiment {experiment_id}.")
        return experiment

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
