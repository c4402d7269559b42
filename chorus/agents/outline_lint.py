"""What is doubtful about an outline, found by code: each problem a value, so that it can be mended, shown or counted.

Leaves mending to ``outline_repair``. An outline that a person wrote is judged by the same rules as a model's.
"""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from itertools import combinations, pairwise

from chorus.agents.likeness import Gist, alike, gist_of
from chorus.agents.names import match
from chorus.agents.story_time import StoryTime, looks_back, story_time_of
from chorus.agents.travel import list_ways
from chorus.domain.story import Outline, Scene, SceneBrief, WorldElement
from chorus.domain.value import Value

WORDS_PER_MOMENT = 450
"""More words than this on one event or beat, and a writer pads."""
DAY_MINUTES = 24 * 60
LEAST_WORDS_PER_MOMENT = 40
"""Fewer, and nothing can happen in it."""


class LintKind(StrEnum):
    """What can be wrong with an outline."""

    REPEATED_EVENT = "repeated_event"
    NO_EVENT = "no_event"
    UNKNOWN_CAST = "unknown_cast"
    NO_CAST = "no_cast"
    TWO_PLACES = "two_places"
    TRAVEL = "travel"
    TIME_BACKWARDS = "time_backwards"
    OPEN_THREAD = "open_thread"
    UNPLANTED = "unplanted"
    THIN = "thin"
    CROWDED = "crowded"
    CONTRACT = "contract"
    READS = "reads"
    WRITES = "writes"


class LintProblem(Value):
    """One thing that is doubtful, in which scenes, in plain words; ``about`` names what it is about, if it can."""

    kind: LintKind
    scenes: tuple[int, ...]
    words: str
    about: tuple[str, ...] = ()


type Problems = Iterator[LintProblem]


def lint_outline(outline: Outline, cast: Sequence[str], world: Sequence[WorldElement] = ()) -> list[LintProblem]:
    """Say what is doubtful about an outline, in story order; empty when nothing is. ``world``: how far places are."""
    found = [problem for rule in _RULES for problem in rule(outline.scenes, cast)]
    found += _journeys(outline.scenes, world)
    return sorted(found, key=lambda problem: problem.scenes)


def is_unplanned(scene: Scene) -> bool:
    """Whether a scene was imported and never planned: its text says what happens in it and who is there."""
    return scene.revision_id is not None and not scene.brief.purpose.strip()


def contract_of(brief: SceneBrief) -> str:
    """What a scene hands to the next one: what has changed, or else what happened."""
    return brief.exit or brief.purpose


def read_by(scene: Scene, before: Sequence[Scene]) -> tuple[str, ...]:
    """Whom a scene takes up: those of its people who were there before."""
    met = {name for earlier in before for name in earlier.brief.cast}
    return tuple(name for name in scene.brief.cast if name in met)


def _events(scenes: Sequence[Scene], cast: Sequence[str]) -> Problems:
    gists: list[tuple[int, Gist]] = []
    for scene in scenes:
        if is_unplanned(scene):
            continue
        if not scene.brief.purpose.strip():
            yield _problem(LintKind.NO_EVENT, [scene], f"Nothing happens in scene {scene.number}.")
            continue
        mine = gist_of(scene.brief.purpose, cast)
        twin = next((number for number, other in gists if alike(mine, other)), None)
        if twin is not None:
            said = f"Scenes {twin} and {scene.number} tell the same event."
            yield LintProblem(kind=LintKind.REPEATED_EVENT, scenes=(twin, scene.number), words=said)
        gists.append((scene.number, mine))


def _cast(scenes: Sequence[Scene], cast: Sequence[str]) -> Problems:
    for scene in scenes:
        strangers = tuple(name for name in scene.brief.cast if name not in cast)
        if strangers:
            said = f"Scene {scene.number} has {', '.join(strangers)}, whom the cast does not know."
            yield _problem(LintKind.UNKNOWN_CAST, [scene], said, strangers)
        elif cast and not scene.brief.cast and not is_unplanned(scene):
            yield _problem(LintKind.NO_CAST, [scene], f"Nobody is in scene {scene.number}.")


def _times(scenes: Sequence[Scene], _cast: Sequence[str]) -> Problems:
    last: tuple[Scene, StoryTime] | None = None
    for scene in scenes:
        when = story_time_of(scene.brief.story_time)
        is_aside = when.goes_back or when.meanwhile or looks_back(scene.brief.purpose)
        if last and when.is_before(last[1]) and not is_aside:
            said = (
                f"Scene {scene.number} ({scene.brief.story_time}) is earlier than scene {last[0].number} "
                f"({last[0].brief.story_time}), and nothing says that it goes back."
            )
            yield _problem(LintKind.TIME_BACKWARDS, [last[0], scene], said)
        if not is_aside and (when.day is not None or when.year is not None):
            last = (scene, when)


