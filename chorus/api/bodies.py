"""What clients send and what they get, where it differs from the domain's own values."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from chorus.domain.llm_call import LLMCall, Outcome
from chorus.domain.run import (
    Continuity,
    ReviewItem,
    ReviewKind,
    ReviewMode,
    ReviewStatus,
    Run,
    RunSettings,
    RunStatus,
    RunSummary,
)
from chorus.domain.story import Character, Concept, Origin, Scene, SceneBrief, SceneStatus, Story, WorldElement
from chorus.domain.value import Text, Value
from chorus.editing.reviews import ReviewContext
from chorus.settings import AgentName
from chorus.store.stories import StoryCard
from chorus.studio import LONGEST_PREMISE, LONGEST_STYLE_SAMPLE, MOST_POINTS

LONGEST_MANUSCRIPT = 10_000_000


def _a_number(value: object) -> object:
    """Take numbers only: JSON has its own words for text and truth."""
    if isinstance(value, bool | str):
        raise ValueError("must be a number")  # noqa: TRY004 - pydantic turns ValueError into an answer
    return value


Whole = Annotated[int, BeforeValidator(_a_number)]
Number = Annotated[float, BeforeValidator(_a_number), Field(allow_inf_nan=False)]


class Sent(BaseModel):
    """A body that a client sends; what it does not know is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class NewStory(Sent):
    """A story to be written. What is left out is as the settings of this server say."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"premise": "A lighthouse keeper finds a letter in a bottle.", "scenes": 4, "words": 300}]
        }
    )

    premise: str = Field(min_length=1, max_length=LONGEST_PREMISE, description="What the story is about.")
    title: str | None = Field(default=None, max_length=200)
    language: str = Field(default="English", min_length=1, max_length=60)
    style: str = Field(default="", max_length=2_000)
    style_sample: str = Field(
        default="", max_length=LONGEST_STYLE_SAMPLE, description="A passage written as the story should be."
    )
    avoid: list[str] = Field(default=[], max_length=MOST_POINTS, description="What the story should keep away from.")
    concepts: Whole = Field(default=2, ge=1, le=5, description="How many concepts are worked out.")
    choose_concept: str = Field(
        default="score",
        pattern=r"^(score|ask|[1-5])$",
        description="By its score, by asking a person, or the number of the one to take.",
    )
    scenes: Whole = Field(default=12, ge=1, le=500)
    words: Whole = Field(default=700, ge=50, le=5_000, description="Target words of each scene.")
    continuity: Continuity = Continuity.SERIAL
    concurrency: Whole | None = Field(default=None, ge=1, le=64, description="Scenes at once in parallel continuity.")
    review: ReviewMode = ReviewMode.NONE
    temperature: Number | None = Field(default=None, ge=0, le=2)
    budget_tokens: Whole | None = Field(default=None, ge=1, le=2**53)
    budget_usd: Number | None = Field(default=None, gt=0, le=1_000_000)
    budget_tokens_per_call: Whole | None = Field(default=None, ge=1, le=2**53)
    budget_tokens_per_scene: Whole | None = Field(default=None, ge=1, le=2**53)
    budget_tokens_per_day: Whole | None = Field(
        default=None, ge=1, le=2**53, description="Of all runs together, from midnight UTC."
    )
    budget_usd_per_call: Number | None = Field(default=None, gt=0, le=1_000_000)
    budget_usd_per_scene: Number | None = Field(default=None, gt=0, le=1_000_000)
    budget_usd_per_day: Number | None = Field(default=None, gt=0, le=1_000_000)
    priority: Whole = Field(default=0, ge=-1_000, le=1_000, description="The highest goes first.")

    @property
    def chosen(self) -> dict[str, Any]:
        """The settings of the run that the client chose."""
        settings = self.model_dump(
            exclude={"premise", "title", "language", "style", "style_sample", "avoid", "priority"}
        )
        return {name: value for name, value in settings.items() if value is not None}


class NewBudget(Sent):
    """Another budget for a run, in all and not on top of the old one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"budget_tokens": 200_000}]})

    budget_tokens: Whole | None = Field(default=None, ge=1, le=2**53)
    budget_usd: Number | None = Field(default=None, gt=0, le=1_000_000)
    budget_for: Literal["run", "call", "scene", "day"] = Field(
        default="run", description="What it is for: all of the run, each of its calls or scenes, or the day."
    )


