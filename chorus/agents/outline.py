"""The outline settled in code: exactly the scenes asked for, with the cast there is, in chapters of a fair size.

Leaves what is doubtful about it to ``outline_lint``, and mending that to ``outline_repair``.
"""

from collections.abc import Sequence
from itertools import pairwise

from chorus.agents import names
from chorus.agents.answers import ScenePlanAnswer, ThreadAnswer
from chorus.agents.arc import moments_of, turn_of
from chorus.agents.likeness import Gist, alike, gist_of
from chorus.agents.lines import names_a_task, one_line, one_sentence, thing_in, tidy_title, title_of
from chorus.agents.outline_lint import WORDS_PER_MOMENT, contract_of
from chorus.agents.threads import Thread, settle_threads, thread_briefs
from chorus.domain.context import StoryFrame
from chorus.domain.story import Chapter, Outline, Scene, SceneBrief
from chorus.domain.wording import wording_of

SHORT_BOOK = 12
"""Scenes up to which an outline is asked for in one question."""
_SCENES_PER_CHAPTER = 3
_SCENES_PER_CHAPTER_OF_A_LONG_BOOK = 4
MOST_BEATS = 8


def chapter_sizes(scenes: int) -> list[int]:
    """Divide scenes into chapters of two to five, as evenly as can be; a long book has longer ones."""
    chapters = max(1, round(scenes / (_SCENES_PER_CHAPTER if is_short(scenes) else _SCENES_PER_CHAPTER_OF_A_LONG_BOOK)))
    if scenes >= 4:
        chapters = max(2, chapters)
    size, larger = divmod(scenes, chapters)
    return [size + 1] * larger + [size] * (chapters - larger)


def is_short(scenes: int) -> bool:
    """Whether a story is planned in one question; a longer one gets a spine of chapters first."""
    return scenes <= SHORT_BOOK


