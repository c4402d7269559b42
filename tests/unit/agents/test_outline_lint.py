"""Each rule of the outline lint: what it says, and about what it keeps silent."""

from collections.abc import Mapping
from uuid import uuid4

import pytest

from chorus.agents.arc import turn_of
from chorus.agents.outline import linked
from chorus.agents.outline_lint import LintKind, LintProblem, lint_outline
from chorus.agents.outline_repair import repair_outline
from chorus.agents.travel import list_ways
from chorus.domain.story import Chapter, Outline, Scene, SceneBrief, Story, WorldElement, WorldElementKind

STORY = Story(title="T", premise="P")
CHAPTER = Chapter(story_id=STORY.id, number=1, title="One")
CAST = ["Elias Thorne", "Mara Voss"]
EVENTS = (
    "Elias finds a sealed letter in a green bottle on the beach.",
    "Mara refuses to repair the broken lamp before winter.",
    "A storm drowns the supply boat with everything aboard.",
    "The letter turns out to be written by Elias himself.",
)


def outline(*briefs: Mapping[str, object]) -> Outline:
    scenes = [
        Scene(
            story_id=STORY.id,
            chapter_id=CHAPTER.id,
            number=number,
            title=f"S{number}",
            brief=SceneBrief.model_validate({"purpose": EVENTS[number - 1], "cast": ("Elias Thorne",), **brief}),
        )
        for number, brief in enumerate(briefs, 1)
    ]
    return Outline(chapters=(CHAPTER,), scenes=tuple(linked(scenes)))


def doubts(*briefs: Mapping[str, object]) -> list[LintProblem]:
    return lint_outline(outline(*briefs), CAST)


def test_a_sound_outline_is_not_doubted() -> None:
    sound = {"beats": ("one", "two"), "target_words": 700, "exit": "The lamp is lit."}
    assert doubts({**sound, "story_time": "Day 1, 18:00"}, {**sound, "story_time": "Day 2, dawn"}, sound) == []


@pytest.mark.parametrize(
    "again",
    [
        EVENTS[0],
        EVENTS[0].upper(),
        "Elias Thorne finds a letter, sealed, in a green bottle down on the beach.",
        "On the beach Mara finds the sealed letter in its green bottle.",
    ],
)
def test_an_event_told_twice_is_found_also_in_other_words(again: str) -> None:
    found = doubts({}, {}, {"purpose": again})
    assert [(problem.kind, problem.scenes) for problem in found] == [(LintKind.REPEATED_EVENT, (1, 3))]


@pytest.mark.parametrize(
    "other",
    [
        "Elias finds a second bottle, and this one is empty.",
        "Mara burns the letter on the beach before anybody can read it.",
        "Elias finds sealed letter 2 in a green bottle on the beach.",
    ],
)
def test_an_event_that_is_only_near_is_another_one(other: str) -> None:
    assert doubts({}, {"purpose": other}) == []


@pytest.mark.parametrize(
    ("first", "second", "is_doubted"),
    [
        ("Day 3, evening", "Day 2, morning", True),
        ("Day three", "day two", True),
        ("Day 2, 18:30", "Day 2, 9:15", True),
        ("Day 2, 6 pm", "Day 2, 9 am", True),
        ("Winter 1943", "Spring 1941", True),
        ("Day 2, 9:15", "Day 2, 18:30", False),
        ("Day 3, evening", "Flashback: day 1", False),
        ("Winter 1943", "Two years earlier, 1941", False),
        ("Evening", "Morning", False),
        ("18:30", "9:15", False),
        ("", "", False),
    ],
)
def test_time_goes_back_only_where_it_is_said(first: str, second: str, *, is_doubted: bool) -> None:
    kinds = [problem.kind for problem in doubts({"story_time": first}, {"story_time": second})]
    assert kinds == ([LintKind.TIME_BACKWARDS] if is_doubted else [])


def test_after_a_look_back_time_goes_on_from_where_it_was() -> None:
    times = ("Day 5", "Flashback, day 1", "Day 4")
    found = doubts(*({"story_time": when} for when in times))
    assert [(problem.kind, problem.scenes) for problem in found] == [(LintKind.TIME_BACKWARDS, (1, 3))]


def test_nobody_is_at_two_places_at_once() -> None:
    here = {"place": "The lighthouse", "story_time": "Day 1, 20:00"}
    there = {"place": "The harbour", "story_time": "Day 1, 8 pm"}
    assert [problem.about for problem in doubts(here, there)] == [("Elias Thorne",)]
    assert doubts(here, {**there, "cast": ("Mara Voss",)}) == []
    assert doubts(here, {**there, "place": "lighthouse"}) == []
    meanwhile = doubts({"place": "The lighthouse"}, {"place": "The harbour", "story_time": "Meanwhile"})
    assert [problem.kind for problem in meanwhile] == [LintKind.TWO_PLACES]


