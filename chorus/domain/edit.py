"""What an edit does: the facts it touches and what becomes of them, and the scenes that used them, with reasons."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from chorus.domain.canon import Fact
from chorus.domain.diff import Piece
from chorus.domain.story import Revision
from chorus.domain.value import Text, Value, new_id, now


class Verdict(StrEnum):
    """What becomes of a fact when its scene is edited."""

    KEPT = "kept"
    RESTATED = "restated"
    RETRACTED = "retracted"
    ADDED = "added"
    AT_STAKE = "at_stake"
    """It stands in a text that is planned otherwise now, and may go when that is written again."""


class FactDecision(Value):
    """A person's word on a fact; it counts more than the one that code would give."""

    verdict: Verdict
    statement: Text = Field(default="", description="What the fact says from now on, if it is restated.")


class FactChange(Value):
    """A fact before an edit and after it; ``after`` is None if it is retracted, ``before`` if it is new."""

    verdict: Verdict
    reason: str
    before: Fact | None = None
    after: Fact | None = None

    @property
    def changes_canon(self) -> bool:
        """Whether the fact no longer says what later scenes were told."""
        return self.verdict is not Verdict.KEPT


class SceneUse(Value):
    """A scene that used what has changed, and how one knows."""

    scene_number: int
    title: str
    locked: bool
    reasons: tuple[str, ...]


class EditEffects(Value):
    """What an edit touches, before or after it is done; ``revision`` is the new text once there is one.

    ``details`` are names and numbers that came or went outside of any fact. Where no fact changed and there are none,
    the edit is one of style: nothing follows from it.
    """

    story_id: UUID
    scene_number: int | None
    base_revision_id: UUID | None = None
    revision: Revision | None = None
    pieces: tuple[Piece, ...] = ()
    facts: tuple[FactChange, ...] = ()
    details: tuple[str, ...] = ()
    uses: tuple[SceneUse, ...] = ()
    words_before: int = 0
    words_after: int = 0
    stale_summary: bool = False
    """Whether the scene's summary still says what no longer holds; a model that reads the scene again mends it."""

    @property
    def style_only(self) -> bool:
        """Whether nothing that anybody could have built on has changed."""
        return not self.details and not any(change.changes_canon for change in self.facts)

    @property
    def changed_facts(self) -> tuple[FactChange, ...]:
        """The facts that no longer say what they said."""
        return tuple(change for change in self.facts if change.changes_canon)


class CanonSubject(StrEnum):
    """What of the canon a person has changed."""

    FACT = "fact"
    CHARACTER = "character"
    WORLD_ELEMENT = "world_element"


class CanonChange(Value):
    """One step in the history of a fact, somebody or something: how it stood, and stands since. It never changes."""

    id: UUID = Field(default_factory=new_id)
    story_id: UUID
    subject: CanonSubject
    subject_id: UUID
    number: int
    before: dict[str, Any]
    after: dict[str, Any]
    note: Text = ""
    created_at: datetime = Field(default_factory=now)
