"""What an inspection says: each part, how it is, and what to do about it."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from chorus.domain.value import Value, now


class Condition(StrEnum):
    """How a part is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    OFF = "off"
    """Not running, not set up or not in use, and nothing is wrong with that."""


class Area(StrEnum):
    """What a part belongs to, in the order in which areas are shown."""

    MACHINE = "machine"
    DATABASE = "database"
    MODELS = "models"
    WORK = "work"


class Part(Value):
    """One part of Chorus, or of what it depends on."""

    area: Area
    name: str
    """Unique and fit for a program: ``pgvector``, ``story_architect``."""
    title: str
    condition: Condition
    said: str
    """How it is, in a few words."""
    version: str | None = None
    location: str | None = None
    """A path or an address, without user and password."""
    remedy: str | None = None
    """What to do; every warning and every problem has one, and what is well may have a suggestion."""
    figures: dict[str, int | float | str | None] = Field(default_factory=dict)


class Report(Value):
    """The whole house at one moment."""

    version: str
    """Chorus's own."""
    inspected_at: datetime = Field(default_factory=now)
    parts: tuple[Part, ...]

    @property
    def is_well(self) -> bool:
        """Whether nothing is a problem."""
        return not self.which_are(Condition.PROBLEM)

    def which_are(self, condition: Condition) -> list[Part]:
        """The parts that are so."""
        return [part for part in self.parts if part.condition is condition]
