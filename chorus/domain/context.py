"""What a prompt is told about the story, and the manifest that says why each item was in or out."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from chorus.domain.story import Character, Concept, Story, WorldElement
from chorus.domain.value import Value


class StoryFrame(Value):
    """What holds for the whole story; the stable beginning of every prompt."""

    story: Story
    concept: Concept | None = None
    characters: tuple[Character, ...] = ()
    world: tuple[WorldElement, ...] = ()

    def as_of(self, scene_number: int) -> "StoryFrame":
        """The frame as it was before a scene: without those who are first met in it or later."""
        met = tuple(c for c in self.characters if c.first_scene is None or c.first_scene < scene_number)
        return self.model_copy(update={"characters": met})


class ItemKind(StrEnum):
    """What a context item tells."""

    CHARACTER = "character"
    WORLD = "world"
    SUMMARY = "summary"
    MEMORY = "memory"
    STATE = "state"
    QUESTION = "question"
    ENDING = "ending"
    PLAN = "plan"
    ENTRY = "entry"


class ContextItem(Value):
    """One thing a prompt may tell: ``source`` says where it is from, ``score``, ``rank`` and ``legs`` are recall's."""

    kind: ItemKind
    source: str
    text: str
    always: bool = False
    memory_id: UUID | None = None
    """For the manifest alone: no prompt holds an id."""
    score: float | None = None
    rank: int | None = None
    legs: dict[str, float | int | None] | None = None


class Choice(Value):
    """A context item with what became of it and why. ``tokens`` are estimated."""

    item: ContextItem
    tokens: int
    included: bool
    reason: str


class SceneContext(Value):
    """All that was considered for a scene's prompt, in the order in which it is told."""

    choices: tuple[Choice, ...]
    budget_tokens: int

    def told(self, *kinds: ItemKind) -> list[ContextItem]:
        """The items that are told, of these kinds."""
        return [choice.item for choice in self.choices if choice.included and choice.item.kind in kinds]

    @property
    def manifest(self) -> dict[str, Any]:
        """What was in, what was out and why, as JSON; memories and texts by their source, not repeated."""
        items = [
            {
                **choice.item.model_dump(
                    mode="json", include={"kind", "source", "score", "rank", "legs", "always", "memory_id"}
                ),
                "tokens": choice.tokens,
                "included": choice.included,
                "reason": choice.reason,
                "text": choice.item.text[:160],
            }
            for choice in self.choices
        ]
        used = sum(choice.tokens for choice in self.choices if choice.included)
        return {"budget_tokens": self.budget_tokens, "used_tokens": used, "items": items}


def estimate_tokens(text: str) -> int:
    """Estimate the tokens of a text: four ASCII characters a token, other scripts nearly one a character."""
    ascii_count = len(text.encode("ascii", "ignore"))
    return -(-ascii_count // 4) + (len(text) - ascii_count)
