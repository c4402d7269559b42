"""Which chapters are summed up by what their scenes said before."""

from uuid import UUID

from chorus.domain.story import Chapter, Outline, Scene, SceneBrief
from chorus.pipeline.chapters import list_stale, telling_of

STORY = UUID(int=1)


def book(*summaries: str, told: str = "What happened.") -> Outline:
    """Two scenes to a chapter."""
    chapters = [
        Chapter(id=UUID(int=number), story_id=STORY, number=number, title=f"Chapter {number}", summary=told)
        for number in range(1, len(summaries) // 2 + 1)
    ]
    scenes = [
        Scene(
            story_id=STORY,
            chapter_id=chapters[place // 2].id,
            number=place + 1,
            title="",
            brief=SceneBrief(purpose="To go on."),
            summary=summary,
        )
        for place, summary in enumerate(summaries)
    ]
    return Outline(chapters=tuple(chapters), scenes=tuple(scenes))


def test_only_the_chapter_of_a_scene_that_says_something_else_is_stale_until_it_says_the_same_again() -> None:
    before = book("Ada leaves.", "Bob stays.", "It rains.", "It stops.")
    tellings = [telling_of(chapter, before) for chapter in before.chapters]
    after = book("Ada leaves.", "Bob stays.", "It rains.", "It pours.")
    assert list_stale(before, tellings) == []
    assert [chapter.number for chapter in list_stale(after, tellings)] == [2]
    assert list_stale(before, [*tellings, telling_of(after.chapters[1], after)]) == []


def test_scenes_that_change_places_make_a_chapter_stale_and_one_that_was_never_summed_up_is_not() -> None:
    before = book("Ada leaves.", "Bob stays.")
    tellings = [telling_of(chapter, before) for chapter in before.chapters]
    assert [chapter.number for chapter in list_stale(book("Bob stays.", "Ada leaves."), tellings)] == [1]
    assert list_stale(book("Ada returns.", "Bob stays.", told=""), tellings) == []
