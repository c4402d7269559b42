"""How the ContinuityEditor asks for contradictions, for a digest, and for a chapter's title and summary."""

from collections.abc import Sequence

from chorus.agents.prompts.frame import SCENE_SYSTEM, tell_context
from chorus.continuity.pairs import Pair
from chorus.domain.context import ItemKind, SceneContext, StoryFrame
from chorus.domain.story import Chapter, Scene
from chorus.llm.prompt import Prompt

KNOWN = (
    ItemKind.CHARACTER,
    ItemKind.WORLD,
    ItemKind.SUMMARY,
    ItemKind.MEMORY,
    ItemKind.STATE,
    ItemKind.ENDING,
)


_EXAMPLES = """These pairs show what contradicts and what does not:
Before: Tom is an only child. Now: Tom waved to his sister. That is a contradiction.
Before: The lamp burns in the tower. Now: She saw the lamp burning in the tower. That is none.
Before: Eva lost her ring at sea. Now: Eva turned the ring on her finger. That is a contradiction.
Before: The inn has a garden and a stable. Now: He came out of the stable, tired. That is none.
Before: Max sits at the window, wanting to sleep. Now: Max stood up and went to the door. That is none.
Before: The boat is white. Now: The black boat lay on the sand. That is a contradiction.
Before: Nobody knows the way. Now: Nobody said a word. That is none."""


def check(frame: StoryFrame, context: SceneContext, text: str, pairs: Sequence[Pair] = ()) -> Prompt:
    """Ask what in a scene contradicts what is known; ``pairs`` are judged first, one by one."""
    user = (
        f"{tell_context(frame, context)}\n\nThe new scene:\n\n{text}\n\n{_compare(pairs)}"
        "As the editor, say whether the new scene is consistent with what is told above it. If it is, the list of findings "
        "is empty. Else list what contradicts: time and order of events (timeline), people, and what they know without having learned it (character), places and rules "
        "(world), facts and details (detail), or a break in narration (style). For each finding say in one sentence what "
        "contradicts what, and copy a few words of the scene and the few earlier words they contradict, exactly. Something "
        "merely new is no contradiction. Call it major only if a reader would notice. Answer with JSON on one line."
    )
    return _ask("coherence_check", 6, user, 600 + 20 * len(pairs))


def _compare(pairs: Sequence[Pair]) -> str:
    """Ask about sentences that speak of the same things: so even a small model sees what contradicts."""
    if not pairs:
        return ""
    told = "\n".join(f"{n}. Before: {pair.before} Now: {pair.now}" for n, pair in enumerate(pairs, 1))
    return f"{_EXAMPLES}\n\nJudge these pairs in the same way first, each by itself:\n{told}\n\n"


def digest(frame: StoryFrame, scene: Scene, text: str, questions: Sequence[str], facts: int) -> Prompt:
    """Ask for all that later scenes need to know of this one."""
    people = ", ".join(character.name for character in frame.characters)
    cast = f"The characters of the story: {people}.\n" if people else ""
    still = f"Open questions so far: {' '.join(questions)}\n" if questions else ""
    user = (
        f"{cast}{still}\n"
        f"Scene {scene.number}:\n\n{text}\n\n"
        f"As the editor, sum the scene up in two short sentences, in the past tense and in {frame.story.language}. Give one to {facts} facts that are true from now on, "
        "each with a short subject, one short sentence, a few words of the scene that show it, copied exactly, and the names "
        "of those who learn it here. For each "
        "character present say in a few words where they are when the scene ends, in what condition, wanting what, and "
        "whether they are alive. List newcomers with a name who are not among the characters, questions that this scene "
        "opens, open questions that it answers, and what one character has become to another, if the scene changes that; "
        "these lists are often empty. Answer with JSON on one line."
    )
    return _ask("digest_scene", 7, user, 450 + 120 * facts)


def chapters(language: str, finished: Sequence[tuple[Chapter, Sequence[str]]]) -> Prompt:
    """Ask for the titles and the summaries of finished chapters, each given with the summaries of its scenes."""
    told = "\n\n".join(_turned_out(chapter, summaries) for chapter, summaries in finished)
    each, it = ("it", "it") if len(finished) == 1 else ("each of them, in this order,", "each")
    user = (
        f"{told}\n\nGive {each} a title of two to five words that fits what happens, without giving the end away, and sum "
        f"{it} up in two sentences, in {language}. Answer with JSON on one line."
    )
    return _ask("integrate_chapters", 4, user, 100 + 200 * len(finished))


def _turned_out(chapter: Chapter, summaries: Sequence[str]) -> str:
    told = "\n".join(f"- {summary}" for summary in summaries)
    return f"The chapter that was planned as “{chapter.title}” turned out like this:\n{told}"


def _ask(node: str, version: int, user: str, max_tokens: int) -> Prompt:
    return Prompt(
        agent="continuity_editor",
        node=node,
        version=f"{node}/{version}",
        system=SCENE_SYSTEM,
        user=user,
        max_tokens=max_tokens,
        temperature=0.2,
    )
