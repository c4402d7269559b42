"""An experiment written by the workers: whoever makes rounds takes it a step on, so that nobody has to stay with it.

A trial that is ``planned`` waits to be begun or gone on with, one that is ``running`` is at a worker, waits for one, or
waits for a person. Any process may take the next step: it is one transaction, and alone with the experiment.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from uuid import UUID

from chorus.domain.experiment import Plan, Trial, TrialStatus
from chorus.domain.run import Run, RunStatus
from chorus.errors import Conflict
from chorus.experiments.conduct import shuffle
from chorus.experiments.trials import Trials
from chorus.store import Transaction

type Dispatch = Callable[[Transaction, UUID], Awaitable[Run]]
_HOPELESS = frozenset({RunStatus.CANCELLED, RunStatus.FAILED})
_ENDED = frozenset({RunStatus.COMPLETE, *_HOPELESS})


async def hand_over(tx: Transaction, experiment_id: UUID, at_once: int, dispatch: Dispatch) -> None:
    """Let workers write what is not complete, so many stories at once; what failed or waits for a person goes on."""
    await tx.experiments.hand_over(experiment_id, at_once)
    for trial in await tx.experiments.list_trials(experiment_id):
        if trial.status in (TrialStatus.RUNNING, TrialStatus.FAILED):
            await tx.experiments.save_trial(trial.model_copy(update={"status": TrialStatus.PLANNED}))
    for plan in await tx.experiments.list_plans(experiment_id):
        if plan.run_id:
            with suppress(Conflict):  # it is over, or at work
                await dispatch(tx, plan.run_id)


async def advance(tx: Transaction, trials: Trials, at_once: int, dispatch: Dispatch) -> bool:
    """Settle what has ended and begin as much as there is room for; says whether something is still open."""
    experiment_id = trials.experiment_id
    standing = await tx.experiments.standing(experiment_id)
    for trial in await tx.experiments.list_trials(experiment_id):
        if trial.status is TrialStatus.RUNNING and trial.run_id and standing[trial.run_id] in _ENDED:
            await trials.settle(tx, trial.id)
    kept = await tx.experiments.list_trials(experiment_id)
    plans = await tx.experiments.list_plans(experiment_id)
    begun = [*(plan.run_id for plan in plans), *(trial.run_id for trial in _running(kept))]
    at_work = sum(standing[run_id].is_open for run_id in begun if run_id)
    room = await _begin_plans(tx, trials, plans, at_once - at_work, dispatch)
    await _begin_trials(tx, trials, kept, room, dispatch)
    await _give_up(
        tx, trials, {plan.premise_number for plan in plans if plan.run_id and standing[plan.run_id] in _HOPELESS}
    )
    still_open = await tx.experiments.list_trials(experiment_id)
    return any(trial.status in (TrialStatus.PLANNED, TrialStatus.RUNNING) for trial in still_open)


async def _give_up(tx: Transaction, trials: Trials, premises: set[int]) -> None:
    """Let trials fail that wait for a plan which will not come."""
    for trial in await tx.experiments.list_trials(trials.experiment_id) if premises else ():
        if trial.run_id is None and trial.premise_number in premises:
            await tx.experiments.save_trial(trial.model_copy(update={"status": TrialStatus.FAILED}))


def _running(trials: Sequence[Trial]) -> list[Trial]:
    return [trial for trial in trials if trial.status is TrialStatus.RUNNING]


async def _begin_plans(tx: Transaction, trials: Trials, plans: Sequence[Plan], room: int, dispatch: Dispatch) -> int:
    """Begin plans as far as there is room; return how much is left."""
    for plan in plans:
        if plan.run_id is None and room > 0:
            begun = await trials.begin_plan(tx, plan.premise_number)
            if begun.run_id:
                await dispatch(tx, begun.run_id)
                room -= 1
    return room


async def _begin_trials(tx: Transaction, trials: Trials, kept: Sequence[Trial], room: int, dispatch: Dispatch) -> None:
    arms = {arm.id: arm for arm in await tx.experiments.list_arms(trials.experiment_id)}
    waiting = [trial for trial in kept if trial.status is TrialStatus.PLANNED or trial.run_id is None]
    shuffle(waiting, trials.design.seed)
    for trial in waiting:
        if room <= 0:
            return
        begun = await trials.begin(tx, trial.id, arms[trial.arm_id])
        if begun.run_id is None:  # its plan is not finished
            continue
        with suppress(Conflict):  # it is over, or a process of its own works on it
            await dispatch(tx, begun.run_id)
            room -= 1
        await tx.experiments.save_trial(begun.model_copy(update={"status": TrialStatus.RUNNING}))
