"""How the SceneGenerator is asked for a draft and for a revision."""

import re
from collections.abc import Sequence

from chorus.agents.prompts.frame import SCENE_SYSTEM, tell_context
from chorus.domain.canon import FaultKind, Finding
from chorus.domain.context import SceneContext, StoryFrame
from chorus.domain.language import language_tag
from chorus.domain.story import Scene, SceneBrief
from chorus.domain.words import tokens_of_a_word
from chorus.llm.prompt import Prompt

_OTHER_MANNER = re.compile(
    r"\b(?:(?:first|second|erste[nr]?|zweite[nr]?) person|present tense|präsens|présent|ich-form|i am|i was|my)\b"
)
WORDS_OF_A_SENTENCE = 15
ROOM_TO_END = 1.4
OPENINGS = (
    ("something that somebody says", "answered, walked, heard"),
    ("a sound that was not there before", "turned, reached, asked"),
    ("a small thing that somebody holds", "lifted, found, whispered"),
    ("the weather or the light, and what it does", "waited, listened, told"),
    ("somebody in the middle of doing something", "opened, ran, called"),
)
"""How scenes after the first begin, in turn, and verbs for them: a small model begins every scene alike else."""
ONCE_MORE = "This is a scene of an ordinary novel. Begin with its first sentence and tell it to its end."


def draft(
    frame: StoryFrame, scene: Scene, scenes: int, context: SceneContext, temperature: float, note: str = ""
) -> Prompt:
    """Ask for the text of a scene, with what an editor asks of it."""
    user = f"{tell_context(frame, context)}\n\n{_told_of(frame, scene, scenes)}"
    if note:
        user = f"{user}\n\nThe editor of the book asks you to mind this: {note}"
    return _ask("draft_scene", 9, f"{user}{_tense(frame, scene)}", _room(frame, scene, scenes), temperature)


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
    wrong = "\n".join(f"- {_wrong(finding)}" for finding in findings)
    words = scene.brief.target_words
    user = (
        f"{tell_context(frame, context)}\n\n{_told_of(frame, scene, scenes)}\n\n"
        f"This is how the scene was written:\n\n{text}\n\n"
        f"An editor found this wrong with it:\n{wrong}\n\n"
        f"Write the whole scene again, in about {words} words, with this put right and everything else kept."
        f"{_tense(frame, scene)}"
    )
    return _ask("revise_scene", 10, user, _room(frame, scene, scenes), temperature)


def wording(frame: StoryFrame, scene: Scene) -> tuple[str, ...]:
    """The words of these questions that are the same for every story: nothing of them belongs into a scene."""
    bare = scene.model_copy(update={"brief": SceneBrief(purpose="", cast=scene.brief.cast[:1])})
    anybody = frame.model_copy(update={"concept": None})
    numbered = [bare.model_copy(update={"number": number}) for number in range(1, len(OPENINGS) + 2)]
    told = [_told_of(anybody, each, scenes) for each in numbered for scenes in (each.number, each.number + 1)]
    return (SCENE_SYSTEM, *told, *(_tense(frame, scene.model_copy(update={"number": n.number})) for n in numbered))


def _wrong(finding: Finding) -> str:
    """What is wrong, as one tells a writer."""
    told = finding.description
    if finding.kind is FaultKind.LENGTH:
        more = "Tell more of what people do, say and see." if "short" in told else "Tell it with fewer words."
        return f"{told} {more}"
    if finding.kind is FaultKind.JUDGED:
        return f"{told} The scene says “{finding.quote}”, but before: “{finding.other_quote}”."
    return f"{told} It says “{finding.quote}”."


def _ask(node: str, version: int, user: str, tokens: float, temperature: float) -> Prompt:
    return Prompt(
        agent="scene_generator",
        node=node,
        version=f"{node}/{version}",
        system=SCENE_SYSTEM,
        user=user,
        max_tokens=int(tokens) + 40,
        temperature=temperature,
    )


