"""How the ContinuityEditor asks for contradictions, for a digest, and for a chapter's title and summary."""

from collections.abc import Sequence

from chorus.domain.context import ItemKind, SceneContext, StoryFrame
from chorus.domain.story import Chapter, Scene
from chorus.llm.prompt import Prompt

SYSTEM = (
    "You are a continuity editor. You read closely and claim only what the words on the page show. "
    "You answer with JSON only, in short complete sentences, in the language of the story."
)
KNOWN = (
    ItemKind.CHARACTER,
    ItemKind.WORLD,
    ItemKind.SUMMARY,
    ItemKind.MEMORY,
    ItemKind.STATE,
    ItemKind.ENDING,
)


def check(context: SceneContext, text: str) -> Prompt:
    """Ask what in a scene contradicts what is known."""
    known = "\n".join(item.text for item in context.told(*KNOWN))
    user = (
        f"What is known before this scene:\n\n{known}\n\n"
        f"The new scene:\n\n{text}\n\n"
        "List what in the new scene contradicts what is known: time and order of events (timeline), people (character), "
        "places and rules (world), facts and details (detail), or a break in narration (style). For each, copy the words "
        "of the scene and the earlier words they contradict, exactly. Something merely new is no contradiction. Call it "
        "major only if a reader would notice. If nothing contradicts, the list is empty."
    )
    return _ask("coherence_check", 1, user, 700)


def digest(frame: StoryFrame, scene: Scene, text: str, questions: Sequence[str]) -> Prompt:
    """Ask for all that later scenes need to know of this one."""
    cast = ", ".join(character.name for character in frame.characters)
    still = f"Open questions so far: {' '.join(questions)}\n" if questions else ""
    user = (
        f"The characters of the story: {cast}.\n{still}\n"
        f"Scene {scene.number}:\n\n{text}\n\n"
        "Sum the scene up in two sentences. Give one to four facts that are true from now on, each with a short subject, "
        "one sentence, and the words of the scene that show it, copied exactly. For each character present say in a few "
        "words where they are when the scene ends, in what condition, wanting what, and whether they are alive. List "
        "newcomers with a name who are not among the characters, questions that this scene opens, and open questions that "
        "it answers; these lists are often empty."
    )
    return _ask("digest_scene", 1, user, 900)


def chapter(chapter: Chapter, summaries: Sequence[str]) -> Prompt:
    """Ask for the title and the summary of a finished chapter."""
    told = "\n".join(f"- {summary}" for summary in summaries)
    user = (
        f"A chapter that was planned as “{chapter.title}” turned out like this:\n{told}\n\n"
        "Give it a title of two to five words that fits what happens, without giving the end away, and sum it up in two "
        "sentences."
    )
    return _ask("integrate_chapters", 1, user, 300)


def _ask(node: str, version: int, user: str, max_tokens: int) -> Prompt:
    return Prompt(
        agent="continuity_editor",
        node=node,
        version=f"{node}/{version}",
        system=SYSTEM,
        user=user,
        max_tokens=max_tokens,
        temperature=0.2,
    )
