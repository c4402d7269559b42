"""A story and its parts: concept, world, cast, outline, chapters, scenes and their revisions."""

from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from pydantic import Field

from chorus.domain.value import Text, Value, new_id, now


class Origin(StrEnum):
    """Where a story came from."""

    WRITTEN = "written"
    IMPORTED = "imported"


class SceneStatus(StrEnum):
    """How far a scene has come."""

    QUEUED = "queued"
    DRAFTING = "drafting"
    IN_REVIEW = "in_review"
    REJECTED = "rejected"
    APPROVED = "approved"


class RevisionCause(StrEnum):
    """Why a revision exists."""

    DRAFT = "draft"
    REVISION = "revision"
    EDIT = "edit"
    IMPORT = "import"
    RESTORE = "restore"


class WorldElementKind(StrEnum):
    """What a world element describes."""

    SETTING = "setting"
    PLACE = "place"
    RULE = "rule"
    OBJECT = "object"
    CULTURE = "culture"
    HISTORY = "history"


class CharacterRole(StrEnum):
    """The part a character plays."""

    PROTAGONIST = "protagonist"
    ANTAGONIST = "antagonist"
    ALLY = "ally"
    MENTOR = "mentor"
    MINOR = "minor"


class Story(Value):
    """One story, from its premise on."""

    id: UUID = Field(default_factory=new_id)
    title: Text
    premise: Text = ""
    language: str = "English"
    style: Text = ""
    style_sample: Text = Field(
        default="", description="A passage written as the story should be; told to every prompt."
    )
    avoid: tuple[Text, ...] = Field(default=(), description="What the story should keep away from.")
    origin: Origin = Origin.WRITTEN
    ancestors: tuple[UUID, ...] = ()
    """The stories it was forked from, the nearest first: their recorded answers hold for it too."""
    forked_after: int | None = None
    """The last scene that it shares with the nearest of them."""
    created_at: datetime = Field(default_factory=now)
    updated_at: datetime = Field(default_factory=now)


class Concept(Value):
    """A candidate premise, worked out; one is selected."""

    id: UUID = Field(default_factory=new_id)
    story_id: UUID
    number: int
    title: Text
    logline: Text
    conflict: Text = ""
    ending: Text = ""
    tone: Text = ""
    score: float = 0.0
    selected: bool = False


class WorldElement(Value):
    """One thing that holds in the story's world."""

    id: UUID = Field(default_factory=new_id)
    story_id: UUID
    number: int
    kind: WorldElementKind
    name: Text
    description: Text


class Character(Value):
    """One member of the cast."""

    id: UUID = Field(default_factory=new_id)
    story_id: UUID
    number: int
    name: Text
    aliases: tuple[Text, ...] = ()
    role: CharacterRole = CharacterRole.MINOR
    description: Text = ""
    want: Text = ""
    flaw: Text = ""
    voice: Text = ""
    first_scene: int | None = None


class CharacterState(Value):
    """How a character stands at the end of a scene; scene 0 is before the story begins."""

    id: UUID = Field(default_factory=new_id)
    story_id: UUID
    character_id: UUID
    scene_number: int
    revision_id: UUID | None = None
    place: Text = ""
    condition: Text = ""
    goal: Text = ""
    alive: bool = True


type Lore = Character | WorldElement
"""What a story is told with: somebody, or something in its world."""


class Relationship(Value):
    """What one character is to another, from one scene to another; ``revision_id`` is the text that showed it."""

    id: UUID = Field(default_factory=new_id)
    story_id: UUID
    character_id: UUID
    other_id: UUID
    kind: Text
    description: Text = ""
    valid_from: int = 0
    valid_to: int | None = None
    revision_id: UUID | None = None


class SceneBrief(Value):
    """A scene's plan. ``entry`` and ``exit`` are the contract with its neighbours."""

    purpose: Text
    beats: tuple[Text, ...] = ()
    cast: tuple[Text, ...] = ()
    place: Text = ""
    story_time: Text = ""
    entry: Text = ""
    exit: Text = ""
    reads: tuple[Text, ...] = ()
    writes: tuple[Text, ...] = ()
    plants: tuple[Text, ...] = ()
    payoffs: tuple[Text, ...] = ()
    target_words: int = 0


