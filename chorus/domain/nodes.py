"""The steps of a run that ask a model something, by name; what each asks its agent's prompts say."""

from typing import Literal

type PlanningNode = Literal[
    "generate_concepts", "name_cast", "generate_world", "generate_profiles", "generate_spine", "generate_outline"
]
type WritingNode = Literal["draft_scene", "coherence_check", "digest_scene", "revise_scene", "integrate_chapters"]
type AskingNode = PlanningNode | WritingNode | Literal["write_story"]

PLANNING: tuple[PlanningNode, ...] = (
    "generate_concepts",
    "name_cast",
    "generate_world",
    "generate_profiles",
    "generate_spine",
    "generate_outline",
)
WRITING: tuple[WritingNode, ...] = (
    "draft_scene",
    "coherence_check",
    "digest_scene",
    "revise_scene",
    "integrate_chapters",
)
IN_ONE_ANSWER = "write_story"
"""The one question of a story that is written in one answer."""
JUDGING = ("judge_story", "judge_pair")
"""What a judge of experiments is asked; these are steps of no run."""
