"""Commands on experiments: begun, written here or by the workers, stopped, read blind, and taken away."""

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from uuid import UUID

from chorus.agents.judge import Judge
from chorus.domain.estimate import Estimate, in_all
from chorus.domain.experiment import PERSON, Choice, Experiment, TrialStatus, Vote
from chorus.domain.run import Run, RunSettings, RunSummary
from chorus.domain.value import storable
from chorus.errors import ChorusError, Conflict, InvalidInput
from chorus.experiments.blind import BlindPair, BlindStory, Voted, next_pair
from chorus.experiments.conduct import Conductor, begin
from chorus.experiments.design import Design
from chorus.experiments.files import Format, to_otlp, to_table
from chorus.experiments.handed_over import advance, hand_over
from chorus.experiments.judging import Bench, budget_of_judges, prose_of
from chorus.experiments.outcome import Outcome, read_outcome
from chorus.experiments.report import to_report
from chorus.experiments.trials import Trials
from chorus.llm import Gateway
from chorus.pipeline import steer
from chorus.store import Database

JUDGING_S = 45.0
"""After so long without a sign of life, another process goes on with a judging."""


class Experimenting(ABC):
    """Commands on experiments; what they need of the studio is abstract here."""

    store: Database
    gateway: Gateway

    @abstractmethod
    def default_settings(self, **chosen: object) -> RunSettings:
        """The settings of a run as configured."""

    @abstractmethod
    async def estimate(self, settings: RunSettings) -> Estimate:
        """Foresee what a run will take."""

    @abstractmethod
    async def approve(self, run_id: UUID) -> None:
        """Answer what a run waits for."""

    @abstractmethod
    async def work_on(self, run_id: UUID) -> RunSummary:
        """Write a run to its end."""

    @abstractmethod
    async def pause(self, run_id: UUID) -> Run:
        """Let a run rest."""

    @abstractmethod
    async def cancel(self, run_id: UUID) -> Run:
        """End a run for good."""

    @abstractmethod
    async def tell_of_judging(self, story_ids: Sequence[UUID]) -> None:
        """Tell who collects traces what a judge was asked about some stories."""

    async def begin_experiment(self, design: Design, *, again: bool = False) -> Experiment:
        """Keep an experiment, or give the one of the same design that was begun before, unless ``again``."""
        return await begin(self.store, design, again=again)

    async def conduct_experiment(
        self, experiment_id: UUID, *, at_once: int = 2, tell: Callable[[str], None] = lambda _said: None
    ) -> Outcome:
        """Write every trial that is not settled yet, so many at once; killed, it goes on where it stood.

        Trials that wait for a person go on: to conduct them again is a yes.

        Raises:
            NotFound: there is no such experiment.
            ChorusError: what a run could not endure; what was written is kept.
        """
        async with self.store.reading() as tx:
            experiment = await tx.experiments.load(experiment_id)

        async def write(run_id: UUID) -> RunSummary:
            await self.approve(run_id)
            return await self.work_on(run_id)

        await Conductor(self.store, Trials(experiment, self.default_settings()), write, tell).conduct(at_once)
        return await self.read_outcome(experiment_id)

    async def hand_over_experiment(self, experiment_id: UUID, *, at_once: int = 2) -> None:
        """Let the workers write what is not complete, so many stories at once; what failed or waits goes on.

        Raises:
            NotFound: there is no such experiment.
        """
        async with self.store.transaction() as tx:
            await tx.experiments.load(experiment_id)
            await hand_over(tx, experiment_id, at_once, steer.dispatch)
        await self._advance(experiment_id)

    async def advance_experiments(self) -> None:
        """Take every experiment that workers write a step on; any number of processes may do so at once."""
        async with self.store.reading() as tx:
            handed_over = await tx.experiments.list_handed_over()
        for experiment_id in handed_over:
            await self._advance(experiment_id)

    async def _advance(self, experiment_id: UUID) -> None:
        async with self.store.transaction() as tx:
            experiment = await tx.experiments.take_handed_over(experiment_id)
            if experiment is None or experiment.at_once is None:
                return  # another one has it, or it is over
            trials = Trials(experiment, self.default_settings())
            if not await advance(tx, trials, experiment.at_once, steer.dispatch):
                await tx.experiments.hand_over(experiment_id, None)

    async def stop_experiment(self, experiment_id: UUID, *, for_good: bool = False) -> None:
        """Begin no more of its stories, and pause those at work, or cancel them ``for_good``; what is written stays.

        It is judged no further either.

        Raises:
            NotFound: there is no such experiment.
        """
        stop = self.cancel if for_good else self.pause
        async with self.store.transaction() as tx:
            await tx.experiments.load(experiment_id)
            await tx.experiments.hand_over(experiment_id, None)
            await tx.experiments.ask_judge(experiment_id, None)
            standing = await tx.experiments.standing(experiment_id)
        for run_id in standing:
            with suppress(Conflict):  # it is over, or rests already
                await stop(run_id)

    async def judge_experiment(
        self,
        experiment_id: UUID,
        model: str | None = None,
        *,
        at_once: int = 2,
        tell: Callable[[str], None] = lambda _said: None,
        most_tokens: int | None = None,
        most_usd: float | None = None,
    ) -> Outcome:
        """Let a model mark every complete story and read pairs blind, both ways round; stopped, it goes on there.

        ``most_tokens`` and ``most_usd`` hold for all judging of the experiment, also what was done before.

        Raises:
            NotFound: there is no such experiment.
            BudgetExceeded: the next question might use more; what was judged is kept.
            ChorusError: what the endpoint could not answer; what was judged is kept.
        """
        name = model or await self.gateway.model_of("continuity_editor")
        judge = Judge(self.gateway, self.default_settings().context_tokens)
        async with self.store.transaction() as tx:
            await tx.experiments.limit_judges(experiment_id, most_tokens, most_usd)
            kept = await tx.experiments.load(experiment_id)
        budget = budget_of_judges(Design.model_validate(kept.design), kept.judge_tokens, kept.judge_usd)
        try:
            await Bench(self.store, judge, experiment_id, name, tell, budget=budget).judge_all(at_once)
        finally:
            async with self.store.reading() as tx:
                trials = await tx.experiments.list_trials(experiment_id)
            await self.tell_of_judging([trial.story_id for trial in trials if trial.story_id])
        return await self.read_outcome(experiment_id)

    async def ask_judge(
        self,
        experiment_id: UUID,
        model: str | None = None,
        *,
        most_tokens: int | None = None,
        most_usd: float | None = None,
    ) -> None:
        """Let the workers have a model judge an experiment, as ``judge_experiment`` does.

        Raises:
            NotFound: there is no such experiment.
            InvalidInput: no story of it is complete.
        """
        async with self.store.transaction() as tx:
            await tx.experiments.load(experiment_id)
            if not any(
                trial.status is TrialStatus.COMPLETE for trial in await tx.experiments.list_trials(experiment_id)
            ):
                raise InvalidInput("No story of this experiment is complete, so there is nothing to judge yet.")
            await tx.experiments.limit_judges(experiment_id, most_tokens, most_usd)
            await tx.experiments.ask_judge(experiment_id, storable(model or "").strip())

    async def judge_what_is_asked(self) -> bool:
        """Let a model judge one experiment that waits for it, and that no other process has; says if there was one.

        A process that dies over it loses it after ``JUDGING_S``, and what was judged is kept. What the endpoint could
        not answer ends it, and is told with the experiment.
        """
        async with self.store.transaction() as tx:
            experiment = await tx.experiments.take_to_judge(JUDGING_S)
        if experiment is None:
            return False
        work = asyncio.create_task(self.judge_experiment(experiment.id, experiment.judge))
        try:
            while not (await asyncio.wait({work}, timeout=JUDGING_S / 3))[0]:
                async with self.store.transaction() as tx:
                    if not await tx.experiments.keep_to_judge(experiment.id, JUDGING_S):
                        return True
            error = work.exception()
            if error and not isinstance(error, ChorusError):
                raise error
            async with self.store.transaction() as tx:
                await tx.experiments.ask_judge(experiment.id, None, str(error)[:2000] if error else None)
        finally:
            work.cancel()
        return True

    async def estimate_experiment(self, design: Design, *, at_once: int = 2) -> Estimate:
        """Foresee what all stories of an experiment will take, as if none shared a plan with another."""
        configured = self.default_settings()
        stories = len(design.premises) * design.repeats
        parts = [(await self.estimate(design.settings_of(arm, configured)), stories) for arm in design.arms]
        return in_all(parts, at_once)

    async def read_outcome(self, experiment_id: UUID) -> Outcome:
        """Read what came of an experiment so far; NotFound if there is none of this id."""
        async with self.store.transaction() as tx:
            return await read_outcome(tx, experiment_id)

    async def draw_pair(self, experiment_id: UUID) -> BlindPair | None:
        """Draw the two stories that a person reads next, not knowing whose they are; None: there are no two yet."""
        outcome = await self.read_outcome(experiment_id)
        votes = await self.list_votes(experiment_id)
        read = [frozenset((vote.first_id, vote.second_id)) for vote in votes if vote.judge == PERSON]
        pair = next_pair(outcome.trials, read, random.SystemRandom().randrange(2**32))
        if pair is None:
            return None
        first, second = [BlindStory(trial_id=t.trial_id, text=await self._prose(t.story_id)) for t in pair]
        return BlindPair(premise=outcome.design.premises[pair[0].premise_number - 1], first=first, second=second)

    async def _prose(self, story_id: UUID | None) -> str:
        async with self.store.reading() as tx:
            return prose_of(await tx.stories.load_manuscript(story_id)) if story_id else ""

    async def vote(self, experiment_id: UUID, first_id: UUID, second_id: UUID, choice: Choice, note: str = "") -> Voted:
        """Keep which of two stories, read blind, a person preferred; only then their arms are told.

        Raises:
            NotFound: there is no such experiment.
            InvalidInput: these are not two complete stories of one premise, by two arms.
        """
        async with self.store.transaction() as tx:
            await tx.experiments.load(experiment_id)
            trials = {trial.id: trial for trial in await tx.experiments.list_trials(experiment_id)}
            pair = [trials.get(first_id), trials.get(second_id)]
            there = [trial for trial in pair if trial and trial.status is TrialStatus.COMPLETE]
            if len(there) < 2 or len({t.premise_number for t in there}) > 1 or len({t.arm_id for t in there}) < 2:
                raise InvalidInput("Two complete stories of one premise, by two arms, can be compared.")
            arms = {arm.id: arm.name for arm in await tx.experiments.list_arms(experiment_id)}
            vote = Vote(
                experiment_id=experiment_id,
                first_id=first_id,
                second_id=second_id,
                choice=choice,
                note=storable(note).strip()[:2000],
            )
            await tx.experiments.add_vote(vote)
        return Voted(vote=vote, first_arm=arms[there[0].arm_id], second_arm=arms[there[1].arm_id])

    async def list_votes(self, experiment_id: UUID) -> list[Vote]:
        """List the votes of an experiment, the oldest first."""
        async with self.store.reading() as tx:
            return await tx.experiments.list_votes(experiment_id)

    async def file_of(self, outcome: Outcome, to: Format) -> bytes:
        """Make a file of an experiment: the report, its trials as a table, or its calls as OTLP in JSON."""
        if to == "html":
            return (await self.report_of(outcome)).encode()
        if to != "otlp":
            return await asyncio.to_thread(to_table, outcome, to)
        async with self.store.reading() as tx:
            calls = [call for t in outcome.trials if t.run_id for call in await tx.calls.list_of_run(t.run_id)]
        return to_otlp(calls)

    async def report_of(self, outcome: Outcome) -> str:
        """Set the report of an experiment, with every complete story, as one HTML page that needs nothing else."""
        async with self.store.transaction() as tx:
            stories = {
                trial.trial_id: await tx.stories.load_manuscript(trial.story_id)
                for trial in outcome.trials
                if trial.story_id and trial.status is TrialStatus.COMPLETE
            }
        return to_report(outcome, stories)
