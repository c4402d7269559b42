"""One execution of the pipeline: its settings, its status, what happened in it, and what it asks of a person."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from chorus.domain.budget import Budget, Limit, Scope, Unit
from chorus.domain.nodes import AskingNode
from chorus.domain.search import Weights
from chorus.domain.value import Text, Value, new_id, now
from chorus.settings import LONGEST_MODEL, AgentName

LONGEST_EXTRA = 2000
"""Characters of what a prompt may say in addition."""


class RunStatus(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETE = "complete"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen by itself or by resuming."""
        return self in (RunStatus.COMPLETE, RunStatus.CANCELLED)

    @property
    def is_open(self) -> bool:
        """Whether somebody works on it or soon will."""
        return self in (RunStatus.QUEUED, RunStatus.RUNNING)


class Continuity(StrEnum):
    """How scenes follow one another."""

    SERIAL = "serial"
    PARALLEL = "parallel"


class Method(StrEnum):
    """How a story is made of a premise."""

    CREW = "crew"
    SINGLE = "single_pass"
    """All of it in one answer: what the crew is measured against."""
    PLAN = "plan"
    """Only the plan, for others to write to."""


class ReviewMode(StrEnum):
    """Where a person is asked before the run goes on."""

    NONE = "none"
    OUTLINE = "outline"
    SCENES = "scenes"


class Stage(StrEnum):
    """The stages of a run, in the order in which they come."""

    CONCEPT = "concept"
    WORLD = "world"
    OUTLINE = "outline"
    SCENES = "scenes"
    INTEGRATION = "integration"
    FINISHED = "finished"


class Redo(Value):
    """Scenes that a run writes again, and what the editor asks for; nothing else of the story is touched."""

    scenes: tuple[int, ...]
    note: Text = ""


OF_A_RUN = (Scope.CALL, Scope.SCENE, Scope.RUN, Scope.DAY)
"""What a run may have budgets for."""


def budget_field(scope: Scope, unit: Unit) -> str:
    """The name of the setting of a run that is its budget for ``scope``, one of ``OF_A_RUN``."""
    whose = "" if scope is Scope.RUN else f"_per_{scope}"
    return f"budget_{unit.lower()}{whose}"


class RunSettings(Value):
    """What a run was asked to do; kept with it."""

    scenes: int = Field(default=12, ge=1, le=500)
    words: int = Field(default=700, ge=50, le=5000, description="Target words of each scene.")
    continuity: Continuity = Continuity.SERIAL
    concurrency: int = Field(default=4, ge=1, le=64)
    method: Method = Method.CREW
    models: dict[AgentName, Annotated[Text, Field(max_length=LONGEST_MODEL)]] = Field(
        default_factory=dict, description="In place of the configured ones."
    )
    prompts: dict[AskingNode, Annotated[Text, Field(min_length=1, max_length=LONGEST_EXTRA)]] = Field(
        default_factory=dict, description="By step, what its prompt says in addition."
    )
    most_revisions: int = Field(default=2, ge=0, le=2, description="Of each scene.")
    weights: Weights | None = Field(default=None, description="Of what is recalled for a scene. None: as measured.")
    fresh: bool = Field(
        default=False, description="Whether nothing kept from another story may stand in for an answer."
    )
    review: ReviewMode = ReviewMode.NONE
    concepts: int = Field(default=2, ge=1, le=5, description="How many concepts are worked out.")
    choose_concept: str = Field(
        default="score", pattern=r"^(score|ask|[1-5])$", description="By score, by asking a person, or by its number."
    )
    temperature: float = Field(default=0.7, ge=0, le=2)
    context_tokens: int = Field(default=4000, ge=1000)
    budget_tokens: int | None = Field(default=None, ge=1)
    budget_usd: float | None = Field(default=None, gt=0)
    budget_tokens_per_call: int | None = Field(default=None, ge=1)
    budget_tokens_per_scene: int | None = Field(default=None, ge=1)
    budget_tokens_per_day: int | None = Field(
        default=None, ge=1, description="Of all runs together, from midnight UTC."
    )
    budget_usd_per_call: float | None = Field(default=None, gt=0)
    budget_usd_per_scene: float | None = Field(default=None, gt=0)
    budget_usd_per_day: float | None = Field(default=None, gt=0)
    redo: Redo | None = Field(default=None, description="Only these scenes are written again; none: the whole story.")
    read_canon: bool = Field(default=False, description="Nothing is written: what is there is read into the canon.")
    read_again: tuple[int, ...] = Field(default=(), description="Scenes that are read although they were read before.")

    @property
    def writes_story(self) -> bool:
        """Whether such a run plans and writes the story, rather than doing one thing to what is written."""
        return self.redo is None and not self.read_canon

    @property
    def budget(self) -> Budget | None:
        """Every limit that is set; None if there is none, and nothing needs counting."""
        mosts = {(scope, unit): getattr(self, budget_field(scope, unit)) for unit in Unit for scope in OF_A_RUN}
        limits = [
            Limit(scope=scope, unit=unit, most=Decimal(str(most)))
            for (scope, unit), most in mosts.items()
            if most is not None
        ]
        return Budget(limits=tuple(limits)) if limits else None


