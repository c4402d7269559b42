"""Whatever outline is accepted, every prompt can be made of it, and it reads as it was meant to."""

from hypothesis import given
from hypothesis import strategies as st

from chorus.agents.outline import linked
from chorus.agents.outline_repair import repair_outline
from chorus.agents.prompts import continuity_editor, scene_generator
from chorus.agents.prompts import story_architect as ask
from chorus.domain.context import SceneContext, StoryFrame
from chorus.domain.outline_draft import ChapterDraft, OutlineDraft, draft_of
from chorus.domain.outline_text import outline_text, read_outline
from chorus.domain.story import Chapter, Character, Outline, Scene, SceneBrief, Story
from chorus.editing.outline_change import change_outline

STORY = Story(title="T", premise="P")
CHAPTER = Chapter(story_id=STORY.id, number=1, title="One")
CAST = (Character(story_id=STORY.id, number=1, name="Ilan Stone", aliases=("the keeper", "")),)
FRAME = StoryFrame(story=STORY, characters=CAST)
NOTHING = SceneContext(choices=(), budget_tokens=1_000)
BEFORE = Outline(
    chapters=(CHAPTER,),
    scenes=tuple(
        linked(
            [
                Scene(
                    story_id=STORY.id,
                    chapter_id=CHAPTER.id,
                    number=number,
                    title=f"S{number}",
                    brief=SceneBrief(purpose=f"Event {number}.", cast=("Ilan Stone",), target_words=500),
                )
                for number in (1, 2)
            ]
        )
    ),
)

odd = st.sampled_from(
    ["", " ", "\t", "\n", ".", "A", "The", "the keeper", "Ilan", " Ilan\nStone ", "{lead}", "\x00", "\u202e"]
)
lines = st.one_of(odd, st.text(max_size=30))
scenes = st.fixed_dictionaries(
    {"purpose": st.one_of(st.just("Ilan wakes."), lines)},
    optional={
        "title": lines,
        "beats": st.lists(lines, max_size=20),
        "cast": st.lists(lines, max_size=6),
        "place": lines,
        "story_time": lines,
        "entry": lines,
        "exit": lines,
        "plants": st.lists(lines, max_size=4),
        "payoffs": st.lists(lines, max_size=4),
        "target_words": st.integers(0, 5_000),
        "locked": st.booleans(),
    },
)


@st.composite
def drafts(draw: st.DrawFn) -> OutlineDraft:
    """Outlines as anybody may send them."""
    wanted = draw(st.lists(scenes, min_size=1, max_size=5))
    numbers = draw(st.permutations([1, 2, None, None, None]))
    sent = [{**scene, "number": number} for scene, number in zip(wanted, numbers, strict=False)]
    for scene in sent:
        if scene["number"] is None and not str(scene["purpose"]).replace("\x00", "").strip():
            scene["purpose"] = "Somebody comes."
    cut = draw(st.integers(0, len(sent)))
    titles = draw(st.tuples(lines, lines))
    return OutlineDraft(
        chapters=tuple(
            ChapterDraft.model_validate({"title": title, "scenes": part})
            for title, part in zip(titles, (sent[:cut], sent[cut:]), strict=True)
        )
    )


@given(drafts(), st.sampled_from(["English", "German", "Japanese"]))
def test_every_prompt_can_be_made_of_any_outline_that_is_accepted(draft: OutlineDraft, language: str) -> None:
    made = change_outline(BEFORE, draft, 500, CAST, language).outline
    frame = FRAME.model_copy(update={"story": STORY.model_copy(update={"language": language})})
    count = len(made.scenes)
    for scene in made.scenes:
        brief = scene.brief
        assert brief.purpose.strip()
        assert brief.target_words > 0
        assert all(each.strip() for each in (*brief.cast, *brief.beats, *brief.plants, *brief.payoffs))
        for prompt in (
            scene_generator.draft(frame, scene, count, NOTHING, 0.7),
            scene_generator.revision(frame, scene, count, NOTHING, "Text.", (), 0.7),
            continuity_editor.digest(frame, scene, "Text.", brief.plants, 3),
        ):
            assert prompt.max_tokens > 0
    told = [(chapter, [s.title for s in made.scenes if s.chapter_id == chapter.id]) for chapter in made.chapters]
    assert all(titles for _, titles in told)
    assert continuity_editor.chapters(language, told).user
    more = [scene.brief.purpose for scene in made.scenes]
    asked = ask.outline(
        frame, first=count + 1, last=count + 1, total=count + 1, chapters=1, arc=["ends"], so_far=more, beats=2,
        threads=0, temperature=0.7,
    )  # fmt: skip
    assert all(event in asked.user for event in more)
    mended, _ = repair_outline(made, ["Ilan Stone"])
    assert repair_outline(mended, ["Ilan Stone"]) == (mended, [])


@given(drafts())
def test_an_outline_that_was_accepted_is_the_same_when_it_is_sent_again(draft: OutlineDraft) -> None:
    made = change_outline(BEFORE, draft, 500, CAST).outline
    assert change_outline(made, draft_of(made), 500, CAST).outline == made
    again = change_outline(made, read_outline(outline_text(draft_of(made), "T")), 500, CAST).outline
    assert [scene.brief for scene in again.scenes] == [scene.brief for scene in made.scenes]
