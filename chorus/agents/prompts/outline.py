"""How the StoryArchitect asks for the plan of a long book: its spine of chapters first, then the scenes of a few chapters.

What a question about scenes is told depends on the spine alone, so that all of them can be asked side by side and the
answers are the same whatever comes first. None of them grows with the book.
"""

from collections.abc import Sequence

from chorus.agents.prompts.frame import tell_concept, tell_names, tell_premise, tell_world
from chorus.agents.prompts.story_architect import ask_architect, how_scenes_are_planned
from chorus.domain.context import StoryFrame
from chorus.llm.prompt import Prompt


def spine(
    frame: StoryFrame,
    *,
    first: int,
    last: int,
    total: int,
    arc: Sequence[str],
    so_far: Sequence[str],
    threads: int,
    temperature: float,
) -> Prompt:
    """Ask for chapters ``first`` to ``last`` of ``total``; ``so_far`` has what happens in the latest ones before them."""
    count = last - first + 1
    span = f"all {total} chapters" if count == total else f"chapters {first} to {last} of {total}"
    before = "\n".join(["Planned so far, most recent last:", *(f"- {event}" for event in so_far)]) if so_far else ""
    tasks = " ".join(f"Chapter {number} {task}." for number, task in enumerate(arc, first))
    ending = "The last chapter brings the ending." if last == total else "The story is not over after them."
    asked = (
        f"Plan {span} of this book, exactly {count} in story order.\n{tasks}\n"
        "Each chapter has a title of two to five words, what happens in it and in no other chapter in one sentence, and "
        f"what has changed when it ends in one sentence. Every chapter follows from the one before. {ending} Then name one "
        f"to {threads} questions that keep a reader reading, each with the number of the chapter that opens it and of "
        "the later one that answers it."
    )
    user = "\n\n".join(part for part in (_told(frame), before, asked) if part)
    return ask_architect("generate_spine", 1, user, 300 + 110 * count + 60 * threads, temperature)


def part(  # noqa: PLR0913 - what is asked for, by name
    frame: StoryFrame,
    *,
    first: int,
    last: int,
    total: int,
    before: Sequence[str],
    chapters: Sequence[str],
    after: str,
    beats: int,
    temperature: float,
) -> Prompt:
    """Ask for scenes ``first`` to ``last`` of ``total``, which make up ``chapters``; the neighbours are told in short."""
    count = last - first + 1
    told = [
        "\n".join(["What happens before, in the chapters planned already:", *(f"- {line}" for line in before)])
        if before
        else "",
        "\n".join(["The chapters to plan now:", *(f"- {line}" for line in chapters)]),
        f"After them: {after}" if after else "",
    ]
    ending = "The last scene brings the ending." if last == total else "The story is not over after them."
    asked = (
        f"Plan scenes {first} to {last} of {total}, exactly {count} in story order, so that together they tell these "
        f"chapters and nothing of the others.\n{how_scenes_are_planned(beats)} {ending}"
    )
    user = "\n\n".join(part for part in (_told(frame), *told, asked) if part)
    return ask_architect("generate_outline", 5, user, 300 + (160 + 30 * beats) * count, temperature)


def _told(frame: StoryFrame) -> str:
    return "\n".join([tell_premise(frame), tell_concept(frame), tell_names(frame), tell_world(frame)])