def beats_for(words: int) -> int:
    """How many beats a scene of so many words wants."""
    return min(max(2, -(-words // WORDS_PER_MOMENT) - 1), MOST_BEATS)


def settle_outline(
    frame: StoryFrame,
    plans: Sequence[ScenePlanAnswer],
    titles: Sequence[str],
    scenes: int,
    words: int,
    threads: Sequence[ThreadAnswer] = (),
) -> Outline:
    """Make an outline of exactly ``scenes`` scenes, whatever was planned."""
    whole = complete_plans(frame, plans, scenes=range(1, scenes + 1), total=scenes)
    return outline_of_plans(frame, whole, titles, words, settle_threads(threads, scenes))


def outline_of_plans(
    frame: StoryFrame,
    plans: Sequence[ScenePlanAnswer],
    titles: Sequence[str],
    words: int,
    threads: Sequence[Thread] = (),
) -> Outline:
    """Make chapters and scenes of plans that are complete."""
    sizes = chapter_sizes(len(plans))
    chapters = name_chapters(frame, titles, len(sizes))
    homes = [chapter for chapter, size in zip(chapters, sizes, strict=True) for _ in range(size)]
    placed = place_scenes(frame, plans, homes, words)
    return Outline(chapters=tuple(chapters), scenes=tuple(linked(thread_briefs(placed, threads))))


def more_of_plans(
    frame: StoryFrame,
    before: Outline,
    plans: Sequence[ScenePlanAnswer],
    titles: Sequence[str],
    words: int,
    threads: Sequence[Thread] = (),
) -> Outline:
    """Make the chapters and scenes that follow those there are, of plans that are complete."""
    sizes = [
        size
        for first in range(0, len(plans), SHORT_BOOK)
        for size in chapter_sizes(min(SHORT_BOOK, len(plans) - first))
    ]
    chapters = name_chapters(frame, titles, len(sizes), before=len(before.chapters))
    homes = [chapter for chapter, size in zip(chapters, sizes, strict=True) for _ in range(size)]
    placed = place_scenes(frame, plans, homes, words, before.scenes)
    return Outline(chapters=tuple(chapters), scenes=tuple(linked(thread_briefs(placed, threads), before.scenes)))


def name_chapters(frame: StoryFrame, titles: Sequence[str], count: int, before: int = 0) -> list[Chapter]:
    """Make ``count`` chapters after ``before`` others, each with a title of its own."""
    chapters: list[Chapter] = []
    for number in range(before + 1, before + count + 1):
        given = titles[number - before - 1] if number - before <= len(titles) else ""
        title, taken = tidy_title(given), {chapter.title for chapter in chapters}
        title = (
            title
            if title and title not in taken and not names_a_task(title)
            else f"{wording_of(frame.story.language)['Chapter']} {number}"
        )
        chapters.append(Chapter(story_id=frame.story.id, number=number, title=title))
    return chapters


def place_scenes(
    frame: StoryFrame,
    plans: Sequence[ScenePlanAnswer],
    homes: Sequence[Chapter],
    words: int,
    before: Sequence[Scene] = (),
) -> list[Scene]:
    """Make the scenes of the plans, each in its chapter, numbered on from those ``before``."""
    taken = {scene.title for scene in before}
    placed: list[Scene] = []
    for number, (plan, chapter) in enumerate(zip(plans, homes, strict=True), len(before) + 1):
        brief = _brief(frame, plan, words)
        things = [thing_in(line) for line in (*reversed(brief.beats), brief.purpose)]
        candidates = [tidy_title(plan.title), *things, tidy_title(brief.place), title_of(brief.purpose)]
        free = (each for each in candidates if each and each not in taken and not names_a_task(each))
        title = next(free, f"{wording_of(frame.story.language)['Scene']} {number}")
        taken.add(title)
        placed.append(Scene(story_id=frame.story.id, chapter_id=chapter.id, number=number, title=title, brief=brief))
    return placed


def complete_plans(
    frame: StoryFrame,
    plans: Sequence[ScenePlanAnswer],
    *,
    scenes: range,
    total: int,
    events: Sequence[str] = (),
) -> list[ScenePlanAnswer]:
    """Give each of ``scenes``, of ``total``, an event of its own; those missing come before the last one.

    ``events`` is what should happen among them; what no plan tells of comes first.
    """
    cast = [character.name for character in frame.characters]
    told: list[Gist] = []
    kept: list[ScenePlanAnswer] = []
    for plan in plans[: len(scenes)]:
        gist = gist_of(one_sentence(plan.event, 300), cast)
        if gist.whole and not any(alike(gist, other) for other in told):
            told.append(gist)
            kept.append(plan)
    lead = cast[0] if cast else "the hero"
    untold = [event for event in events if not any(alike(gist_of(event, cast), other) for other in told)]
    first = scenes.start + max(0, len(kept) - 1)
    missing = range(first, first + len(scenes) - len(kept))
    fillers = [_filler(number, total, lead, untold.pop(0) if untold else "") for number in missing]
    return [*kept[:-1], *fillers, *kept[-1:]]


def linked(scenes: Sequence[Scene], before: Sequence[Scene] = ()) -> list[Scene]:
    """Let every scene begin where the one before it ends, and know who was met before."""
    met = {name for scene in before for name in scene.brief.cast}
    joined: list[Scene] = []
    for previous, scene in pairwise([before[-1] if before else None, *scenes]):
        if scene is None:
            continue
        entry = contract_of(previous.brief) if previous else scene.brief.entry
        reads = tuple(name for name in scene.brief.cast if name in met)
        brief = scene.brief.model_copy(update={"entry": entry, "reads": reads, "writes": scene.brief.cast})
        joined.append(scene.model_copy(update={"brief": brief}))
        met |= set(brief.cast)
    return joined


def _filler(number: int, total: int, lead: str, event: str) -> ScenePlanAnswer:
    return ScenePlanAnswer(
        title="",
        event=event or turn_of(number, total, lead),
        place="",
        time="",
        cast=[],
        beats=list(moments_of(number, total, lead)),
        exit="",
    )


def _is_a_form(line: str, plan: ScenePlanAnswer, frame: StoryFrame) -> bool:
    """Whether a line of a plan tells nothing: it is empty, a title, or the name of what was asked for."""
    plain = line.strip(" .!?:“”\"'").casefold()
    titles = {plan.title.casefold(), *([frame.concept.title.casefold()] if frame.concept else [])}
    return not plain or plain in titles or plain in ScenePlanAnswer.model_fields


def _brief(frame: StoryFrame, plan: ScenePlanAnswer, words: int) -> SceneBrief:
    known = [character.name for character in frame.characters]
    found = [name for given in plan.cast for name in (names.match(given, known),) if name]
    in_event = [character.name for character in names.mentioned(plan.event, frame.characters)]
    cast = list(dict.fromkeys([*found, *in_event])) or known[:1]
    place = one_line(plan.place, limit=120)
    beats = [one_sentence(beat, 160) for beat in plan.beats if not _is_a_form(beat, plan, frame)]
    return SceneBrief(
        purpose=one_sentence(plan.event, 300),
        beats=tuple(beats[: max(3, beats_for(words))]),
        cast=tuple(cast),
        place=place,
        story_time=one_line(plan.time, limit=120),
        exit="" if _is_a_form(plan.exit, plan, frame) else one_sentence(plan.exit),
        writes=tuple(cast),
        target_words=words,
    )
