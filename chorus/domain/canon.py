"""What is true in a story and how it is recalled: facts with evidence, memories, findings."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from chorus.domain.value import Text, Value, new_id, now


class FactStatus(StrEnum):
    """How firmly a fact belongs to the canon."""

    PLANNED = "planned"
    PROPOSED = "proposed"
    ESTABLISHED = "established"
    RETRACTED = "retracted"


class MemoryKind(StrEnum):
    """What a memory holds."""

    SCENE_SUMMARY = "scene_summary"
    FACT = "fact"
    PASSAGE = "passage"
    LORE = "lore"
    CHARACTER_STATE = "character_state"


class FindingCategory(StrEnum):
    """The five headings of the continuity checklist."""

    TIMELINE = "timeline"
    CHARACTER = "character"
    WORLD = "world"
    DETAIL = "detail"
    STYLE = "style"


class Severity(StrEnum):
    """Whether a finding must be mended."""

    MINOR = "minor"
    MAJOR = "major"


class FaultKind(StrEnum):
    """What code looks for in a text; ``JUDGED`` is what a model found."""

    JUDGED = "judged"
    STRANGER = "stranger"
    RENAMED = "renamed"
    DEAD = "dead"
    ABSENT = "absent"
    REPETITION = "repetition"
    LENGTH = "length"
    LANGUAGE = "language"
    LEAK = "leak"
    TENSE = "tense"


class FindingStatus(StrEnum):
    """What became of a finding."""

    OPEN = "open"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"


class Fact(Value):
    """One canon statement: its evidence is ``revision.text[span_start:span_end]``, it holds between two scenes.

    ``aspect`` is the side of its subject that it is about (place, owner); the next fact about the same ends it.
    """

    id: UUID = Field(default_factory=new_id)
    story_id: UUID
    scene_id: UUID | None = None
    revision_id: UUID | None = None
    number: int = 0
    subject: Text
    aspect: Text = ""
    statement: Text
    evidence: Text = ""
    span_start: int | None = None
    span_end: int | None = None
    valid_from: int = 0
    valid_to: int | None = None
    known_by: tuple[Text, ...] = ()
    status: FactStatus = FactStatus.PROPOSED


class Memory(Value):
    """Something recalled by similarity; ``scene_number`` 0 is lore known before the story begins.

    ``entities`` are what it is about, ``known_by`` who of the characters knows it, if it is a fact.
    """

    id: UUID = Field(default_factory=new_id)
    story_id: UUID
    scene_id: UUID | None = None
    revision_id: UUID | None = None
    scene_number: int = 0
    kind: MemoryKind
    number: int = 0
    text: Text
    span_start: int | None = None
    span_end: int | None = None
    entities: tuple[Text, ...] = ()
    known_by: tuple[Text, ...] = ()
    importance: float = 0.5
    valid_from: int = 0
    valid_to: int | None = None
    created_at: datetime = Field(default_factory=now)


class MemoryHit(Value):
    """A memory that was found, and why: what it scores together, and each leg's own score and rank, from 1.

    ``score`` is the weighted sum of ``parts``, each in [0, 1]. ``vector_score`` is the cosine similarity in [-1, 1],
    ``lexical_score`` BM25; a leg that did not find the memory has no rank. ``text`` is
    ``revision.text[span_start:span_end]`` where there is a span. Grouped by scene, it is the scene's best memory.
    It holds from scene ``valid_from`` to the end of ``valid_to``, or to this day.
    """

    memory_id: UUID
    story_id: UUID
    story_title: str
    scene_number: int
    kind: MemoryKind
    text: str
    score: float
    rank: int
    vector_score: float | None = None
    vector_rank: int | None = None
    lexical_score: float | None = None
    lexical_rank: int | None = None
    parts: dict[str, float] = Field(default_factory=dict)
    revision_id: UUID | None = None
    span_start: int | None = None
    span_end: int | None = None
    entities: tuple[str, ...] = ()
    importance: float = 0.5
    valid_from: int = 0
    valid_to: int | None = None

    @property
    def legs(self) -> dict[str, float | int | None]:
        """Each leg's score and rank."""
        return {
            "vector_score": self.vector_score and round(self.vector_score, 6),
            "vector_rank": self.vector_rank,
            "lexical_score": self.lexical_score and round(self.lexical_score, 6),
            "lexical_rank": self.lexical_rank,
        }


class Try(Value):
    """A text that was written again for what code found in it, and whether that was gone then."""

    scene: int
    kind: FaultKind
    helped: bool
    number: int = 0
    """Of the new text, among those of its scene."""


class Finding(Value):
    """One continuity problem: ``quote`` stands in the scene's revision, ``other_quote`` in what it contradicts.

    ``origin`` is ``model`` or ``code``.
    """

    id: UUID = Field(default_factory=new_id)
    story_id: UUID
    scene_id: UUID
    revision_id: UUID
    run_id: UUID | None = None
    number: int = 0
    category: FindingCategory
    severity: Severity
    description: Text
    quote: Text
    other_quote: Text = ""
    other_scene: int | None = None
    origin: str = "model"
    kind: FaultKind = FaultKind.JUDGED
    status: FindingStatus = FindingStatus.OPEN
    created_at: datetime = Field(default_factory=now)
