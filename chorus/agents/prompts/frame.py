"""The sentences about the whole story that prompts begin with."""

from chorus.agents.lines import one_line
from chorus.domain.context import ItemKind, SceneContext, StoryFrame
from chorus.domain.story import Character, WorldElement

PREMISE_LIMIT = 6000
STYLE_LIMIT = 1500
SAMPLE_LIMIT = 1200
AVOID_LIMIT = 800
SCENE_SYSTEM = (
    "You are a novelist and your own careful editor. As a novelist you write vivid, concrete prose in complete sentences: "
    "what people do, say, see and feel, and what it costs them. As an editor you claim only what the words on the page show."
)
"""Said before every question about a scene: the same words at the start of every prompt are cached by whoever answers."""
_TOLD = (
    (ItemKind.CHARACTER, "The people in this scene:"),
    (ItemKind.WORLD, "The place and its things:"),
    (ItemKind.SUMMARY, "What has happened so far, in order:"),
    (ItemKind.MEMORY, "What the reader may remember from earlier:"),
    (ItemKind.STATE, "How people stand now:"),
    (ItemKind.QUESTION, "What the reader still wants to know:"),
    (ItemKind.PLAN, "This will have happened in between, as it is planned:"),
    (ItemKind.ENDING, "The scene before this one ended with these words:"),
    (ItemKind.ENTRY, "So things stand when the scene begins:"),
)


def tell_premise(frame: StoryFrame) -> str:
    """The premise, the language, the style with its sample, and what to avoid: the same in every prompt of a story."""
    story = frame.story
    lines = [f"The premise: {story.premise[:PREMISE_LIMIT]}", f"Write in {story.language}."]
    if story.style:
        lines.append(f"The style: {story.style[:STYLE_LIMIT]}")
    if story.style_sample:
        lines.append(
            f"It sounds like this, which tells of other things: “{one_line(story.style_sample, limit=SAMPLE_LIMIT)}”"
        )
    if story.avoid:
        lines.append(f"Avoid: {'; '.join(point.rstrip('.;') for point in story.avoid)[:AVOID_LIMIT]}.")
    return "\n".join(lines)


def tell_concept(frame: StoryFrame) -> str:
    """The selected concept."""
    concept = frame.concept
    if concept is None:
        return ""
    parts = [concept.logline, concept.conflict, concept.ending and f"It ends like this: {concept.ending}"]
    told = " ".join(part for part in parts if part)
    tone = f" The tone is {concept.tone.lower().rstrip('.')}." if concept.tone else ""
    return f"The story is called “{concept.title}”. {told}{tone}"


def tell_names(frame: StoryFrame) -> str:
    """Who there is, each with a part."""
    cast = ", ".join(f"{character.name} ({character.role.value})" for character in frame.characters)
    return f"The characters are {cast}. There is nobody else with a name." if cast else ""


def tell_world(frame: StoryFrame) -> str:
    """What holds in the world."""
    return "\n".join(tell_element(element) for element in frame.world[:12])


def tell_element(element: WorldElement) -> str:
    """One world element in a sentence."""
    return f"{element.name}: {element.description}" if element.description else element.name


def tell_character(character: Character) -> str:
    """One character in a few sentences."""
    parts = [
        f"{character.name} is the {character.role.value}.",
        character.description,
        character.want and f"Wants: {character.want}",
        character.flaw and f"Flaw: {character.flaw}",
        character.voice and f"Speaks: {character.voice}",
    ]
    return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in parts if part)


def tell_context(frame: StoryFrame, context: SceneContext) -> str:
    """Everything that is known before a scene; all questions about the scene begin with it."""
    blocks = (_block(opening, context, kind) for kind, opening in _TOLD)
    return "\n\n".join(part for part in (tell_premise(frame), *blocks) if part)


def _block(opening: str, context: SceneContext, kind: ItemKind) -> str:
    told = [item.text for item in context.told(kind)]
    if kind in (ItemKind.SUMMARY, ItemKind.PLAN):
        told.reverse()  # chosen newest first, told in story order
    return "\n".join([opening, *told]) if told else ""
