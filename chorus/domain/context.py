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
    spare: bool = False
    """Whether it is told only in the small part of the budget that is for what is further back."""
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
        """What was in, what was out and why, as JSON; memories and texts by their source, not repeated.

        What is far back and out for the same reason is one entry: a manifest does not grow with the story.
        """
        items = [_told_of(choice) for choice in self.choices if choice.included or not choice.item.spare]
        out = [choice for choice in self.choices if choice.item.spare and not choice.included]
        for kind, reason in dict.fromkeys((choice.item.kind, choice.reason) for choice in out):
            alike = [choice for choice in out if (choice.item.kind, choice.reason) == (kind, reason)]
            items.append(_told_of(alike[0]) if len(alike) == 1 else _told_of_many(alike))
        used = sum(choice.tokens for choice in self.choices if choice.included)
        return {"budget_tokens": self.budget_tokens, "used_tokens": used, "items": items}


def _told_of(choice: Choice) -> dict[str, Any]:
    said = {"kind", "source", "score", "rank", "legs", "always", "memory_id"}
    return {
        **choice.item.model_dump(mode="json", include=said),
        "tokens": choice.tokens,
        "included": choice.included,
        "reason": choice.reason,
        "text": choice.item.text[:160],
    }


def _told_of_many(choices: list[Choice]) -> dict[str, Any]:
    """What is alike of many, the nearest of them told first, as one entry."""
    nearest, furthest = choices[0].item.source, choices[-1].item.source
    return {
        **_told_of(choices[0]),
        "source": f"{len(choices)} items, {furthest} to {nearest}",
        "tokens": sum(choice.tokens for choice in choices),
        "text": "",
    }


def estimate_tokens(text: str) -> int:
    """Estimate the tokens of a text: four ASCII characters a token, other scripts nearly one a character."""
    ascii_count = len(text.encode("ascii", "ignore"))
    return -(-ascii_count // 4) + (len(text) - ascii_count)
