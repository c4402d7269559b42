"""The crew: StoryArchitect plans, SceneGenerator writes, ContinuityEditor checks.

An agent turns values into a prompt, asks the gateway, and settles the answer into values that hold whatever the model
said. It knows no storage; where its answer goes is the pipeline's to decide.
"""

from chorus.agents.continuity_editor import ContinuityEditor
from chorus.agents.scene_generator import SceneGenerator
from chorus.agents.story_architect import StoryArchitect

__all__ = ["ContinuityEditor", "SceneGenerator", "StoryArchitect"]