LIGHTHOUSE, HARBOUR, INN = "Sable Point Light", "Orla Harbour", "The Red Inn"


def world(told: str, *, kind: WorldElementKind = WorldElementKind.PLACE) -> list[WorldElement]:
    """Three places, and what is told of the first."""
    texts = {LIGHTHOUSE: told, HARBOUR: "Boats lie here for two hours.", INN: "Loud."}
    return [
        WorldElement(
            story_id=STORY.id, number=n, kind=kind if n == 1 else WorldElementKind.PLACE, name=name, description=text
        )
        for n, (name, text) in enumerate(texts.items(), 1)
    ]


@pytest.mark.parametrize(
    ("told", "minutes"),
    [
        ("It stands two hours by boat from Orla Harbour.", 120),
        ("Orla Harbour is 3 days’ ride away.", 3 * 24 * 60),
        ("From the mainland one needs half an hour to reach Orla Harbour.", 30),
        ("Orla Harbour is an hour away. In winter it is two hours from Orla Harbour.", 60),
        ("It was built for two hours of light between storms at Orla Harbour.", None),
        ("Two days from now Orla Harbour will freeze.", None),
        ("It is two hours from Orla Harbour and the Red Inn.", None),
        ("It is two hours from the sea.", None),
        ("Orla Harbour needs three days to mend its boats.", None),
        ("It is an old and tall tower.", None),
    ],
)
def test_how_long_a_way_is_is_read_where_the_world_says_so(told: str, minutes: int | None) -> None:
    assert list_ways(world(told)) == ({frozenset({LIGHTHOUSE, HARBOUR}): minutes} if minutes else {})


@pytest.mark.parametrize(
    ("first", "second", "is_doubted"),
    [
        ("Day 1, 20:00", "Day 1, 20:30", True),
        ("Day 1, 20:00", "Day 1, 21:30", False),
        ("Day 1, 23:50", "Day 2, 00:10", True),
        ("Day 1", "Day 1, night", False),
        ("Day 1, 20:00", "Later", False),
        ("Day 1, 20:00", "Day 1, 20:30, meanwhile", False),
        ("Day 2, 20:00", "Flashback, day 2, 20:10", False),
        ("1901, day 1, 20:00", "1902, day 1, 20:10", False),
    ],
)
def test_nobody_travels_faster_than_the_world_allows(first: str, second: str, *, is_doubted: bool) -> None:
    far = world("It stands two hours by boat from Orla Harbour.")
    here, there = {"place": LIGHTHOUSE, "story_time": first}, {"place": "Orla Harbour", "story_time": second}

    def travel(*briefs: Mapping[str, object], ways: list[WorldElement] = far) -> list[tuple[str, ...]]:
        return [p.about for p in lint_outline(outline(*briefs), CAST, ways) if p.kind is LintKind.TRAVEL]

    assert travel(here, there) == ([("Elias Thorne",)] if is_doubted else [])
    assert travel(here, {**there, "cast": ("Mara Voss",)}) == []
    assert travel(here, {**there, "place": INN}) == []
    assert travel(here, {"place": "", "story_time": first}, there) == []
    assert travel(here, there, ways=world("A tower.")) == []


def test_a_way_of_days_is_not_made_within_one() -> None:
    far = world("Orla Harbour is three days’ ride from here.")
    days = [{"place": LIGHTHOUSE, "story_time": "Day 1"}, {"place": HARBOUR, "story_time": "Day 1"}]
    assert [p.kind for p in lint_outline(outline(*days), CAST, far)] == [LintKind.TRAVEL]
    assert lint_outline(outline(days[0], {**days[1], "story_time": "Day 2"}), CAST, far) == []


def test_threads_are_opened_before_they_are_answered_and_none_is_left() -> None:
    kept = {"plants": ("Who wrote it?",)}
    assert doubts(kept, {}, {"payoffs": ("who wrote it?",)}) == []
    assert [problem.kind for problem in doubts(kept, {})] == [LintKind.OPEN_THREAD]
    assert [problem.kind for problem in doubts({"payoffs": ("Who wrote it?",)}, kept)] == [
        LintKind.UNPLANTED,
        LintKind.OPEN_THREAD,
    ]


def test_beats_cover_the_words_and_no_more() -> None:
    beats = ("one", "two", "three", "four")
    assert [problem.kind for problem in doubts({"beats": ("one",), "target_words": 2000})] == [LintKind.THIN]
    assert [problem.kind for problem in doubts({"beats": beats, "target_words": 100})] == [LintKind.CROWDED]
    assert doubts({"beats": beats, "target_words": 2000}) == []


def test_contracts_join_up() -> None:
    joined = outline({"exit": "The lamp is lit."}, {})
    second = joined.scenes[1].brief.model_copy(update={"entry": "It is dark.", "reads": ("Mara Voss",), "writes": CAST})
    broken = joined.model_copy(
        update={"scenes": (joined.scenes[0], joined.scenes[1].model_copy(update={"brief": second}))}
    )
    assert {p.kind for p in lint_outline(broken, CAST)} == {LintKind.CONTRACT, LintKind.READS, LintKind.WRITES}
    assert repair_outline(broken, CAST)[0] == joined