class NewManuscript(Sent):
    """A text that becomes a story with scenes and memories; no model is asked."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "# The Lamp\n\n## One\n\nThe sea was quiet."}]})

    text: str = Field(min_length=1, max_length=LONGEST_MANUSCRIPT, description="Markdown or plain text.")
    title: str | None = Field(default=None, max_length=200, description="In place of the manuscript's own.")
    language: str | None = Field(default=None, max_length=60, description="In place of the one that its words tell.")


class StoryRow(Value):
    """A story as the list has it."""

    story_id: UUID
    title: str
    premise: str
    language: str
    origin: Origin
    chapters: int
    scenes: int
    scenes_planned: int
    words: int
    run_id: UUID | None
    run_status: RunStatus | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def from_card(cls, card: StoryCard) -> Self:
        """Name its id as the API does."""
        return cls.of({**card.model_dump(), "story_id": card.id})


class StoryDetail(Value):
    """A story with its plan."""

    story_id: UUID
    title: str
    premise: str
    language: str
    style: str
    style_sample: str
    avoid: tuple[str, ...]
    origin: Origin
    created_at: datetime
    updated_at: datetime
    concept: Concept | None
    world: tuple[WorldElement, ...]
    characters: tuple[Character, ...]
    run: RunSummary | None = Field(description="The newest run, if the story was written here.")

    @classmethod
    def from_parts(
        cls,
        story: Story,
        concept: Concept | None,
        world: list[WorldElement],
        characters: list[Character],
        run: RunSummary | None,
    ) -> Self:
        """Put a story and its plan together."""
        plan = {"concept": concept, "world": tuple(world), "characters": tuple(characters), "run": run}
        return cls.of({**story.model_dump(), "story_id": story.id, **plan})


class SceneRow(Value):
    """A scene: its plan and how far it has come."""

    scene_id: UUID
    story_id: UUID
    number: int
    chapter_number: int
    title: str
    status: SceneStatus
    words: int
    summary: str
    revision_id: UUID | None
    locked: bool
    brief: SceneBrief

    @classmethod
    def from_scene(cls, scene: Scene, chapter_number: int) -> Self:
        """Name its id as the API does, and its chapter by number."""
        return cls.of({**dict(scene), "scene_id": scene.id, "chapter_number": chapter_number})


class SceneDetail(SceneRow):
    """A scene with its text."""

    text: str = Field(description="The text that holds; empty: it is not written yet.")


class RunDetail(RunSummary):
    """A run: how far it is, what it was asked to do, and what it is asked now."""

    settings: RunSettings
    priority: int
    requested: RunStatus | None = Field(description="What it is about to become.")
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def from_run(cls, run: Run, summary: RunSummary) -> Self:
        """Put the row and its figures together."""
        return cls.of({**dict(run), **dict(summary)})


class CallRow(Value):
    """One attempt at the model's endpoint, without the texts."""

    call_id: UUID
    story_id: UUID
    run_id: UUID | None
    scene_number: int | None
    agent: AgentName
    node: str
    attempt: int
    prompt_version: str
    model: str
    endpoint: str
    outcome: Outcome
    error: str | None
    finish_reason: str | None
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    reasoning_tokens: int
    usage_estimated: bool
    ttft_ms: float | None
    latency_ms: float | None
    cost_usd: str | None = Field(description="A decimal number; null: the price is not known.")
    started_at: datetime
    ended_at: datetime | None

    @classmethod
    def from_call(cls, call: LLMCall) -> Self:
        """Leave the texts out."""
        cost_usd = None if call.cost_usd is None else str(call.cost_usd)
        return cls.of({**dict(call), "call_id": call.id, "cost_usd": cost_usd})


class CallDetail(CallRow):
    """One attempt with all that was said."""

    request: dict[str, Any] = Field(description="The body that was sent; never a header.")
    response_text: str | None
    manifest: dict[str, Any] | None = Field(description="What the prompt was told of the story, and why.")
    waits: dict[str, float] = Field(description="Why it was not sent at once: milliseconds by reason.")


class ReviewRow(Value):
    """A question to a person."""

    review_id: UUID
    story_id: UUID
    run_id: UUID | None
    scene_id: UUID | None
    kind: ReviewKind
    question: Text
    details: dict[str, Any]
    status: ReviewStatus
    resolution: dict[str, Any] | None
    created_at: datetime
    resolved_at: datetime | None

    @classmethod
    def from_item(cls, item: ReviewItem) -> Self:
        """Name its id as the API does."""
        return cls.of({**dict(item), "review_id": item.id})


class QuotedFinding(Value):
    """A contradiction: the quote in the scene with what stands around it, and the quote it disagrees with."""

    category: str
    severity: str
    description: str
    quote: str
    before: str
    after: str
    other_quote: str
    other_scene: int | None


class ReviewDetail(ReviewRow):
    """A question with all that is needed to answer it."""

    scene_number: int | None
    revision_id: UUID | None = Field(description="The text it is about; null: it is not about one.")
    text: str = Field(description="What that text says.")
    findings: tuple[QuotedFinding, ...]

    @classmethod
    def from_context(cls, context: ReviewContext) -> Self:
        """Put a question and its quotes together."""
        findings = tuple(
            QuotedFinding.of({**dict(each.finding), "before": each.before, "after": each.after})
            for each in context.findings
        )
        return cls.of(
            {
                **dict(ReviewRow.from_item(context.item)),
                "scene_number": context.scene_number,
                "revision_id": context.revision_id,
                "text": context.text,
                "findings": findings,
            }
        )
