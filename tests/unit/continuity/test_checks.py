"""Single checks, where the suite of planted faults does not show which sentence makes the difference."""

from uuid import UUID

import pytest

from chorus.continuity import Dead, Echoes, Subject, look_over
from chorus.continuity.length import Told, is_met, steer
from chorus.domain.canon import FaultKind, Severity
from chorus.domain.story import Character

STORY = UUID(int=1)
CAST = tuple(Character(story_id=STORY, number=n, name=name) for n, name in enumerate(("Mara Voss", "Ilan Brandt"), 1))
PLAIN = "Mara crossed the yard. The gate was open, and a lamp burned in the barn. “Well,” said Ilan, “come in.” "


def kinds(text: str, earlier: str = "", **more: object) -> list[FaultKind]:
    echoes = Echoes()
    if earlier:
        echoes.add(1, earlier)
    subject = Subject.model_validate({"text": text, "cast": CAST, **more})
    return [fault.kind for fault in look_over(subject, echoes, 2)]


@pytest.mark.parametrize(
    "text",
    [
        "There was a baker, Osric, who never slept. Osric smiled.",
        "Her brother Osric opened the door. Osric nodded.",
        "“I am Osric,” said the man. Osric bowed.",
        "They walked through Paris, and London was far away.",
        "Silence answered. Snow whispered on the roof.",
        "The Baker Street clock struck nine. Uncle laughed.",
        "“Mother,” said Mara, “look!” The Queen nodded.",
        "Mara Voss-Brandt laughed. Doctor Voss bowed.",
    ],
)
def test_who_is_introduced_or_nobody_is_no_stranger(text: str) -> None:
    assert kinds(PLAIN + text) == []


def test_who_was_named_before_is_known() -> None:
    text = f"{PLAIN}Then Osric nodded, and Osric's hand shook."
    assert kinds(text) == [FaultKind.STRANGER]
    assert kinds(text, earlier="The man at the ferry was Osric.") == []
    assert kinds(text, lore="Osric keeps the ferry.") == []


def test_a_name_is_misspelt_or_bent() -> None:
    assert kinds(f"{PLAIN}“No,” said Ilam. Then Ilam turned away.") == [FaultKind.RENAMED]
    assert kinds(f"{PLAIN}“No,” said Il. Then Mar turned away.") != [FaultKind.RENAMED]
    german = "Mara ging über den Hof. Das Tor war offen, und in der Scheune brannte Licht. „Nun“, sagte Ilans Bruder. "
    assert kinds(german, language="German") == []


@pytest.mark.parametrize(
    ("sentence", "acts"),
    [
        ("Ilan nodded.", True),
        ("“Come,” said Ilan.", True),
        ("The door opened, and Ilan walked in.", True),
        ("Mara remembered how Ilan laughed.", False),
        ("Ilan had always laughed at this.", False),
        ("“Ilan laughed at everything,” said Mara.", False),
        ("It was the coat that Ilan bought.", False),
        ("In the house Ilan built nobody spoke.", False),
        ("Ilan's chair stood empty.", False),
        ("Ilan's ghost smiled at her from the stairs.", False),
        ("They buried Ilan on Sunday.", False),
    ],
)
def test_the_dead_do_nothing_but_are_spoken_of(sentence: str, acts: bool) -> None:
    dead = (Dead(name="Ilan Brandt", quote="Ilan Brandt is dead."),)
    found = kinds(f"Mara crossed the yard. The lamp burned. {sentence}", dead=dead)
    assert found == [FaultKind.DEAD] * acts


def test_who_is_not_in_the_scene_may_come_and_be_spoken_of() -> None:
    assert kinds("Mara waited. Ilan shrugged and poured the tea.", present=("Mara Voss",)) == [FaultKind.ABSENT]
    assert kinds("Mara waited. At last Ilan came in. Ilan shrugged and poured the tea.", present=("Mara Voss",)) == []
    assert kinds("“Ilan poured the tea,” said Mara.", present=("Mara Voss",)) == []


def test_a_passage_told_again_weighs_by_its_length() -> None:
    long = "She put the three blue cups on the shelf beside the window, one for each of those who had gone to the sea. "
    once = Echoes()
    once.add(1, long)
    (minor,) = look_over(Subject(text=PLAIN + long, cast=CAST), once, 2)
    assert (minor.kind, minor.severity, minor.other_scene) == (FaultKind.REPETITION, Severity.MINOR, 1)
    assert minor.other_quote in long
    twice = look_over(Subject(text=long + PLAIN + long + PLAIN, cast=CAST), Echoes(), 1)
    assert {fault.severity for fault in twice} == {Severity.MAJOR}


