"""A model as judge: marks for every complete story, and blind preferences, each pair read in both orders.

What was judged is kept at once under the judge's name, marks by story and preferences as votes, so that a judging that
was stopped goes on where it stood, and another judge begins anew. A judge that prefers whatever comes first is told by
its agreement with itself.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from chorus.agents.judge import Judge
from chorus.domain.budget import Budget, Limit, Scope, Unit
from chorus.domain.experiment import PERSON, Arm, Choice, Mark, Trial, TrialStatus, Vote
from chorus.domain.story import Manuscript
from chorus.domain.value import Value
from chorus.errors import NotFound
from chorus.experiments.conduct import all_done
from chorus.experiments.design import Design
from chorus.llm import CallSite
from chorus.settings import AgentName
from chorus.store import Database

SEPARATOR = "\n\n* * *\n\n"

type Tell = Callable[[str], None]
type Pair = tuple[Trial, Trial]


class Judged(Value):
    """What a judge says of an experiment: pairs read in both orders, and in how many it said the same twice."""

    judge: str
    pairs: int
    agreed: int
    won: dict[str, int]
    """By arm: the pairs in which it was preferred both times."""


class Bench:
    """Judges the complete stories of one experiment, some at once; votes are kept under the name of the model."""

    def __init__(
        self,
        store: Database,
        judge: Judge,
        experiment_id: UUID,
        model: str,
        tell: Tell = lambda _said: None,
        *,
        budget: Budget | None = None,
    ) -> None:
        self._store = store
        self._judge = judge
        self._id = experiment_id
        self._model = model
        self._tell = tell
        self._budget = budget
        self._arms: dict[UUID, int] = {}

    async def judge_all(self, at_once: int) -> None:
        """Give every complete story its mark, then read every pair with the arm that all are compared with.

        Raises:
            ChorusError: what the endpoint could not answer; what was judged is kept.
        """
        async with self._store.reading() as tx:
            design = Design.model_validate((await tx.experiments.load(self._id)).design)
            arms = await tx.experiments.list_arms(self._id)
            done = [t for t in await tx.experiments.list_trials(self._id) if t.status is TrialStatus.COMPLETE]
            votes = await tx.experiments.list_votes(self._id)
        trials = [trial for trial in done if trial.story_id]  # a removed one cannot be read
        self._arms = {arm.id: arm.number for arm in arms}
        said = {(vote.first_id, vote.second_id) for vote in votes if vote.judge == self._model}
        pairs = [pair for one in pairs_of(trials, arms, design.baseline) for pair in (one, one[::-1])]
        open_pairs = [pair for pair in pairs if (pair[0].id, pair[1].id) not in said]
        marked = {mark.trial_id for mark in await self._marks() if mark.judge == self._model}
        unmarked = [trial for trial in trials if trial.id not in marked]
        self._tell(f"To mark: {len(unmarked)} stories; to read two at a time: {len(open_pairs)} times")
        places = asyncio.Semaphore(at_once)
        await all_done(places, [self._mark(trial, design) for trial in unmarked])
        await all_done(places, [self._prefer(pair, design) for pair in open_pairs])

    async def _mark(self, trial: Trial, design: Design) -> None:
        premise = design.premises[trial.premise_number - 1]
        marks = await self._judge.mark(premise, await self._text(trial), self._site(trial, "judge"))
        async with self._store.transaction() as tx:
            await tx.experiments.add_mark(Mark(**dict(marks), trial_id=trial.id, judge=self._model))

    async def _marks(self) -> list[Mark]:
        async with self._store.reading() as tx:
            return await tx.experiments.list_marks(self._id)

    async def _prefer(self, pair: Pair, design: Design) -> None:
        first, second = pair
        premise = design.premises[first.premise_number - 1]
        texts = [await self._text(trial) for trial in pair]
        site = self._site(first, f"judge/beside/{self._arms[second.arm_id]}")
        better, reason = await self._judge.prefer(premise, texts[0], texts[1], site)
        vote = Vote(
            experiment_id=self._id,
            first_id=first.id,
            second_id=second.id,
            choice=Choice(better),
            judge=self._model,
            note=reason,
        )
        async with self._store.transaction() as tx:
            await tx.experiments.add_vote(vote)

    def _site(self, trial: Trial, path: str) -> CallSite:
        models: dict[AgentName, str] = {"continuity_editor": self._model}
        return CallSite(_story_of(trial), None, None, path, models=models, budget=self._budget)

    async def _text(self, trial: Trial) -> str:
        """A story as it is judged: its prose, with no title and no arm."""
        async with self._store.reading() as tx:
            return prose_of(await tx.stories.load_manuscript(_story_of(trial)))


def prose_of(manuscript: Manuscript) -> str:
    """The prose of a story, scene by scene, with no title of any kind."""
    scenes = [scene.text for chapter in manuscript.chapters for scene in chapter.scenes if scene.text]
    return SEPARATOR.join(scenes)


def _story_of(trial: Trial) -> UUID:
    if trial.story_id is None:
        raise NotFound("The story of a trial was removed, so it cannot be judged.")
    return trial.story_id


def pairs_of(trials: Sequence[Trial], arms: Sequence[Arm], baseline: str) -> list[Pair]:
    """Each story of the arm that all are compared with, beside those of the other arms of its premise and repeat."""
    base = next(arm.id for arm in arms if arm.name == baseline)
    at = {(trial.premise_number, trial.repeat): trial for trial in trials if trial.arm_id == base}
    return [
        (of_base, trial)
        for trial in trials
        if trial.arm_id != base and (of_base := at.get((trial.premise_number, trial.repeat)))
    ]


def budget_of_judges(design: Design, tokens: int | None, usd: float | None) -> Budget | None:
    """What all judging of an experiment may use: so much, or else once more what its stories may in all."""
    most = {Unit.TOKENS: tokens or design.budget_tokens, Unit.USD: usd or design.budget_usd}
    limits = [
        Limit(scope=Scope.JUDGING, unit=unit, most=Decimal(str(number))) for unit, number in most.items() if number
    ]
    return Budget(limits=tuple(limits)) if limits else None


def judge_shown(marks: Sequence[Mark]) -> str | None:
    """Whose marks are the measures: of whom there are most, and of several the last."""
    by: dict[str, list[Mark]] = {}
    for mark in marks:
        by.setdefault(mark.judge, []).append(mark)
    return max(by, key=lambda judge: (len(by[judge]), max(mark.created_at for mark in by[judge])), default=None)


def marks_in_words(marked: Mapping[str, int], shown: str | None) -> str:
    """Whose marks are told, and who else gave some; they are never mixed."""
    if shown is None:
        return ""
    others = ", ".join(f"{judge} ({number})" for judge, number in marked.items() if judge != shown)
    told = f"The marks are {shown}'s, of {marked[shown]} stories"
    return f"{told}; kept apart are those of {others}." if others else f"{told}."


def judged(votes: Sequence[Vote], arm_of: dict[UUID, str]) -> tuple[Judged, ...]:
    """What each model said in all; a pair that was read in one order only does not count yet."""
    said: dict[str, dict[tuple[UUID, UUID], UUID | None]] = {}
    for vote in votes:
        if vote.judge != PERSON:
            said.setdefault(vote.judge, {})[vote.first_id, vote.second_id] = _preferred(vote)
    return tuple([_said(model, preferred, arm_of) for model, preferred in said.items()])


def judged_in_words(said: Judged) -> str:
    """What a judge said of pairs, and how far it agrees with itself."""
    if not said.pairs:
        return f"{said.judge} has read no pair in both orders yet."
    preferred = ", ".join(f"{arm} {times}" for arm, times in said.won.items())
    return (
        f"{said.judge} read {said.pairs} pairs blind, each in both orders, and agreed with itself in {said.agreed} "
        f"({said.agreed / said.pairs:.0%}); preferred both times: {preferred}."
    )


def _said(model: str, preferred: dict[tuple[UUID, UUID], UUID | None], arm_of: dict[UUID, str]) -> Judged:
    twice = [(one, two) for one, two in preferred if (two, one) in preferred and str(one) < str(two)]
    agreed = [pair for pair in twice if preferred[pair] == preferred[pair[::-1]]]
    won: dict[str, int] = dict.fromkeys(dict.fromkeys(arm_of.values()), 0)
    for pair in agreed:
        if winner := preferred[pair]:
            won[arm_of[winner]] += 1
    return Judged(judge=model, pairs=len(twice), agreed=len(agreed), won=won)


def _preferred(vote: Vote) -> UUID | None:
    return {Choice.FIRST: vote.first_id, Choice.SECOND: vote.second_id}.get(vote.choice)
