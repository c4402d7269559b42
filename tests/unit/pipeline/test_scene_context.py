"""What is always told of a scene, over random stories and budgets."""

from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from chorus.domain.canon import Memory, MemoryKind
from chorus.domain.context import ItemKind, StoryFrame
from chorus.domain.story import Character, CharacterState, Scene, SceneBrief, SceneDigest, Story
from chorus.memory import assemble
from chorus.pipeline.scene_context import MOST_QUESTIONS, list_items, open_questions
from chorus.pipeline.sheet import Sheet
from chorus.pipeline.state import RecalledMemory, SceneState, unwritten

STORY = Story(title="The Lamp")
NAMES = ("Ann", "Bob", "Cecily", "Dora", "Emil", "Faye")
texts = st.text(alphabet="abcdefgh \n“é漢", min_size=1, max_size=300).filter(str.strip)


@st.composite
def sheets(draw: st.DrawFn) -> tuple[Sheet, list[CharacterState], str]:
    cast = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    people = tuple(
        Character(story_id=STORY.id, number=n, name=name, description=f"{name}: {draw(texts)}")
        for n, name in enumerate(NAMES, 1)
    )
    number = draw(st.integers(2, 40))
    brief = SceneBrief(purpose=draw(texts), cast=tuple(cast), entry=f"So it begins: {draw(texts)}")
    scene = Scene(story_id=STORY.id, chapter_id=uuid4(), number=number, title="", brief=brief)
    digests = [
        (n, SceneDigest(summary=draw(texts), planted=(f"Who planted this in {n}? {draw(texts)}",)))
        for n in range(1, min(number, 6))
    ]
    states = [
        CharacterState(
            story_id=STORY.id, character_id=c.id, scene_number=1, place=f"{c.name}'s room", condition=draw(texts)
        )
        for c in people
        if draw(st.booleans())
    ]
    frame = StoryFrame(story=STORY, characters=people)
    sheet = Sheet(frame=frame, scene=scene, written=[], digests=digests, seen=number - 1)
    return sheet, states, f"And so it ended: {draw(texts)}"


@given(sheets(), st.integers(0, 4000))
def test_some_things_are_always_told(given_sheet: tuple[Sheet, list[CharacterState], str], budget: int) -> None:
    sheet, states, ending = given_sheet
    brief = sheet.scene.brief
    context = assemble(list_items(sheet, unwritten(STORY.id, sheet.scene.number), states, [], ending), budget)
    people = [item.text for item in context.told(ItemKind.CHARACTER)]
    assert all(any(text.startswith(f"{name} is") for text in people) for name in brief.cast)
    names = {character.id: character.name for character in sheet.frame.characters}
    told = [item.text for item in context.told(ItemKind.STATE)]
    for state in states:
        name = names[state.character_id]
        assert name not in brief.cast or any(text.startswith(f"{name}:") for text in told)
    assert len(context.told(ItemKind.ENDING)) == len(context.told(ItemKind.ENTRY)) == 1
    assert len(context.told(ItemKind.QUESTION)) == min(MOST_QUESTIONS, len(open_questions(sheet.digests)))


def test_a_fact_says_who_knows_it_where_not_everybody_does() -> None:
    brief = SceneBrief(purpose="They meet.", cast=("Ann", "Bob"))
    scene = Scene(story_id=STORY.id, chapter_id=uuid4(), number=3, title="", brief=brief)
    sheet = Sheet(frame=StoryFrame(story=STORY), scene=scene, written=[], digests=[], seen=2)
    known = {"The key is lost.": ("Ann", "Bob", "Cecily"), "Cecily lies.": ("Ann",), "Dora lives.": ("Dora", "Emil")}
    facts = [
        Memory(story_id=STORY.id, scene_number=1, kind=MemoryKind.FACT, text=text, entities=("Emil",), known_by=people)
        for text, people in known.items()
    ]
    hits = [RecalledMemory(memory_id=str(fact.id), score=1.0, rank=1, legs={}) for fact in facts]
    state: SceneState = {**unwritten(STORY.id, 3), "memories": hits}
    told = [item.text for item in list_items(sheet, state, [], facts, "") if item.kind is ItemKind.MEMORY]
    assert told == ["The key is lost.", "Cecily lies. (Known to Ann.)", "Dora lives. (Known to Dora, Emil.)"]
