"""What travels through the graphs: ids and counters, never prose. The rows hold everything else."""

from typing import TypedDict


class RunState(TypedDict):
    """How far a run has come."""

    story_id: str
    scenes_done: int


class SetupState(TypedDict):
    """How far the plan has come: how many of each there are."""

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
