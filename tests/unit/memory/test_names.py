"""Who is named by a query, and by what words they are found."""

import pytest

from chorus.memory.names import kin_of, named_in, people_of
from chorus.store import QueryTerm

CAST = people_of(
    [
        ("Elizabeth Bennet", ["Lizzy", "Miss Eliza"]),
        ("Jane Bennet", []),
        ("Will", ["the Keeper of the Light"]),
        ("ハルカ", []),
    ]
)
STEMS = {"Elizabeth": ["elizabeth"], "Lizzy": ["lizzi"], "Eliza": ["eliza"], "Jane": ["jane"], "Will": ["will"]}
STEMS |= {"Keeper": ["keeper"], "Light": ["light"]}


def names(query: str) -> list[str]:
    return [person.name for person in named_in(query, CAST)]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("What did Lizzy’s sister say?", ["Elizabeth Bennet"]),
        ("miss eliza", ["Elizabeth Bennet"]),
        ("the Bennets", []),
        ("Mrs Bennet", ["Elizabeth Bennet", "Jane Bennet"]),
        ("janet and Elizabethan", []),
        ("ハルカは誰", ["ハルカ"]),
    ],
)
def test_people_are_named_by_whole_words(query: str, named: list[str]) -> None:
    assert names(query) == named


def kin(query: str, *terms: str) -> tuple[list[str], dict[str, list[str]]]:
    found, others = kin_of(query, [QueryTerm(term) for term in terms], named_in(query, CAST), STEMS)
    return [term.term for term in found], others


def test_who_is_named_is_meant_by_all_names() -> None:
    assert kin("Where is Lizzy?", "lizzi") == (["lizzi"], {"lizzi": ["elizabeth", "eliza"]})


def test_what_two_are_called_means_neither() -> None:
    assert kin("Bennet", "bennet") == (["bennet"], {})


def test_a_name_that_is_a_stop_word_counts_with_its_capital() -> None:
    assert kin("Will and his light", "light") == (["light", "will"], {"will": ["keeper"]})
    assert kin("what will happen", "happen") == (["happen"], {})
