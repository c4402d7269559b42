from hypothesis import given
from hypothesis import strategies as st

from chorus.agents.answers import OutlineAnswer, ScenePlanAnswer, ThreadAnswer
from chorus.agents.lines import title_of
from chorus.agents.outline import chapter_sizes, settle_outline
from chorus.agents.outline_lint import LintKind, lint_outline
from chorus.agents.outline_repair import repair_outline
from chorus.domain.context import StoryFrame
from chorus.domain.story import Character, CharacterRole, Story

STORY = Story(title="T", premise="P")
CAST = tuple(
    Character(story_id=STORY.id, number=n, name=name, role=CharacterRole.ALLY)
    for n, name in enumerate(["Elias Thorne", "Mara Voss"], 1)
)
FRAME = StoryFrame(story=STORY, characters=CAST)

some_text = st.text(max_size=30) | st.sampled_from(["", "Elias", "Mara Voss", "Zog", "The same event."])
plans = st.builds(
    ScenePlanAnswer,
    title=some_text,
    event=some_text,
    place=some_text,
    time=some_text,
    cast=st.lists(some_text, max_size=4),
    beats=st.lists(some_text, max_size=7),
    exit=some_text,
)

threads = st.builds(ThreadAnswer, question=some_text, opens=st.integers(-9, 10**12), answers=st.integers(-9, 10**12))


@given(st.integers(1, 500))
def test_chapters_hold_all_scenes_evenly(scenes: int) -> None:
    sizes = chapter_sizes(scenes)
    assert sum(sizes) == scenes
    assert max(sizes) - min(sizes) <= 1
    assert len(sizes) > 1 or scenes < 4


@given(st.lists(plans, max_size=9), st.lists(some_text, max_size=5), st.integers(1, 16), st.lists(threads, max_size=5))
def test_whatever_is_planned_the_outline_has_the_scenes_asked_for(
    given_plans: list[ScenePlanAnswer], titles: list[str], scenes: int, given_threads: list[ThreadAnswer]
) -> None:
    cast = [c.name for c in CAST]
    planned = settle_outline(FRAME, given_plans, titles, scenes, 200, given_threads)
    outline, _ = repair_outline(planned, cast)
    assert [scene.number for scene in outline.scenes] == list(range(1, scenes + 1))
    assert all(scene.brief.cast and set(scene.brief.cast) <= {c.name for c in CAST} for scene in outline.scenes)
    assert all(scene.brief.purpose and scene.brief.target_words == 200 for scene in outline.scenes)
    assert len({chapter.title for chapter in outline.chapters}) == len(outline.chapters)
    left = {problem.kind for problem in lint_outline(outline, cast)}
    assert left <= {LintKind.TIME_BACKWARDS, LintKind.TWO_PLACES}  # what a person must say
    assert repair_outline(outline, cast) == (outline, [])


def test_what_only_repeats_the_form_is_no_beat_and_no_ending() -> None:
    plan = ScenePlanAnswer(
        title="The Bell",
        event="Mara rings.",
        place="",
        time="",
        cast=[],
        beats=["title", "Mara climbs up."],
        exit="The Bell.",
    )
    (scene,) = settle_outline(FRAME, [plan], [], 1, 80).scenes
    assert (scene.brief.beats, scene.brief.exit) == (("Mara climbs up.",), "")


def test_a_scene_begins_where_the_one_before_ends() -> None:
    answer = OutlineAnswer.model_validate(
        {
            "chapter_titles": ["One"],
            "scenes": [
                {
                    "title": "A",
                    "event": "Elias wakes.",
                    "place": "",
                    "time": "",
                    "cast": [],
                    "beats": [],
                    "exit": "Dawn.",
                },
                {
                    "title": "B",
                    "event": "Mara leaves.",
                    "place": "",
                    "time": "",
                    "cast": ["Elias"],
                    "beats": [],
                    "exit": "",
                },
            ],
        }
    )
    first, second = settle_outline(FRAME, answer.scenes, answer.chapter_titles, 2, 100).scenes
    assert second.brief.entry == first.brief.exit == "Dawn."
    assert second.brief.cast == ("Elias Thorne", "Mara Voss")
    assert second.brief.reads == ("Elias Thorne",)


def test_a_scene_that_is_called_after_its_task_is_called_after_a_thing_in_it() -> None:
    plan = ScenePlanAnswer(title="", event="", place="Pier", time="", cast=[], beats=[], exit="")
    told: list[dict[str, object]] = [
        {"title": "Person or Force Against Elias", "event": "Elias loses his father's watch."},
        {"title": "End of Story", "event": "Mara goes.", "beats": ["She leaves the key."]},
    ]
    outline = settle_outline(FRAME, [plan.model_copy(update=each) for each in told], ["End of Story"], 2, 200)
    assert [scene.title for scene in outline.scenes] == ["His Father's Watch", "The Key"]
    assert [chapter.title for chapter in outline.chapters] == ["Chapter 1"]


def test_a_title_of_first_words_keeps_its_names() -> None:
    assert title_of("somebody Ines trusted turns away.") == "Somebody Ines trusted turns away"
    assert title_of("…") == "Untitled"
