"""The sentences about the whole story that prompts begin with."""

from chorus.domain.context import StoryFrame
from chorus.domain.story import Character, WorldElement

PREMISE_LIMIT = 6000


def tell_premise(frame: StoryFrame) -> str:
    """The premise, the language and the style."""
    lines = [f"The premise: {frame.story.premise[:PREMISE_LIMIT]}", f"Write in {frame.story.language}."]
    if frame.story.style:
        lines.append(f"The style: {frame.story.style[:1500]}")
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