class Run(Value):
    """One execution of the pipeline for a story."""

    id: UUID = Field(default_factory=new_id)
    story_id: UUID
    status: RunStatus = RunStatus.QUEUED
    stage: Stage = Stage.CONCEPT
    settings: RunSettings = RunSettings()
    take: int = 0
    priority: int = 0
    dispatched: bool = False
    """Whether it belongs to the workers; else only to the process that was told to work on it."""
    fence: int = 0
    lease_owner: str | None = None
    lease_until: datetime | None = None
    requested: RunStatus | None = None
    active_s: float = 0.0
    error: Text | None = None
    estimate: dict[str, Any] | None = None
    created_at: datetime = Field(default_factory=now)
    started_at: datetime | None = None
    finished_at: datetime | None = None


class Lease(Value):
    """The right to write for a run: whoever holds the highest fence."""

    run_id: UUID
    story_id: UUID
    fence: int
    owner: str


class RunSummary(Value):
    """What ``write``, ``resume`` and ``runs`` print. ``cost_usd`` is None if any call's price is unknown."""

    story_id: UUID
    run_id: UUID
    title: str
    status: RunStatus
    is_held: bool
    """Whether somebody works on it: its lease has not run out."""
    stage: Stage
    scenes: int
    scenes_planned: int
    words: int
    llm_calls: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: Decimal | None
    wall_s: float
    error: str | None
    created_at: datetime


class OpenRun(Value):
    """A run that somebody works on or soon will, as a list of what goes on shows it."""

    run_id: UUID
    story_id: UUID
    title: str
    status: RunStatus
    stage: Stage
    dispatched: bool
    lease_owner: str | None
    is_held: bool
    """Whether its lease has not run out."""
    created_at: datetime


class RunEvent(Value):
    """Something that happened in a run, in plain words; ``id`` grows with time and is None until it is stored."""

    id: int | None = None
    run_id: UUID
    story_id: UUID
    scene_number: int | None = None
    kind: str
    message: Text
    data: dict[str, Any] = Field(default_factory=dict)
    created_at: datetime = Field(default_factory=now)


class LiveDraft(Value):
    """What has arrived so far of a scene that is being written; gone when the scene is committed or the run ends."""

    run_id: UUID
    scene_number: int
    text: Text
    updated_at: datetime = Field(default_factory=now)


class ReviewKind(StrEnum):
    """What a person is asked about."""

    CONCEPT = "concept"
    OUTLINE = "outline"
    SCENE = "scene"
    FINDING = "finding"
    BUDGET = "budget"
    FAILURE = "failure"


class ReviewStatus(StrEnum):
    """Whether a person has answered."""

    OPEN = "open"
    RESOLVED = "resolved"


class ReviewItem(Value):
    """A question to a person."""

    id: UUID = Field(default_factory=new_id)
    story_id: UUID
    run_id: UUID | None = None
    scene_id: UUID | None = None
    kind: ReviewKind
    question: Text
    details: dict[str, Any] = Field(default_factory=dict)
    status: ReviewStatus = ReviewStatus.OPEN
    resolution: dict[str, Any] | None = None
    created_at: datetime = Field(default_factory=now)
    resolved_at: datetime | None = None
