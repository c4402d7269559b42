"""How the SceneGenerator is asked for a draft and for a revision."""

from collections.abc import Sequence

from chorus.agents.prompts.frame import tell_concept, tell_premise
from chorus.domain.canon import Finding
from chorus.domain.context import ItemKind, SceneContext, StoryFrame
from chorus.domain.story import Scene
from chorus.llm.prompt import Prompt

SYSTEM = (
    "You are a novelist. You write vivid, concrete prose in complete sentences: what people do, say, see and feel, and "
    "what it costs them. You answer with the prose of the scene and nothing else: no title, no headings, no lists, no notes."
)


def draft(
    frame: StoryFrame, scene: Scene, scenes: int, context: SceneContext, temperature: float, extra: str = ""
) -> Prompt:
    """Ask for the text of a scene."""
    user = f"{_told_before(frame, context)}\n\n{_told_of(scene, scenes)}{extra}"
    return _ask("draft_scene", 1, user, scene.brief.target_words, temperature)


def revision(
    frame: StoryFrame,
    scene: Scene,
    scenes: int,
    context: SceneContext,
    text: str,
    findings: Sequence[Finding],
    temperature: float,
) -> Prompt:
    """Ask for the scene again, with what is wrong in it put right."""
    wrong = "\n".join(f"- {f.description} The scene says “{f.quote}”, but before: “{f.other_quote}”." for f in findings)
    user = (
        f"{_told_before(frame, context)}\n\n{_told_of(scene, scenes)}\n\n"
        f"This is how the scene was written:\n\n{text}\n\n"
        f"An editor found that it contradicts what came before:\n{wrong}\n\n"
        "Write the whole scene again with these contradictions gone and everything else kept."
    )
    return _ask("revise_scene", 1, user, scene.brief.target_words, temperature)


def _ask(node: str, version: int, user: str, words: int, temperature: float) -> Prompt:
    return Prompt(
        agent="scene_generator",
        node=node,
        version=f"{node}/{version}",
        system=SYSTEM,
        user=user,
        max_tokens=int(words * 2.2) + 120,
        temperature=temperature,
    )


def _told_before(frame: StoryFrame, context: SceneContext) -> str:
    """Everything but the scene itself, what changes least first."""
    parts = [
        f"{tell_premise(frame)}\n{tell_concept(frame)}",
        _block("The people in this scene.", context, ItemKind.CHARACTER),
        _block("Where we are.", context, ItemKind.WORLD),
        _block("What has happened so far, in order.", context, ItemKind.SUMMARY),
        _block("What the reader may remember from earlier.", context, ItemKind.MEMORY),
        _block("How people stand now.", context, ItemKind.STATE),
        _block("What the reader still wants to know.", context, ItemKind.QUESTION),
        _block("The scene before this one ended with these words; do not repeat them.", context, ItemKind.ENDING),
    ]
    return "\n\n".join(part for part in parts if part)


def _block(opening: str, context: SceneContext, kind: ItemKind) -> str:
    told = [item.text for item in context.told(kind)]
    return "\n".join([opening, *told]) if told else ""


def _told_of(scene: Scene, scenes: int) -> str:
    brief = scene.brief
    place = f" It takes place here: {brief.place}." if brief.place else ""
    time = f" The time: {brief.story_time}." if brief.story_time else ""
    steps = "".join(f" Then: {beat}" if i else f" First: {beat}" for i, beat in enumerate(map(_sentence, brief.beats)))
    position = "This is the first scene: begin in the middle of something." if scene.number == 1 else ""
    if scene.number == scenes and scenes > 1:
        position = "This is the last scene: bring the story to its end."
    parts = [
        f"Now write scene {scene.number} of {scenes}, in which this happens: {_sentence(brief.purpose)}{place}{time}",
        f"Present: {', '.join(brief.cast)}." if brief.cast else "",
        f"{steps.strip()}",
        f"When it begins: {_sentence(brief.entry)}" if brief.entry else "",
        f"When it ends: {_sentence(brief.exit)}" if brief.exit else "",
        position,
        f"Write about {brief.target_words} words of continuous prose in the past tense, with some dialogue, and end with a "
        "complete sentence. Tell only this scene; do not sum up and do not run ahead.",
    ]
    return "\n".join(part for part in parts if part)


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