def test_what_comes_later_is_not_heard() -> None:
    echoes = Echoes()
    echoes.add(5, PLAIN)
    assert look_over(Subject(text=PLAIN.strip(), cast=CAST), echoes, 5) == []
    assert look_over(Subject(text=PLAIN.strip(), cast=CAST), echoes, 6)


def test_a_foreign_tongue_in_a_mouth_is_no_fault() -> None:
    said = "“Il n'y a plus personne dans la maison, et la porte est ouverte,” said Ilan. "
    told = "Il n'y avait plus personne dans la maison, et la porte de la rue était ouverte. "
    assert kinds(PLAIN + said) == []
    assert kinds(PLAIN + told) == [FaultKind.LANGUAGE]
    assert kinds(told, language="French") == []
    assert FaultKind.LANGUAGE in kinds(PLAIN, language="French")
    assert kinds("他们慢慢地走过街道。雨停了。", language="Chinese") == []


def test_the_wording_of_the_question_is_no_story() -> None:
    asked = ("Go on where the scene before ended, and tell nothing again that was told.",)
    assert kinds(f"{PLAIN}Go on where the scene before ended, and tell nothing again.", asked=asked) == [FaultKind.LEAK]
    plan = ("Mara finds the letter that her father hid behind the clock.",)
    assert kinds(f"{PLAIN}Mara finds the letter that her father hid behind the clock.", brief=plan) == [FaultKind.LEAK]


def test_the_length_has_a_margin_and_the_book_catches_up() -> None:
    assert is_met(115, 100)
    assert not is_met(116, 100)
    assert is_met(7, 0)
    assert steer(100, [], 5) == 100
    assert steer(100, [Told(100, 90)], 5) == 109, "it writes too little, and something is to be made up for"
    assert steer(100, [Told(100, 40)], 1) == 138
    assert steer(100, [Told(100, 140)], 1) == 75
    assert steer(100, [Told(100, 100)] * 3 + [Told(100, 104)], 5) == 98
    assert kinds(PLAIN, target_words=200) == [FaultKind.LENGTH]


@pytest.mark.parametrize("times", [0.88, 0.92, 1.08, 1.12])
@pytest.mark.parametrize(("scenes", "window"), [(3, 1), (12, 1), (12, 4), (24, 8)])
def test_a_model_that_writes_too_much_or_too_little_is_asked_for_what_makes_a_book(
    times: float, scenes: int, window: int
) -> None:
    told: list[Told] = []
    for number in range(1, scenes + 1):
        asked = steer(300, told[: max(0, number - window)], scenes - number + 1, window)
        told.append(Told(300, round(times * asked)))
    assert all(is_met(scene.words, scene.target) for scene in told), "no scene is to be written again for it"
    assert abs(sum(scene.words for scene in told) - 300 * scenes) <= 0.05 * 300 * scenes


NOW = "Mara stands on the quay. She looks out and waits. A bell rings. “I was late,” she says. The boat comes in. "
THEN = "Mara stood on the quay. She looked out and waited. A bell rang. “It is late,” she said. The boat came in. "


def test_a_scene_in_the_present_tense_is_seen_where_the_past_is_asked_for() -> None:
    assert kinds(NOW, in_past=True) == [FaultKind.TENSE]
    assert kinds(THEN, in_past=True) == kinds(NOW) == []
    assert kinds(f"{THEN}The sea is wide, and it knows nobody.", in_past=True) == []


def test_a_scene_that_says_again_what_an_earlier_one_says_is_seen() -> None:
    once = (
        "Mara stands by the broken gate, her eyes wide in fear. The black boat drifts closer to the shore, its lantern "
        "burning. A gull cries over the roofs of the harbour."
    )
    refrain = "Ilan stands by the gate, his eyes wide in fear, broken."
    again = (
        f"{refrain} Closer to the shore the black boat drifts, lantern burning. Over the harbour roofs, a gull cries."
    )
    assert kinds(again, earlier=once) == [FaultKind.REPETITION] * 3
    assert kinds(f"{refrain} {PLAIN}", earlier=once) == []
