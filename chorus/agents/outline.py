"""The outline settled in code: exactly the scenes asked for, with the cast there is, in chapters of a fair size."""

from collections.abc import Sequence
from itertools import pairwise

from chorus.agents import names
from chorus.agents.answers import ScenePlanAnswer
from chorus.agents.lines import one_line, one_sentence, tidy_title, title_of
from chorus.domain.context import StoryFrame
from chorus.domain.story import Chapter, Outline, Scene, SceneBrief

SCENES_PER_CHAPTER = 3
_ARC = (
    (
        0.0,
        "shows what is wrong and why it cannot wait",
        "{lead} finds out what is wrong and cannot look away.",
    ),
    (0.2, "lets the protagonist try something that fails", "{lead} tries the first way out, and it fails."),
    (0.4, "reveals something that changes everything", "{lead} learns something that changes everything."),
    (0.6, "sets a person or a force against the protagonist", "Somebody {lead} trusted turns away."),
    (0.75, "leaves the protagonist one hard decision", "{lead} has nothing left but a hard choice, and makes it."),
    (0.95, "brings the story to its end", "{lead} brings it to an end and lives with it."),
)
"""Where a scene stands in a story (share of the way), what scenes there do, and what happens if nothing was planned."""


def chapter_sizes(scenes: int) -> list[int]:
    """Divide scenes into chapters of two to four, as evenly as can be."""
    chapters = max(1, round(scenes / SCENES_PER_CHAPTER))
    if scenes >= 4:
        chapters = max(2, chapters)
    size, larger = divmod(scenes, chapters)
    return [size + 1] * larger + [size] * (chapters - larger)


def settle_outline(
    frame: StoryFrame, plans: Sequence[ScenePlanAnswer], titles: Sequence[str], scenes: int, words: int
) -> Outline:
    """Make an outline of exactly ``scenes`` scenes, whatever was planned."""
    story_id = frame.story.id
    briefs = _linked([_brief(frame, plan, words) for plan in _complete(frame, plans, scenes)])
    chapters: list[Chapter] = []
    placed: list[Scene] = []
    for number, size in enumerate(chapter_sizes(scenes), 1):
        title = tidy_title(titles[number - 1]) if number <= len(titles) else ""
        taken = {chapter.title for chapter in chapters}
        title = title if title and title not in taken else f"Chapter {number}"
        chapter = Chapter(story_id=story_id, number=number, title=title)
        chapters.append(chapter)
        for given, brief in briefs[len(placed) : len(placed) + size]:
            name = _fresh_title([given, tidy_title(brief.place), title_of(brief.purpose)], placed)
            placed.append(
                Scene(story_id=story_id, chapter_id=chapter.id, number=len(placed) + 1, title=name, brief=brief)
            )
    return Outline(chapters=tuple(chapters), scenes=tuple(placed))


def lint_outline(outline: Outline, cast: Sequence[str]) -> list[str]:
    """Say in plain words what is doubtful about an outline; empty when nothing is."""
    problems: list[str] = []
    seen: dict[str, int] = {}
    for scene in outline.scenes:
        event = scene.brief.purpose.casefold()
        if event in seen:
            problems.append(f"Scenes {seen[event]} and {scene.number} tell the same event.")
        seen.setdefault(event, scene.number)
        strangers = [name for name in scene.brief.cast if name not in cast]
        if strangers:
            problems.append(f"Scene {scene.number} has {', '.join(strangers)}, whom the cast does not know.")
    return problems


def _fresh_title(candidates: Sequence[str], placed: Sequence[Scene]) -> str:
    taken = {scene.title for scene in placed}
    return next((title for title in candidates if title and title not in taken), f"Scene {len(placed) + 1}")


def _complete(frame: StoryFrame, plans: Sequence[ScenePlanAnswer], scenes: int) -> list[ScenePlanAnswer]:
    """Fill up a short outline before its last scene, and give each scene an event of its own."""
    told: set[str] = set()
    kept = []
    for plan in plans[:scenes]:
        event = one_sentence(plan.event, 300).casefold()
        if event and event not in told:
            told.add(event)
            kept.append(plan)
    lead = frame.characters[0].name if frame.characters else "the hero"
    first = max(1, len(kept))
    numbers = range(first, first + scenes - len(kept))
    fillers = [
        ScenePlanAnswer(title="", event=_turn(number, scenes, lead), place="", time="", cast=[], beats=[], exit="")
        for number in numbers
    ]
    return [*kept[:-1], *fillers, *kept[-1:]]


def arc_of(number: int, scenes: int) -> str:
    """What scene ``number`` of ``scenes`` is for."""
    return _stage(number, scenes)[1]


def _stage(number: int, scenes: int) -> tuple[float, str, str]:
    way = (number - 1) / (scenes - 1) if scenes > 1 else 1.0
    return next(stage for stage in reversed(_ARC) if way >= stage[0])


def _turn(number: int, scenes: int, lead: str) -> str:
    """Something to happen where nothing was planned; no two scenes of a story get the same."""
    turn = _stage(number, scenes)[2].format(lead=lead)
    before = sum(_stage(other, scenes) is _stage(number, scenes) for other in range(1, number))
    return f"{turn[:-1]}, once more ({before + 1})." if before else turn


def _brief(frame: StoryFrame, plan: ScenePlanAnswer, words: int) -> tuple[str, SceneBrief]:
    known = [character.name for character in frame.characters]
    found = [name for given in plan.cast for name in (names.match(given, known),) if name]
    in_event = [character.name for character in names.mentioned(plan.event, frame.characters)]
    cast = list(dict.fromkeys([*found, *in_event])) or known[:1]
    brief = SceneBrief(
        purpose=one_sentence(plan.event, 300),
        beats=tuple(one_sentence(beat, 160) for beat in plan.beats[:3] if beat.strip()),
        cast=tuple(cast),
        place=one_line(plan.place, limit=120),
        story_time=one_line(plan.time, limit=120),
        exit=one_sentence(plan.exit),
        writes=tuple(cast),
        target_words=words,
    )
    return tidy_title(plan.title), brief


def _linked(briefs: Sequence[tuple[str, SceneBrief]]) -> list[tuple[str, SceneBrief]]:
    """Let every scene begin where the one before it ends, and know who was met before."""
    linked = [briefs[0]]
    met: set[str] = set(briefs[0][1].cast)
    for (_, before), (title, brief) in pairwise(briefs):
        reads = tuple(name for name in brief.cast if name in met)
        linked.append((title, brief.model_copy(update={"entry": before.exit, "reads": reads})))
        met |= set(brief.cast)
    return linked
