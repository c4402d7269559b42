"""What is always told of a scene, over random stories and budgets."""

from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from chorus.domain.canon import Memory, MemoryKind
from chorus.domain.context import ItemKind, StoryFrame
from chorus.domain.story import Character, CharacterState, Scene, SceneBrief, SceneDigest, Story
from chorus.memory import assemble
from chorus.memory.context import SPARE_SHARE
from chorus.pipeline.questions import open_questions
from chorus.pipeline.scene_context import MOST_SUMMARIES, list_items
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
        for n in range(1, min(number, 20))
    ]
    states = [
        CharacterState(
            story_id=STORY.id, character_id=c.id, scene_number=1, place=f"{c.name}'s room", condition=draw(texts)
        )
        for c in people
        if draw(st.booleans())
    ]
    frame = StoryFrame(story=STORY, characters=people)
    threads = tuple((n, f"Who {n}? {draw(texts)}") for n in range(1, draw(st.integers(1, 4))))
    sheet = Sheet(frame=frame, scene=scene, written=[], digests=digests, seen=number - 1, threads=threads)
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
    asked = [choice for choice in context.choices if choice.item.kind is ItemKind.QUESTION]
    still = open_questions(sheet.digests)
    assert len(asked) == len(sheet.threads) + len(still), "of each it is said whether it was told, and why"
    told_of = {choice.item.source for choice in asked if choice.included}
    assert {f"plan of scene {n}" for n, _ in sheet.threads} | {f"scene {n}" for n, _ in still[-4:]} <= told_of
    assert sum(c.tokens for c in context.choices if c.included and c.item.spare) <= budget * SPARE_SHARE
    entries = [item for item in context.manifest["items"] if item["kind"] == "question"]
    assert len(entries) <= len(told_of) + 2, "what is far back is told of together"


def test_what_is_far_back_is_told_if_there_is_room_for_it_and_accounted_for_if_not() -> None:
    scene = Scene(story_id=STORY.id, chapter_id=uuid4(), number=40, title="", brief=SceneBrief(purpose="They meet."))
    digests = [(n, SceneDigest(summary=f"In scene {n} it rained on the roof all day.")) for n in range(1, 40)]
    sheet = Sheet(frame=StoryFrame(story=STORY), scene=scene, written=[], digests=digests, seen=39)
    items = list_items(sheet, unwritten(STORY.id, 40), [], [], "")
    told = [item.source for item in assemble(items, 1000).told(ItemKind.SUMMARY)]
    assert told == [f"scene {n}" for n in range(39, 39 - len(told), -1)]
    assert MOST_SUMMARIES < len(told) < len(digests)
    assert len(assemble(items, 4000).told(ItemKind.SUMMARY)) == len(digests)
    out = [item for item in assemble(items, 1000).manifest["items"] if not item["included"]]
    assert [(item["source"], item["reason"]) for item in out] == [
        (f"{39 - len(told)} items, scene 1 to scene {39 - len(told)}", "too far back for the budget")
    ]


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