def test_what_code_can_mend_is_mended_and_said() -> None:
    ill = outline(
        {"payoffs": ("Who wrote it?",)},
        {"cast": ("Zog",)},
        {"purpose": EVENTS[0], "beats": (), "target_words": 700},
        {"cast": (), "purpose": ""},
    )
    mended, done = repair_outline(ill, CAST)
    assert lint_outline(mended, CAST) == []
    assert {problem.kind for problem in done} == {
        LintKind.UNPLANTED,
        LintKind.UNKNOWN_CAST,
        LintKind.REPEATED_EVENT,
        LintKind.THIN,
        LintKind.NO_EVENT,
        LintKind.NO_CAST,
    }
    assert mended.scenes[1].brief.cast == ("Elias Thorne",)
    assert len({scene.brief.purpose for scene in mended.scenes}) == 4
    assert all(problem.words.startswith("Scene ") for problem in done)
    assert repair_outline(ill, CAST)[0] == mended


def test_what_has_no_one_right_answer_is_left_to_a_person() -> None:
    ill = outline({"plants": ("Who wrote it?",), "story_time": "Day 2"}, {"story_time": "Day 1"})
    assert repair_outline(ill, CAST) == (ill, [])


def imported(of: Outline, number: int) -> Outline:
    """An outline with a scene that is written and was never planned."""
    bare = of.scenes[number - 1].model_copy(update={"brief": SceneBrief(purpose=""), "revision_id": uuid4()})
    return of.model_copy(update={"scenes": (*of.scenes[: number - 1], bare, *of.scenes[number:])})


@pytest.mark.parametrize(
    ("one", "other", "is_doubted"),
    [
        ("Day 1, noon", "Day 1, 12:00", True),
        ("Tag 1, 21 Uhr", "Tag 1, 21:00", True),
        ("Tag 1, 21 Uhr 30", "Tag 1, 21:30", True),
        ("Jour 1, 21h30", "Jour 1, 21:30", True),
        ("Day 1, noon", "Day 1, after noon", False),
        ("Day 1, noon", "Day 1, afternoon", False),
        ("Day 1, noon", "Day 2, noon", False),
        ("Day 1, 2:00", "Day 1, 2 h later", False),
    ],
)
def test_the_same_hour_is_known_in_other_words(one: str, other: str, *, is_doubted: bool) -> None:
    found = doubts({"place": "The lighthouse", "story_time": one}, {"place": "The harbour", "story_time": other})
    assert [problem.kind for problem in found] == ([LintKind.TWO_PLACES] if is_doubted else [])


def test_what_was_imported_is_not_doubted_for_having_no_plan() -> None:
    sound = {"beats": ("one", "two"), "target_words": 700}
    scenes = imported(imported(outline(sound, sound, sound), 1), 2).scenes
    whole = Outline(chapters=(CHAPTER,), scenes=(*scenes[:2], *linked(scenes[2:], scenes[:2])))
    assert lint_outline(whole, CAST) == []
    unwritten = whole.scenes[1].model_copy(update={"revision_id": None})
    found = lint_outline(whole.model_copy(update={"scenes": (scenes[0], unwritten, whole.scenes[2])}), CAST)
    assert {problem.kind for problem in found} == {LintKind.NO_EVENT, LintKind.NO_CAST}


def test_only_scenes_from_the_first_one_wanted_are_mended() -> None:
    ill = outline({"cast": ("Zog",)}, {"exit": "Done."}, {"purpose": EVENTS[0]}, {"cast": ("Zog",)})
    mended, done = repair_outline(ill, CAST, first=3)
    assert mended.scenes[:2] == ill.scenes[:2]
    assert {problem.kind for problem in done} == {LintKind.REPEATED_EVENT, LintKind.UNKNOWN_CAST}
    assert mended.scenes[3].brief.cast == ("Elias Thorne",)
    assert mended.scenes[2].brief.entry == "Done."


@pytest.mark.parametrize("count", [2, 3, 14])
def test_there_is_always_another_event_to_fall_back_on(count: int) -> None:
    ending = turn_of(count, count, "Elias Thorne")
    ill = outline(*({} for _ in EVENTS[:2])).scenes[0]
    scenes = [
        ill.model_copy(update={"number": number, "brief": SceneBrief(purpose=ending, cast=("Elias Thorne",))})
        for number in range(1, count + 1)
    ]
    mended, _ = repair_outline(Outline(chapters=(CHAPTER,), scenes=tuple(linked(scenes))), CAST)
    assert len({scene.brief.purpose for scene in mended.scenes}) == count
    assert not [p for p in lint_outline(mended, CAST) if p.kind is LintKind.REPEATED_EVENT]
