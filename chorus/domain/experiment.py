"""Settings compared: an experiment has arms, each arm has trials, each trial is one story."""

from datetime import datetime
from enum import StrEnum
from statistics import fmean
from typing import Any
from uuid import UUID

from pydantic import Field

from chorus.domain.value import Text, Value, new_id, now


class TrialStatus(StrEnum):
    """Where a trial stands."""

    PLANNED = "planned"
    RUNNING = "running"
    COMPLETE = "complete"
    FAILED = "failed"


class Experiment(Value):
    """A comparison: what is varied, over which premises, how often; ``at_once`` of its stories are with workers.

    ``judge`` is the model that workers are to let judge it, and empty means the editor's; ``judge_error`` says why the
    last one could not. ``judge_tokens`` and ``judge_usd`` are the most that all judging of it together may use.
    """

    id: UUID = Field(default_factory=new_id)
    name: Text
    design: dict[str, Any] = Field(default_factory=dict)
    at_once: int | None = None
    judge: str | None = None
    judge_error: str | None = None
    judge_tokens: int | None = None
    judge_usd: float | None = None
    created_at: datetime = Field(default_factory=now)


class Arm(Value):
    """One of the settings compared."""

    id: UUID = Field(default_factory=new_id)
    experiment_id: UUID
    number: int
    name: Text
    settings: dict[str, Any] = Field(default_factory=dict)


class Plan(Value):
    """The plan that all trials of one premise are written to, where plans are frozen."""

    experiment_id: UUID
    premise_number: int
    story_id: UUID | None = None
    run_id: UUID | None = None


PERSON = "person"
"""Who votes, if it is no model."""


class Choice(StrEnum):
    """Which of two stories was preferred."""

    FIRST = "first"
    SECOND = "second"
    NEITHER = "neither"


class Vote(Value):
    """Two stories of one premise read blind, and which was preferred; ``judge`` is a person or a model."""

    id: UUID = Field(default_factory=new_id)
    experiment_id: UUID
    first_id: UUID
    second_id: UUID
    choice: Choice
    judge: Text = PERSON
    note: Text = ""
    created_at: datetime = Field(default_factory=now)


RESPECTS = ("plot", "characters", "coherence", "prose", "ending")
"""In what a story is marked."""


class Marks(Value):
    """What a judge makes of a story, from 1 to 5 in each respect, and why."""

    plot: int
    characters: int
    coherence: int
    prose: int
    ending: int
    reason: Text = ""

    @property
    def mean(self) -> float:
        """The mean mark."""
        return fmean(getattr(self, respect) for respect in RESPECTS)

    @property
    def measures(self) -> dict[str, float]:
        """The marks as measures of the story, by name."""
        return {"judged": self.mean, **{f"judged_{respect}": float(getattr(self, respect)) for respect in RESPECTS}}


class Mark(Marks):
    """The marks that a model gave to a trial's story."""

    trial_id: UUID
    judge: Text
    created_at: datetime = Field(default_factory=now)


class Revised(Value):
    """What the ``k``-th revisions of a story's scenes did: findings before and after them, and the tokens they took."""

    story_id: UUID
    k: int
    scenes: int
    before: int
    after: int
    tokens: int


class ExperimentCard(Value):
    """An experiment as a list shows it."""

    id: UUID
    name: str
    created_at: datetime
    arms: int
    trials: int
    complete: int
    failed: int


class Trial(Value):
    """One story written under one arm."""

    id: UUID = Field(default_factory=new_id)
    experiment_id: UUID
    arm_id: UUID
    premise_number: int
    repeat: int
    story_id: UUID | None = None
    run_id: UUID | None = None
    status: TrialStatus = TrialStatus.PLANNED
    measures: dict[str, Any] = Field(default_factory=dict)