def _places(scenes: Sequence[Scene], _cast: Sequence[str]) -> Problems:
    dated = [(scene, story_time_of(scene.brief.story_time)) for scene in scenes]
    together = [
        (a, b) for (a, at), (b, bt) in combinations(dated, 2) if at.minute is not None and at.is_same_moment(bt)
    ]
    meanwhile = [(a, b) for (a, _), (b, when) in pairwise(dated) if when.meanwhile]
    for one, other in dict.fromkeys([*together, *meanwhile]):
        both = tuple(name for name in one.brief.cast if name in other.brief.cast)
        apart = one.brief.place and other.brief.place and not match(one.brief.place, [other.brief.place])
        if both and apart:
            said = (
                f"{' and '.join(both)} cannot be at {one.brief.place} (scene {one.number}) and at {other.brief.place} "
                f"(scene {other.number}) at the same time."
            )
            yield _problem(LintKind.TWO_PLACES, [one, other], said, both)


def _journeys(scenes: Sequence[Scene], world: Sequence[WorldElement]) -> Problems:
    """Who is somewhere else sooner than in half the time that the way takes, by what the world says."""
    ways = list_ways(world)
    places = sorted({name for ends in ways for name in ends})
    seen: dict[str, tuple[Scene, StoryTime, str]] = {}
    for scene in scenes if ways else ():
        when, place = story_time_of(scene.brief.story_time), match(scene.brief.place, places)
        if when.day is None or when.goes_back or when.meanwhile or looks_back(scene.brief.purpose):
            continue
        late: dict[int, list[str]] = {}
        for name in scene.brief.cast:
            before = seen.get(name)
            if before and place and _is_too_soon(before[1], when, ways.get(frozenset({before[2], place}), 0)):
                late.setdefault(before[0].number, []).append(name)
            if place:
                seen[name] = (scene, when, place)
            else:
                seen.pop(name, None)  # they may have set out from anywhere
        for number, names in late.items():
            where = f"{place} (scene {scene.number})"
            said = f"{' and '.join(names)} cannot have come to {where} so soon after scene {number}."
            yield LintProblem(kind=LintKind.TRAVEL, scenes=(number, scene.number), words=said, about=tuple(names))


def _is_too_soon(left: StoryTime, came: StoryTime, way_minutes: int) -> bool:
    """Whether there is not even half the time for the way, however late on its day a scene without an hour is."""
    if left.day is None or came.day is None or left.year != came.year or left.is_same_moment(came):
        return False
    latest = came.minute if came.minute is not None else DAY_MINUTES
    passed = (came.day - left.day) * DAY_MINUTES + latest - (left.minute or 0)
    return 0 <= passed < way_minutes / 2


def _threads(scenes: Sequence[Scene], _cast: Sequence[str]) -> Problems:
    still: dict[str, tuple[Scene, str]] = {}
    for scene in scenes:
        for thread in scene.brief.payoffs:
            if still.pop(thread.casefold(), None) is None:
                said = f"Scene {scene.number} answers “{thread}”, which no scene before it has opened."
                yield _problem(LintKind.UNPLANTED, [scene], said, (thread,))
        still |= {thread.casefold(): (scene, thread) for thread in scene.brief.plants}
    for scene, thread in still.values():
        said = f"Scene {scene.number} opens “{thread}”, and no later scene answers it."
        yield _problem(LintKind.OPEN_THREAD, [scene], said, (thread,))


def _beats(scenes: Sequence[Scene], _cast: Sequence[str]) -> Problems:
    for scene in scenes:
        moments, words = 1 + len(scene.brief.beats), scene.brief.target_words
        if words > moments * WORDS_PER_MOMENT:
            said = f"Scene {scene.number} has {moments} moment(s) for {words} words: it needs more beats."
            yield _problem(LintKind.THIN, [scene], said)
        elif words and len(scene.brief.beats) > 2 and words < moments * LEAST_WORDS_PER_MOMENT:
            said = f"Scene {scene.number} has {moments} moments for {words} words: too many to tell."
            yield _problem(LintKind.CROWDED, [scene], said)


def _contracts(scenes: Sequence[Scene], _cast: Sequence[str]) -> Problems:
    for before, scene in pairwise(scenes):
        if scene.brief.entry != contract_of(before.brief):
            said = f"Scene {scene.number} does not begin where scene {before.number} ends."
            yield _problem(LintKind.CONTRACT, [before, scene], said)


def _ledger(scenes: Sequence[Scene], cast: Sequence[str]) -> Problems:
    for index, scene in enumerate(scenes):
        reads = read_by(scene, scenes[:index])
        unread = tuple(name for name in reads if name not in scene.brief.reads)
        unmet = tuple(name for name in scene.brief.reads if name in cast and name not in reads)
        if unread or unmet:
            said = f"Scene {scene.number} reads the wrong people: {', '.join(unread or unmet)}."
            yield _problem(LintKind.READS, [scene], said, unread or unmet)
        absent = tuple(name for name in scene.brief.writes if name in cast and name not in scene.brief.cast)
        if absent:
            said = f"Scene {scene.number} changes {', '.join(absent)}, who is not in it."
            yield _problem(LintKind.WRITES, [scene], said, absent)


def _problem(kind: LintKind, scenes: Sequence[Scene], words: str, about: tuple[str, ...] = ()) -> LintProblem:
    return LintProblem(kind=kind, scenes=tuple(scene.number for scene in scenes), words=words, about=about)


_RULES: tuple[Callable[[Sequence[Scene], Sequence[str]], Problems], ...] = (
    _events,
    _cast,
    _times,
    _places,
    _threads,
    _beats,
    _contracts,
    _ledger,
)
