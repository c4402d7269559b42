"""What travels through the graphs: ids and counters, never prose. The rows hold everything else."""

from typing import TypedDict
from uuid import UUID


class RunState(TypedDict):
    """How far a run has come."""

    story_id: str
    scenes_done: int


class SetupState(TypedDict):
    """How far the plan has come: how many of each there are; ``scenes`` at first those that it begins with."""

    story_id: str
    concepts: int
    characters: int
    world_elements: int
    scenes: int


class RecalledMemory(TypedDict):
    """A memory found for a scene: its id and why it was found."""

    memory_id: str
    score: float
    rank: int
    legs: dict[str, float | int | None]


class SceneState(TypedDict):
    """How far one scene has come; ``revisions`` are the ids of its texts in this run, the newest last."""

    story_id: str
    scene_number: int
    lore: list[str]
    memories: list[RecalledMemory]
    revisions: list[str]
    major_findings: int
    to_mend: int
    """Of what code found, how much is worth another text before a model reads this one."""
    reasons: int
    """Why it was looked at again before it was committed: how many changes it did not know of."""


def unwritten(story_id: UUID, scene_number: int) -> SceneState:
    """Where every scene begins; what is done already the nodes find out."""
    return SceneState(
        story_id=str(story_id),
        scene_number=scene_number,
        lore=[],
        memories=[],
        revisions=[],
        major_findings=0,
        to_mend=0,
        reasons=0,
    )
