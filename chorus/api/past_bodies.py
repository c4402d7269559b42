"""What is sent and answered when written scenes, facts and questions are changed."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from chorus.api.bodies import Number, ReviewRow, Sent, Whole
from chorus.domain.canon import FaultKind, Finding, FindingCategory, FindingStatus, Severity
from chorus.domain.diff import Piece
from chorus.domain.edit import EditEffects, FactChange, FactDecision, SceneUse, Verdict
from chorus.domain.run import RunSummary
from chorus.domain.story import CharacterRole, Revision, RevisionCause, WorldElementKind
from chorus.domain.value import Value
from chorus.editing import Decision

LONGEST_TEXT = 400_000
LONGEST_NOTE = 2_000
Note = Annotated[str, Field(max_length=LONGEST_NOTE)]
SceneText = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]


class SentDecision(Sent):
    """A person's word on a fact that an edit touches."""

    verdict: Verdict
    statement: str = Field(default="", max_length=1_000, description="What it says from now on, if it is restated.")


class NewText(Sent):
    """Another text for a scene."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "The sea was loud.", "note": "It storms."}]})

    text: SceneText
    note: Note = ""
    base_revision_id: UUID | None = Field(default=None, description="The text that was edited; refused if it changed.")
    decisions: dict[UUID, SentDecision] = Field(default_factory=dict, description="By the id of the fact.")

    @property
    def decided(self) -> dict[UUID, FactDecision]:
        """The decisions as the studio takes them."""
        return {fact_id: FactDecision.model_validate(dict(sent)) for fact_id, sent in self.decisions.items()}


class WantedRevision(Sent):
    """Which text of a scene is to come back."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"revision": 1}]})

    revision: Whole = Field(ge=1, le=2**31 - 1)


class WantedScenes(Sent):
    """Scenes that are to be written again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"scenes": [7, 9], "note": "Let it rain."}]})

    scenes: list[Annotated[Whole, Field(ge=1, le=2**31 - 1)]] = Field(min_length=1, max_length=500)
    note: Note = Field(default="", description="What the editor asks of the new texts.")


class NewFork(Sent):
    """Where a story is forked, and what is other from there on. What is left out is as in the story it comes from."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"after": 6, "temperature": 0.9}]})

    after: Whole = Field(ge=0, le=2**31 - 1, description="The last scene that both share; 0: only the plan.")
    title: str = Field(default="", max_length=200)
    temperature: Number | None = Field(default=None, ge=0, le=2)
    words: Whole | None = Field(default=None, ge=50, le=5_000)
    budget_tokens: Whole | None = Field(default=None, ge=1, le=2**53)
    budget_usd: Number | None = Field(default=None, gt=0, le=1_000_000)
    start: bool = Field(default=False, description="Whether a worker goes on with it at once.")

    @property
    def chosen(self) -> dict[str, Any]:
        """The settings of the run that the client chose."""
        settings = self.model_dump(exclude={"after", "title", "start"})
        return {name: value for name, value in settings.items() if value is not None}


class WantedPlace(Sent):
    """To where a story is taken back."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"to_scene": 6}]})

    to_scene: Whole = Field(ge=0, le=2**31 - 1, description="The last scene to keep; 0 keeps only the plan.")


class NewStatement(Sent):
    """What a fact says from now on."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"statement": "The key is made of iron."}]})

    statement: str = Field(min_length=1, max_length=1_000)
    note: Note = ""


class ForeseenStatement(Sent):
    """What a fact would say; null: it would be taken back."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"statement": "The key is made of iron."}]})

    statement: str | None = Field(min_length=1, max_length=1_000)


class _NewLore(Sent):
    """What is other about somebody or something; what is left out stays as it is."""

    @property
    def changes(self) -> dict[str, Any]:
        """What the client wants other."""
        return self.model_dump(exclude={"note"}, exclude_none=True)


class NewTraits(_NewLore):
    """What is other about a character. What is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"want": "To be left in peace."}]})

    name: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="What they are called from now on; plans and facts follow, texts keep the old name."
    )
    aliases: list[Annotated[str, Field(max_length=200)]] | None = Field(default=None, max_length=20)
    role: CharacterRole | None = None
    description: str | None = Field(default=None, max_length=2_000)
    want: str | None = Field(default=None, max_length=2_000)
    flaw: str | None = Field(default=None, max_length=2_000)
    voice: str | None = Field(default=None, max_length=2_000)
    note: Note = ""


