"""What a draft of an outline means: pure, so every case is a few lines."""

from uuid import uuid4

import pytest
from pydantic import ValidationError

from chorus.agents.outline import linked
from chorus.domain.outline_draft import (
    OutlineDraft,
    SceneDraft,
    add_scene,
    draft_of,
    edit_scene,
    lock_scenes,
    move_scene,
    remove_scene,
    retitle_chapter,
    shift_scene,
)
from chorus.domain.story import Chapter, Character, Outline, Scene, SceneBrief, Story
from chorus.editing.outline_change import change_outline, first_touched, restored
from chorus.errors import Conflict, InvalidInput

STORY = Story(title="T", premise="P")
CAST = [
    Character(story_id=STORY.id, number=1, name="Ilan Stone", aliases=("Ilan Reed", "the keeper")),
    Character(story_id=STORY.id, number=2, name="Mara Voss"),
]


def outline(scenes: int = 4, *, written: int = 0) -> Outline:
    chapters = [Chapter(story_id=STORY.id, number=n, title=f"C{n}", summary="Told.") for n in (1, 2)]
    made = [
        Scene(
            story_id=STORY.id,
            chapter_id=chapters[number > scenes // 2].id,
            number=number,
            title=f"S{number}",
            brief=SceneBrief(
                purpose=f"Event {number}.", cast=("Ilan Stone",), exit=f"Done {number}.", target_words=500
            ),
            revision_id=uuid4() if number <= written else None,
        )
        for number in range(1, scenes + 1)
    ]
    return Outline(chapters=tuple(chapters), scenes=tuple(linked(made)))


def titles(of: Outline) -> list[str]:
    return [scene.title for scene in of.scenes]


def test_a_draft_of_what_there_is_changes_nothing() -> None:
    before = outline(written=2)
    change = change_outline(before, draft_of(before), 500)
    assert change.is_nothing
    assert change.outline == before


def test_what_a_model_planned_at_length_can_be_edited_beside_it() -> None:
    before = outline()
    scene = before.scenes[1]
    long = scene.model_copy(update={"brief": scene.brief.model_copy(update={"place": "far " * 90})})
    kept = before.model_copy(update={"scenes": (before.scenes[0], long, *before.scenes[2:])})
    assert change_outline(kept, draft_of(kept), 500).is_nothing
    edited = edit_scene(draft_of(kept), 2, purpose="Else.", place="far " * 90)
    assert [scene.brief.purpose for scene in change_outline(kept, edited, 500).outline.scenes][1] == "Else."
    with pytest.raises(ValidationError, match="at most 200"):
        edit_scene(draft_of(kept), 2, place="near " * 90)


def test_a_scene_that_is_moved_joins_its_new_neighbours() -> None:
    before = outline()
    change = change_outline(before, move_scene(draft_of(before), 4, 1), 500)
    assert titles(change.outline) == ["S1", "S4", "S2", "S3"]
    assert [scene.number for scene in change.outline.scenes] == [1, 2, 3, 4]
    assert [scene.brief.entry for scene in change.outline.scenes[1:]] == ["Done 1.", "Done 4.", "Done 2."]
    assert change.moved == (2, 3, 4)
    assert not change.touched
    assert {scene.id for scene in change.outline.scenes} == {scene.id for scene in before.scenes}


def test_a_scene_is_shifted_within_its_chapter_and_over_its_edge() -> None:
    draft = draft_of(outline())

    def shifted(number: int, step: int) -> list[list[int | None]]:
        return [[scene.number for scene in chapter.scenes] for chapter in shift_scene(draft, number, step).chapters]

    assert shifted(2, -1) == [[2, 1], [3, 4]]
    assert shifted(2, 1) == [[1], [2, 3, 4]]
    assert shifted(3, -1) == [[1, 2, 3], [4]]
    assert shifted(1, -1) == shifted(4, 1) == shifted(9, 1) == [[1, 2], [3, 4]]
    assert [chapter.title for chapter in retitle_chapter(draft, 3, "Later").chapters] == ["C1", "Later"]


def test_scenes_are_added_edited_and_removed_in_one_draft() -> None:
    before = outline()
    new = SceneDraft(title="New", purpose="Mara leaves.", cast=("Mara",))
    draft = add_scene(remove_scene(edit_scene(draft_of(before), 1, purpose="Ilan wakes."), 3), new, 4)
    change = change_outline(before, draft, 500, CAST)
    assert titles(change.outline) == ["S1", "S2", "S4", "New"]
    assert (change.added, change.removed, change.moved, change.edited) == ((4,), (3,), (4,), (1,))
    added = change.outline.scenes[3]
    assert (added.brief.cast, added.brief.target_words, added.brief.entry) == (("Mara Voss",), 500, "Done 4.")
    assert change.outline.chapters[1].summary == ""  # it holds other scenes now


def test_what_is_written_is_named_before_it_is_touched() -> None:
    before = outline(written=2)
    draft = draft_of(before)
    assert change_outline(before, edit_scene(draft, 3, purpose="Else."), 500).touched == ()
    assert change_outline(before, edit_scene(draft, 2, purpose="Else."), 500).touched == (2,)
    assert change_outline(before, edit_scene(draft, 2, title="Else"), 500).touched == ()
    assert change_outline(before, remove_scene(draft, 1), 500).touched == (1, 2)
    change = change_outline(before, add_scene(draft, SceneDraft(purpose="First."), 0), 500)
    assert (change.touched, first_touched(change, before)) == ((1, 2), 1)


def test_a_written_scene_is_to_begin_where_its_neighbour_now_ends_unless_it_is_locked() -> None:
    before = outline(written=3)
    draft = edit_scene(draft_of(before), 1, exit="Otherwise.")
    change = change_outline(before, draft, 500)
    assert (change.touched, change.displaced, change.edited) == ((1,), (), (1,))
    assert change.outline.scenes[1].brief == before.scenes[1].brief.model_copy(update={"entry": "Otherwise."})
    assert change.outline.scenes[2:] == before.scenes[2:]
    locked = change_outline(before, lock_scenes(draft, [2]), 500)
    assert locked.outline.scenes[1].brief == before.scenes[1].brief


def test_where_a_written_scene_begins_can_be_said() -> None:
    before = outline(written=3)
    change = change_outline(before, edit_scene(draft_of(before), 2, entry="At  sea."), 500)
    assert (change.edited, change.touched) == ((2,), (2,))
    assert change.outline.scenes[1].brief.entry == "At sea."
    assert change_outline(change.outline, draft_of(change.outline), 500).is_nothing


def test_written_scenes_are_displaced_by_what_comes_before_them_only() -> None:
    before = outline(written=2)
    draft = draft_of(before)
    assert change_outline(before, add_scene(draft, SceneDraft(purpose="Last."), 4), 500).displaced == ()
    assert change_outline(before, add_scene(draft, SceneDraft(purpose="Mid."), 1), 500).displaced == (2,)
    assert change_outline(before, remove_scene(edit_scene(draft, 2, purpose="Else."), 1), 500).displaced == (1, 2)


def test_people_are_meant_by_their_aliases_too_and_blanks_are_nobody() -> None:
    before = outline()
    given = ("the Keeper", " ", "Ilan Reed", "", "Mara", "Nobody\nKnown")
    change = change_outline(before, edit_scene(draft_of(before), 2, cast=given), 500, CAST)
    assert change.outline.scenes[1].brief.cast == ("Ilan Stone", "Mara Voss", "Nobody Known")


def test_what_has_no_title_is_called_in_the_language_of_the_story() -> None:
    before = outline()
    new = {"scenes": [SceneDraft(purpose="Mara kommt.")]}
    draft = OutlineDraft.model_validate({"chapters": [*draft_of(before).chapters, new]})
    made = change_outline(before, draft, 500, language="German").outline
    assert (made.chapters[2].title, made.scenes[4].title) == ("Kapitel 3", "Szene 5")


def test_a_chapter_that_was_emptied_goes() -> None:
    before = outline()
    one, two = draft_of(before).chapters
    emptied = OutlineDraft(chapters=(one.model_copy(update={"scenes": (*one.scenes, *two.scenes)}),))
    shell = two.model_copy(update={"scenes": ()})
    for draft in (emptied, OutlineDraft(chapters=(*emptied.chapters, shell))):
        assert [chapter.title for chapter in change_outline(before, draft, 500).outline.chapters] == ["C1"]


def test_an_imported_scene_that_is_planned_is_to_have_as_many_words_as_the_others() -> None:
    before = outline(written=4)
    bare = before.scenes[1].model_copy(update={"brief": SceneBrief(purpose="")})
    imported = before.model_copy(update={"scenes": (before.scenes[0], bare, *before.scenes[2:])})
    assert change_outline(imported, draft_of(imported), 500).is_nothing
    planned = change_outline(imported, edit_scene(draft_of(imported), 2, purpose="Ilan wakes."), 450)
    assert planned.outline.scenes[1].brief.target_words == 450


def test_a_locked_scene_stays_as_it_is_until_it_is_unlocked() -> None:
    locked = change_outline(outline(), lock_scenes(draft_of(outline()), [2]), 500)
    assert locked.locked == (2,)
    draft = draft_of(locked.outline)
    for wanted in (edit_scene(draft, 2, purpose="Else."), remove_scene(draft, 2)):
        with pytest.raises(Conflict, match="Scene 2 is locked"):
            change_outline(locked.outline, wanted, 500)
    freed = lock_scenes(edit_scene(draft, 2, purpose="Else."), [2], locked=False)
    assert change_outline(locked.outline, freed, 500).edited == (2,)


@pytest.mark.parametrize(
    ("scenes", "said"),
    [
        ([], "from 1 to 500"),
        ([SceneDraft(number=1), SceneDraft(number=1)], "twice"),
        ([SceneDraft(number=9)], "no scene 9"),
        ([SceneDraft(number=1), SceneDraft(title="New")], "Nothing happens in scene 2"),
    ],
)
def test_what_makes_no_sense_is_refused(scenes: list[SceneDraft], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        change_outline(outline(), OutlineDraft.model_validate({"chapters": [{"scenes": scenes}]}), 500)


def test_an_earlier_outline_comes_back() -> None:
    before = outline()
    changed = change_outline(before, remove_scene(move_scene(draft_of(before), 4, 0), 2), 500).outline
    back = change_outline(changed, restored(before, changed), 500).outline
    assert titles(back) == titles(before)
    assert [scene.brief for scene in back.scenes] == [scene.brief for scene in before.scenes]
    assert [chapter.title for chapter in back.chapters] == ["C1", "C2"]


def test_a_restored_outline_leaves_locks_as_they_are_and_calls_people_as_they_are_called() -> None:
    before = outline()
    today = change_outline(before, lock_scenes(edit_scene(draft_of(before), 2, place="At sea"), [2, 3]), 500).outline
    with pytest.raises(Conflict, match="Scene 2 is locked"):
        change_outline(today, restored(before, today), 500)
    named = before.scenes[3].model_copy(
        update={"brief": before.scenes[3].brief.model_copy(update={"cast": ("Ilan Reed",)})}
    )
    version = before.model_copy(update={"scenes": (*before.scenes[:3], named)})
    free = change_outline(today, lock_scenes(draft_of(today), [2], locked=False), 500).outline
    back = change_outline(free, restored(version, free), 500, CAST).outline
    assert back.scenes[3].brief.cast == ("Ilan Stone",)
    assert [scene.locked for scene in back.scenes] == [False, False, True, False]
