"""How a whole story is asked for in one answer."""

from chorus.agents.prompts.frame import SCENE_SYSTEM, tell_premise
from chorus.domain.context import StoryFrame
from chorus.domain.words import tokens_of_a_word
from chorus.llm.prompt import Prompt


def story(frame: StoryFrame, scenes: int, words: int, temperature: float) -> Prompt:
    """Ask for all scenes at once."""
    user = (
        f"{tell_premise(frame)}\n\n"
        f"Write the whole story as a novelist would, in {scenes} scenes of about {words} words each, in the third person and the past tense. "
        "Begin each scene with a line that has ## and its title, and then go on in prose. "
        "Nothing that was told may be contradicted or told again, and the last scene brings the story to its end."
    )
    return Prompt(
        agent="scene_generator",
        node="write_story",
        version="write_story/1",
        system=SCENE_SYSTEM,
        user=user,
        max_tokens=int(scenes * words * tokens_of_a_word(frame.story.language)) + 40 * scenes,
        temperature=temperature,
    )
