"""What a scene changed outside its contract, and who reads that."""

from uuid import uuid4

from chorus.domain.canon import Fact
from chorus.domain.context import StoryFrame
from chorus.domain.story import Character, CharacterState, Relationship, Scene, SceneBrief, Story
from chorus.pipeline.changes import changed_ties, changes_outside, reasons_to_look_again

STORY = Story(title="The Lamp")
ANN, BO = (Character(story_id=STORY.id, number=n, name=name) for n, name in enumerate(("Ann", "Bob Reed"), 1))
TEXT = "Ann looked for Bob on the quay."
FRAME = StoryFrame(story=STORY, characters=(ANN, BO))


def scene(number: int, *cast: str, reads: tuple[str, ...] = ()) -> Scene:
    brief = SceneBrief(purpose="Something happens.", cast=cast, writes=cast, reads=reads)
    return Scene(story_id=STORY.id, chapter_id=uuid4(), number=number, title="", brief=brief)


def fact(subject: str, statement: str, evidence: str = "Bob sold it, and said so.") -> Fact:
    return Fact(story_id=STORY.id, subject=subject, statement=statement, evidence=evidence)


def state(character: Character) -> tuple[str, CharacterState]:
    return character.name, CharacterState(
        story_id=STORY.id, character_id=character.id, scene_number=2, place="the quay"
    )


def test_what_a_scene_was_to_write_is_no_change_outside_its_contract() -> None:
    assert changes_outside(scene(2, "Ann"), FRAME, [fact("Ann", "Ann is rich.")], [state(ANN)], [], TEXT) == []


def test_that_somebody_of_the_cast_dies_is_one_all_the_same() -> None:
    """Scenes that are written meanwhile have him alive: no plan told them."""
    name, alive = state(BO)
    fallen = (name, alive.model_copy(update={"alive": False}))
    text = "Bob fell on the quay, dead."
    (change,) = changes_outside(scene(2, "Ann", "Bob Reed"), FRAME, [], [state(ANN), fallen], [], text)
    assert change.entity == "Bob Reed"
    assert reasons_to_look_again([change], scene(3, "Ann", "Bob Reed").brief, "Ann waited for Bob.") == [change]
    assert changes_outside(scene(2, "Ann", "Bob Reed"), FRAME, [], [fallen], [], text, {"Bob Reed"}) == []


def test_a_fact_about_somebody_else_is_one_if_it_names_him() -> None:
    (change,) = changes_outside(scene(2, "Ann"), FRAME, [fact("Bob", "Bob has sold the boat.")], [], [], TEXT)
    assert (change.scene_number, change.entity, change.told) == (2, "Bob Reed", "Bob has sold the boat.")
    assert changes_outside(scene(2, "Ann"), FRAME, [fact("Bob", "The boat is sold.")], [], [], TEXT) == []
    nameless = fact("Bob", "Bob has sold the boat.", evidence="The boat was sold.")
    assert changes_outside(scene(2, "Ann"), FRAME, [nameless], [], [], TEXT) == []


def test_so_is_how_somebody_else_stands_and_who_is_new() -> None:
    new = Character(story_id=STORY.id, number=3, name="Cy", first_scene=2)
    changes = changes_outside(scene(2, "Ann"), FRAME, [], [state(BO)], [new], TEXT)
    assert {change.entity for change in changes} == {"Bob Reed", "Cy"}
    assert changes_outside(scene(2, "Ann"), FRAME, [], [state(BO)], [], "Ann was alone.") == []


def test_nobody_is_known_before_he_is_met() -> None:
    late = FRAME.model_copy(update={"characters": (ANN, BO.model_copy(update={"first_scene": 5}))})
    assert changes_outside(scene(2, "Ann"), late, [fact("Bob", "Bob has sold the boat.")], [], [], TEXT) == []


def test_only_a_scene_that_reads_and_names_what_changed_is_looked_at_again() -> None:
    changes = changes_outside(scene(2, "Ann"), FRAME, [fact("Bob", "Bob has sold the boat.")], [], [], TEXT)
    reader = scene(3, "Ann", reads=("Bob Reed",)).brief
    assert reasons_to_look_again(changes, reader, "Ann waited for Bob.") == changes
    assert reasons_to_look_again(changes, reader, "Ann waited alone.") == []
    assert reasons_to_look_again(changes, scene(3, "Ann").brief, "Ann waited for Bob.") == []


def test_what_a_scene_was_told_already_or_says_itself_is_no_reason() -> None:
    sold = fact("Bob", "Bob has sold the boat.")
    changes = changes_outside(scene(2, "Ann"), FRAME, [sold], [state(BO)], [], TEXT)
    reader, text = scene(3, "Ann", reads=("Bob Reed",)).brief, "Ann waited for Bob."
    assert reasons_to_look_again(changes, reader, text, ["Bob  has sold the boat", "Bob Reed: the quay."]) == []
    assert reasons_to_look_again(changes, reader, f"{text} Bob has sold the boat, she thought.") == changes[1:]
    assert reasons_to_look_again(changes, reader, text, ["Bob Reed: the mill."]) == changes, (
        "a contradiction is not lost"
    )


def test_a_tie_that_changed_concerns_whoever_reads_and_names_both() -> None:
    tie = Relationship(story_id=STORY.id, character_id=ANN.id, other_id=BO.id, kind="no friend any more", valid_from=2)
    (change,) = changed_ties(2, FRAME.characters, [tie])
    assert change.about == "Ann and Bob Reed"
    reader = scene(3, "Ann", "Bob Reed").brief
    assert reasons_to_look_again([change], reader, "Ann waited for Bob.") == [change]
    assert reasons_to_look_again([change], reader, "Bob waited alone.") == []
    assert reasons_to_look_again([change], scene(3, "Ann").brief, "Ann waited for Bob.") == []