class Chapter(Value):
    """A chapter and, once it is integrated, its final title and its summary."""

    id: UUID = Field(default_factory=new_id)
    story_id: UUID
    number: int
    title: Text
    plan_title: Text = Field(default="", description="The title in the plan; what the final one is made from.")
    summary: Text = ""


class ChapterTelling(Value):
    """The title and the summary that a chapter got, and of what its scenes said then; never changed."""

    story_id: UUID
    chapter_id: UUID
    told_of: str
    plan_title: Text
    title: Text
    summary: Text


class Scene(Value):
    """A scene: its place in the story, its brief, and which revision is its text."""

    id: UUID = Field(default_factory=new_id)
    story_id: UUID
    chapter_id: UUID
    number: int
    title: Text
    brief: SceneBrief
    status: SceneStatus = SceneStatus.QUEUED
    revision_id: UUID | None = None
    summary: Text = ""
    words: int = 0
    locked: bool = False

    @property
    def awaits_approval(self) -> bool:
        """Whether it has a text that a person is to approve first, or has refused: nothing in that is canon yet."""
        return self.revision_id is not None and self.status in (SceneStatus.IN_REVIEW, SceneStatus.REJECTED)


class Newcomer(Value):
    """Somebody first met in a scene, and how they stand when it ends; proposed until the scene is approved."""

    name: Text
    description: Text = ""
    place: Text = ""
    condition: Text = ""
    goal: Text = ""
    alive: bool = True

    @property
    def is_told_of(self) -> bool:
        """Whether anything is known of how they stand."""
        return bool(self.place or self.condition or self.goal or not self.alive)


class Tie(Value):
    """What one character has become to another, and the words that show it; proposed until its scene is approved."""

    name: Text
    other: Text
    kind: Text
    evidence: Text = ""


class SceneDigest(Value):
    """What later scenes need to know of a text, beside its facts and states."""

    summary: Text
    newcomers: tuple[Newcomer, ...] = ()
    planted: tuple[Text, ...] = ()
    paid_off: tuple[Text, ...] = ()
    ties: tuple[Tie, ...] = ()


class Revision(Value):
    """One immutable text of a scene; the digest is what was read out of it.

    ``checked``: whether it was looked over for contradictions; None if nobody tried, False if no answer could be had.
    """

    id: UUID = Field(default_factory=new_id)
    story_id: UUID
    scene_id: UUID
    number: int
    parent_id: UUID | None = None
    cause: RevisionCause
    text: Text
    words: int
    run_id: UUID | None = None
    call_id: UUID | None = None
    note: Text = ""
    digest: SceneDigest | None = None
    checked: bool | None = None
    created_at: datetime = Field(default_factory=now)


class Outline(Value):
    """The plan of the whole story: chapters, each with its scenes in story order."""

    chapters: tuple[Chapter, ...]
    scenes: tuple[Scene, ...]

    def summaries_in(self, chapter: Chapter) -> list[str]:
        """What the scenes of a chapter say, in short."""
        return [scene.summary for scene in self.scenes if scene.chapter_id == chapter.id]

    def told_of(self, chapter: Chapter) -> str:
        """What tells this state of a chapter's scenes from any other that a title and a summary can be made of."""
        return sha256("\n".join(self.summaries_in(chapter)).encode()).hexdigest()


class OutlineCause(StrEnum):
    """Why there is another version of an outline."""

    PLAN = "plan"
    EDIT = "edit"
    MORE = "more"
    RESTORE = "restore"


class OutlineVersion(Value):
    """One outline as it stood; never changed. Its scenes keep plan and place, not what was written since."""

    id: UUID = Field(default_factory=new_id)
    story_id: UUID
    number: int
    cause: OutlineCause
    note: Text = ""
    outline: Outline
    created_at: datetime = Field(default_factory=now)


class ManuscriptScene(Value):
    """A scene as a reader meets it."""

    number: int
    title: str
    status: SceneStatus
    text: str
    words: int
    revision_id: UUID | None


class ManuscriptChapter(Value):
    """A chapter as a reader meets it."""

    number: int
    title: str
    scenes: tuple[ManuscriptScene, ...]


class Manuscript(Value):
    """A story as a reader meets it: what is approved, in story order."""

    story_id: UUID
    title: str
    premise: str
    language: str
    origin: Origin
    chapters: tuple[ManuscriptChapter, ...]

    @property
    def words(self) -> int:
        """Words in all scenes."""
        return sum(scene.words for chapter in self.chapters for scene in chapter.scenes)
