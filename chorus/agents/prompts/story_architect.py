"""How the StoryArchitect asks for concepts, names, world, profiles and outline."""

from collections.abc import Sequence

from chorus.agents.prompts.frame import tell_concept, tell_names, tell_premise, tell_world
from chorus.domain.context import StoryFrame
from chorus.llm.prompt import Prompt

SYSTEM = (
    "You are a story architect. You plan stories that are concrete, surprising and consistent. "
    "You answer with JSON on one line and nothing else, in short complete sentences, in the language you are asked for."
)


def ask_architect(node: str, version: int, user: str, max_tokens: int, temperature: float) -> Prompt:
    """Put a question to the StoryArchitect."""
    return Prompt(
        agent="story_architect",
        node=node,
        version=f"{node}/{version}",
        system=SYSTEM,
        user=user,
        max_tokens=max_tokens,
        temperature=temperature,
    )


def concepts(frame: StoryFrame, count: int, temperature: float) -> Prompt:
    """Ask for candidate concepts."""
    wanted = f"Propose {count} different concepts" if count > 1 else "Propose one concept"
    user = (
        f"{tell_premise(frame)}\n\n"
        f"{wanted} for this story. Each has a title of two to five words, a logline "
        "(the whole story in one sentence), the conflict in one sentence, the ending in one sentence, the tone in two or "
        "three words, and a score from 0 to 10 for how promising it is. Keep everything the premise says."
    )
    return ask_architect("generate_concepts", 1, user, 900 if count < 3 else 300 * count + 300, temperature)


def names(frame: StoryFrame, most: int, temperature: float) -> Prompt:
    """Ask once for the names that every later step uses."""
    user = (
        f"{tell_premise(frame)}\n{tell_concept(frame)}\n\n"
        f"Name the two to {most} people of this story and the two to four places where it happens. People are human beings "
        "or creatures that act; things and places are not people. Use the names that the premise gives, and give everybody "
        "without a name a first name of their own. Names are short, easy to tell apart and begin with different letters. "
        "Exactly one is the protagonist; the others are antagonist, ally, mentor or minor."
    )
    return ask_architect("name_cast", 3, user, 400, temperature)


def world(frame: StoryFrame, temperature: float) -> Prompt:
    """Ask for what holds in the world."""
    places = ", ".join(element.name for element in frame.world)
    user = (
        f"{tell_premise(frame)}\n{tell_concept(frame)}\n{tell_names(frame)}\n\n"
        f"Describe the world of this story in three to six elements. Begin with these places: {places}. "
        "Then add what a writer must not forget: a rule, an object that matters, a custom or a piece of history. "
        "Each element has a name, a kind (setting, place, rule, object, culture or history) and one short sentence "
        "with something to see, hear or smell."
    )
    return ask_architect("generate_world", 1, user, 700, temperature)


def profiles(frame: StoryFrame, temperature: float) -> Prompt:
    """Ask for the profiles of the named characters."""
    user = (
        f"{tell_premise(frame)}\n{tell_concept(frame)}\n{tell_names(frame)}\n\n"
        "Write a profile of each of these characters, in this order and with exactly these names. Each has a description "
        "in one short sentence (age, looks, work), a want, a flaw, a voice and a tie to the protagonist, each in a few words."
    )
    return ask_architect("generate_profiles", 1, user, 200 + 160 * len(frame.characters), temperature)


def outline(  # noqa: PLR0913 - what is asked for, by name
    frame: StoryFrame,
    *,
    first: int,
    last: int,
    total: int,
    chapters: int,
    arc: Sequence[str],
    so_far: Sequence[str],
    beats: int,
    threads: int,
    temperature: float,
) -> Prompt:
    """Ask for scenes ``first`` to ``last`` of ``total``; ``so_far`` has the latest events planned before them."""
    before = ""
    if so_far:
        told = "\n".join(f"- {event}" for event in so_far)
        before = f"Planned so far, most recent last:\n{told}\nGo on from there.\n\n"
    count = last - first + 1
    span = f"all {total} scenes" if count == total else f"scenes {first} to {last} of {total}"
    ending = "The last scene brings the ending." if last == total else "The story is not over after them."
    tasks = " ".join(f"Scene {number} {task}." for number, task in enumerate(arc, first))
    questions = (
        f" Then name one to {threads} questions that keep a reader reading, each with the number of the scene that opens "
        "it and of the later one that answers it."
        if threads
        else ""
    )
    user = (
        f"{tell_premise(frame)}\n{tell_concept(frame)}\n{tell_names(frame)}\n{tell_world(frame)}\n\n{before}"
        f"Plan {span} of the story, exactly {count} in story order, and give titles of two to five words to the "
        f"{chapters} chapters they make up.\n{tasks}\n{how_scenes_are_planned(beats)} {ending}{questions}"
    )
    room = 300 + (160 + 30 * beats) * count + 60 * threads
    return ask_architect("generate_outline", 5, user, room, temperature)


def how_scenes_are_planned(beats: int) -> str:
    """Say what each scene of a plan has."""
    many = "two" if beats == 2 else str(beats)
    return (
        "Each scene has a title that names a thing or a place in it (never what the scene is for), one event in one "
        "sentence that happens in it and in no other scene, a place, a time, the names of the people present, "
        f"{many} beats of a few words, and in one short sentence what has changed. Every scene follows from the one before."
    )