def _room(frame: StoryFrame, scene: Scene, scenes: int) -> float:
    """Tokens of a scene's text; the last one has room to reach its end rather than be cut before it."""
    room = scene.brief.target_words * tokens_of_a_word(frame.story.language)
    return ROOM_TO_END * room if scene.number == scenes else room


def _told_of(frame: StoryFrame, scene: Scene, scenes: int) -> str:
    """What happens in the scene and how to write it, as one would tell a colleague; nothing here looks like a form."""
    brief = scene.brief
    lead = brief.cast[0] if brief.cast else "the protagonist"
    words = brief.target_words
    short = f"two paragraphs of about {max(4, round(words / WORDS_OF_A_SENTENCE))} sentences together"
    paragraphs = short if words < 250 else f"about {max(4, round(words / 90))} paragraphs"
    where = ", ".join(part for part in (_at(brief.place), _begun(brief.story_time)) if part)
    parts = [
        f"Write scene {scene.number} of {scenes} as a novelist would, in prose and nothing else: {paragraphs}, about {words} words{', in the third person and the past tense' if tells_in_past(frame) else ''}. "
        f"Show what {lead} sees, hears and does, and let somebody speak.",
        f"In this scene {_within(brief.purpose)}",
        f"Bring in {_and(brief.cast)}{where and f', {where}'}." if brief.cast else "",
        f"These moments belong in it: {'; '.join(beat.rstrip('.') for beat in brief.beats)}." if brief.beats else "",
        f"When it is over, {_within(brief.exit)}" if brief.exit else "",
        f"It makes a reader wonder: {' '.join(brief.plants)}" if brief.plants else "",
        f"It shows the answer to what a reader wonders about: {' '.join(brief.payoffs)}" if brief.payoffs else "",
        _position(frame, scene.number, scenes),
    ]
    return " ".join(part for part in parts if part)


def tells_in_past(frame: StoryFrame) -> bool:
    """Whether a story is told in the past tense: always, unless its style or its sample is in another manner."""
    manner = f"{frame.story.style} {frame.story.style_sample}".casefold()
    return not _OTHER_MANNER.search(manner)


def _tense(frame: StoryFrame, scene: Scene) -> str:
    """The last word of a question: a small model slips into the tense of the plan else."""
    if not tells_in_past(frame):
        return ""
    told = ""
    if language_tag(frame.story.language).startswith("en") and scene.brief.cast:
        lead = scene.brief.cast[0].split()[0]
        told = f", as something that happened: {', '.join(f'{lead} {verb}' for verb in _opening(scene.number)[1].split(', '))}"
    return f"\n\nTell it all in the past tense{told}."


def _position(frame: StoryFrame, number: int, scenes: int) -> str:
    begin = f" Begin with {_opening(number)[0]}."
    if number == scenes and scenes > 1:
        ending = frame.concept.ending if frame.concept else ""
        told = f" The story ends like this: {ending}" if ending else ""
        return f"This is the last scene: bring the story to its end, and let its last sentence close the book.{told}{begin}"
    if number == 1:
        return "This is the first scene: begin with a sound or an image, in the middle of something."
    return f"Go on where the scene before ended, and tell nothing again that was told.{begin}"


def _opening(number: int) -> tuple[str, str]:
    return OPENINGS[(number - 2) % len(OPENINGS)]


def _at(place: str) -> str:
    return f"at {_begun(place)}" if place else ""


def _and(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _within(text: str) -> str:
    """A sentence to go on with: its full stop and, unless a name, its first letter fitted in."""
    text = _begun(text.strip())
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _begun(text: str) -> str:
    """A few words in the middle of a sentence: what begins with no name begins small."""
    article = text.split(" ", 1)[0] in {
        "The",
        "A",
        "An",
        "They",
        "He",
        "She",
        "It",
        "Somebody",
        "Someone",
        "After",
        "Before",
        "When",
        "At",
        "In",
        "On",
        "During",
        "Her",
        "His",
        "Their",
        "Late",
        "Early",
    }
    return text[0].lower() + text[1:] if article else text