class NewElement(_NewLore):
    """What is other about something in the world. What is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"description": "It has been dark for a year."}]})

    name: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="What it is called from now on; plans and facts follow, texts keep the old name."
    )
    kind: WorldElementKind | None = None
    description: str | None = Field(default=None, max_length=4_000)
    note: Note = ""


class WantedReading(Sent):
    """What is read into the canon."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"again": [3]}]})

    again: list[Annotated[Whole, Field(ge=1, le=2**31 - 1)]] = Field(
        default_factory=list,
        max_length=500,
        description="These scenes, though they were read before; none: the others.",
    )


class Settled(Sent):
    """Which proposals are approved, or refused."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"approve": True}]})

    approve: bool
    fact_ids: list[UUID] | None = Field(default=None, max_length=10_000, description="null: all of them.")


class MoreScenes(Sent):
    """How a story goes on. What is left out is as in its newest run, or as the settings of this server say."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"scenes": 4, "words": 500}]})

    scenes: Whole = Field(ge=1, le=500, description="How many scenes after the last one.")
    words: Whole | None = Field(default=None, ge=50, le=5_000, description="Target words of each scene.")
    temperature: Number | None = Field(default=None, ge=0, le=2)
    budget_tokens: Whole | None = Field(default=None, ge=1, le=2**53)
    budget_usd: Number | None = Field(default=None, gt=0, le=1_000_000)

    @property
    def chosen(self) -> dict[str, Any]:
        """The settings of the run that the client chose."""
        return self.model_dump(exclude={"scenes"}, exclude_none=True)


class NewAnswer(Sent):
    """A person's answer to a question."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"decision": "redraft", "note": "Keep the lamp lit."}]})

    decision: Decision
    text: str = Field(default="", max_length=LONGEST_TEXT, description="To edit: the scene as it should read.")
    base_revision_id: UUID | None = Field(
        default=None, description="To edit: the text that was edited; refused if it changed."
    )
    note: str = Field(default="", max_length=LONGEST_NOTE, description="To redraft: what to mind. To dismiss: why.")
    budget_tokens: Whole | None = Field(default=None, ge=1, le=2**53, description="Another budget, in all.")
    budget_usd: Number | None = Field(default=None, gt=0, le=1_000_000)


class RevisionRow(Value):
    """A text of a scene, as the list has it."""

    revision_id: UUID
    number: int
    parent_id: UUID | None
    cause: RevisionCause
    words: int
    note: str
    run_id: UUID | None
    call_id: UUID | None
    created_at: datetime

    @classmethod
    def from_revision(cls, revision: Revision) -> Self:
        """Leave the text out."""
        return cls.of({**dict(revision), "revision_id": revision.id})


class RevisionDetail(RevisionRow):
    """A text of a scene, whole."""

    text: str


class FindingRow(Value):
    """A problem that was found in the text of a scene."""

    finding_id: UUID
    story_id: UUID
    scene_number: int | None
    revision_id: UUID
    run_id: UUID | None
    category: FindingCategory
    severity: Severity
    kind: FaultKind
    origin: str = Field(description="`model` or `code`.")
    description: str
    quote: str = Field(description="What stands in the text.")
    other_quote: str = Field(description="What it disagrees with.")
    other_scene: int | None
    status: FindingStatus
    created_at: datetime

    @classmethod
    def from_finding(cls, finding: Finding, scene_number: int | None) -> Self:
        """Name its id as the API does, and its scene by number."""
        return cls.of({**dict(finding), "finding_id": finding.id, "scene_number": scene_number})


class Effects(Value):
    """What an edit touches or has touched."""

    story_id: UUID
    scene_number: int | None
    base_revision_id: UUID | None
    revision: RevisionDetail | None = Field(description="The new text; null: nothing was changed.")
    style_only: bool = Field(description="Whether nothing follows from it.")
    stale_summary: bool
    words_before: int
    words_after: int
    facts: tuple[FactChange, ...] = Field(description="What becomes of each fact of the scene.")
    details: tuple[str, ...] = Field(description="Names and numbers that came or went.")
    uses: tuple[SceneUse, ...] = Field(description="The scenes that used what has changed, each with its reasons.")
    pieces: tuple[Piece, ...] = Field(description="What differs between the texts.")

    @classmethod
    def from_effects(cls, effects: EditEffects) -> Self:
        """Name ids as the API does."""
        revision = RevisionDetail.from_revision(effects.revision) if effects.revision else None
        return cls.of({**dict(effects), "revision": revision, "style_only": effects.style_only})


class Forked(Value):
    """A forked story, and the run that goes on with it."""

    story_id: UUID
    title: str
    forked_after: int | None
    run: RunSummary | None = Field(description="null: everything that is planned is written.")


class AnsweredReview(Value):
    """A question after it was answered."""

    item: ReviewRow
    run: RunSummary | None = Field(description="The run that goes on, or was begun, because of it.")
