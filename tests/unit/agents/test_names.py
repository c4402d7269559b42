import pytest

from chorus.agents import names
from chorus.domain.story import CharacterRole

CAST = ["Elias Thorne", "Mara Voss", "The Keeper"]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("Elias Thorne", "Elias Thorne"),
        ("elias", "Elias Thorne"),
        ("Captain Thorne", "Elias Thorne"),
        ("Mara Voss, a widow", "Mara Voss"),
        ("Keeper", "The Keeper"),
        ("“Mara”", "Mara Voss"),
        ("Nobody", None),
        ("", None),
        ("{}", None),
    ],
)
def test_a_name_is_brought_back_to_the_one_it_means(given: str, meant: str | None) -> None:
    assert names.match(given, CAST) == meant


def test_a_name_that_could_be_two_people_is_nobody() -> None:
    assert names.match("Thorne", ["Elias Thorne", "Greta Thorne"]) is None


def test_names_are_tidied_and_told_apart() -> None:
    assert names.distinct(["Ada (the elder)", "ada", "  ", "12", "Mr. Ada", "Ben - a sailor"]) == ["Ada", "Ben"]


@pytest.mark.parametrize("roles", [["minor"], ["ally", "minor"], ["protagonist", "protagonist", "mentor"]])
def test_there_is_exactly_one_protagonist(roles: list[str]) -> None:
    assert names.settle_roles(roles).count(CharacterRole.PROTAGONIST) == 1


def test_a_thing_is_not_taken_for_somebody_without_a_name() -> None:
    known = "Her lost brother's lantern burns in an empty boat."
    people = names.settle_people(["Ines", "Lost Brother", "Brother's Lantern", "Empty Boat"], ["the coast"], known)
    assert people == [("Ines", ""), ("Mara", "Lost Brother")]


def test_forces_of_nature_and_parts_in_the_play_are_nobody_unless_the_premise_has_them() -> None:
    given = ["Ines", "Tsunami", "Protagonist", "Ilan"]
    assert [name for name, _ in names.settle_people(given, [], "Ines keeps a light.")] == ["Ines", "Ilan"]
    assert ("Tsunami", "") in names.settle_people(given, [], "Ines has a dog called Tsunami.")
