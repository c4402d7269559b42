from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from chorus.domain.canon import Fact, MemoryKind
from chorus.domain.story import CharacterState, Revision, RevisionCause, Scene, SceneBrief
from chorus.memory import memories_of_scene
from chorus.memory.remember import LONGEST_PASSAGE, passages


@given(st.text(alphabet="ab. !\n", max_size=6000) | st.text("x", min_size=1300, max_size=5000))
def test_passages_cover_every_word_and_are_never_overlong(text: str) -> None:
    spans = passages(text)
    assert all(0 < end - start <= LONGEST_PASSAGE for start, end in spans)
    covered = {place for start, end in spans for place in range(start, end)}
    assert {place for place, character in enumerate(text) if not character.isspace()} <= covered


def test_spans_point_into_the_text_and_states_name_their_character() -> None:
    story_id = uuid4()
    scene = Scene(story_id=story_id, chapter_id=uuid4(), number=3, title="S", brief=SceneBrief(purpose="p"))
    text = "One. Two. Three. Four. Five."
    revision = Revision(story_id=story_id, scene_id=scene.id, number=1, cause=RevisionCause.DRAFT, text=text, words=5)
    state = CharacterState(story_id=story_id, character_id=uuid4(), scene_number=3, place="the mill", goal="Home")
    memories = memories_of_scene(scene, revision, [], [("Ada", state)])
    for memory in memories:
        if memory.kind is MemoryKind.PASSAGE:
            assert text[memory.span_start : memory.span_end] == memory.text
    assert (memories[-1].kind, memories[-1].text) == (MemoryKind.CHARACTER_STATE, "Ada: the mill; wanting home.")
    assert {(memory.scene_number, memory.valid_from) for memory in memories} == {(3, 3)}


def test_a_fact_is_about_its_subject_and_whom_it_names_and_not_about_who_knows_it() -> None:
    cast = ("Captain Mara Quill", "Tobias", "The Old Keeper")
    scene = Scene(story_id=uuid4(), chapter_id=uuid4(), number=3, title="S", brief=SceneBrief(purpose="p", cast=cast))
    text = "Mara gave the letter to a captain. The lamp was lit."
    revision = Revision(
        story_id=scene.story_id, scene_id=scene.id, number=1, cause=RevisionCause.DRAFT, text=text, words=10
    )

    def fact(subject: str, statement: str, *known_by: str, valid_to: int | None = None) -> Fact:
        given = {"subject": subject, "statement": statement, "known_by": known_by, "valid_to": valid_to}
        return Fact.model_validate({"story_id": scene.story_id, "valid_from": 3, **given})

    letter = fact("the letter", "Mara gave the letter to a captain.", "Tobias", valid_to=4)
    lamp = fact("the lamp", "The lamp was lit.")
    remembered = [m for m in memories_of_scene(scene, revision, [letter, lamp]) if m.kind is MemoryKind.FACT]
    assert [m.entities for m in remembered] == [("the letter", "Captain Mara Quill"), ("the lamp",)]
    assert [m.known_by for m in remembered] == [("Tobias",), cast]
    assert [m.valid_to for m in remembered] == [4, None]
