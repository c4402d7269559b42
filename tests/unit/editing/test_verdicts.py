"""What becomes of a fact is read off the words of its passage."""

from uuid import uuid4

import pytest

from chorus.domain.canon import Fact
from chorus.domain.edit import FactDecision, Verdict
from chorus.editing.verdicts import changed_details, exchange_words, judge_facts

TEXT = "The sea was loud. Mara held the silver key in her hand. Outside, Ilan counted three ships. Nobody spoke."


def fact_of(statement: str, evidence: str) -> Fact:
    start = TEXT.index(evidence)
    return Fact(
        story_id=uuid4(), subject="it", statement=statement, evidence=evidence, span_start=start,
        span_end=start + len(evidence),
    )  # fmt: skip


KEY = fact_of("The key is silver.", "Mara held the silver key in her hand.")
SHIPS = fact_of("There are three ships.", "Ilan counted three ships.")


@pytest.mark.parametrize(
    ("before", "after", "fact", "verdict", "statement"),
    [
        ("The sea was loud.", "The sea was very loud that night.", KEY, Verdict.KEPT, "The key is silver."),
        ("in her hand", "tight in her hand", KEY, Verdict.KEPT, "The key is silver."),
        ("silver", "iron", KEY, Verdict.RESTATED, "The key is iron."),
        ("three ships", "five ships", SHIPS, Verdict.RESTATED, "There are five ships."),
        ("Mara held the silver key in her hand. ", "", KEY, Verdict.RETRACTED, None),
        ("Mara held the silver key in her hand.", "There was no more to be said.", KEY, Verdict.RETRACTED, None),
        ("Mara held the silver", "A stranger sat in the tower by the", KEY, Verdict.RETRACTED, None),
        ("held the silver key", "never held the silver key", KEY, Verdict.RETRACTED, None),
    ],
)
def test_a_fact_goes_with_its_passage(
    before: str, after: str, fact: Fact, verdict: Verdict, statement: str | None
) -> None:
    edited = TEXT.replace(before, after)
    (change,) = judge_facts([fact], TEXT, edited)
    assert change.verdict is verdict
    assert (change.after.statement if change.after else None) == statement
    if change.after:
        assert edited[change.after.span_start : change.after.span_end] == change.after.evidence


def test_a_passage_that_moved_is_found_again() -> None:
    edited = "Mara held the silver key in her hand. " + TEXT.replace("Mara held the silver key in her hand. ", "")
    (change,) = judge_facts([KEY], TEXT, edited)
    assert change.verdict is Verdict.KEPT
    assert change.after
    assert change.after.span_start == 0


def test_a_person_knows_better() -> None:
    said = FactDecision(verdict=Verdict.RESTATED, statement="The key is made of bone.")
    (change,) = judge_facts([KEY], TEXT, TEXT.replace("silver", "white"), {KEY.id: said})
    assert change.after
    assert (change.verdict, change.after.statement) == (Verdict.RESTATED, "The key is made of bone.")
    (kept,) = judge_facts([KEY], TEXT, "Nothing.", {KEY.id: FactDecision(verdict=Verdict.KEPT)})
    assert (kept.verdict, kept.after and kept.after.statement) == (Verdict.KEPT, "The key is silver.")
    (gone,) = judge_facts([KEY], TEXT, TEXT, {KEY.id: FactDecision(verdict=Verdict.RETRACTED)})
    assert gone.after is None


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("was loud", "roared", ()),
        ("Nobody spoke.", "Then nobody spoke.", ()),
        ("Nobody spoke.", "“Go home,” said the wind.", ()),
        ("three ships", "four ships", ("“three” is gone", "“four” is new")),
        ("Ilan counted", "Yara counted", ("“Ilan” is gone", "“Yara” is new")),
        ("Mara held", "Ilan held", ("“Mara” is gone", "“Ilan” is new")),
    ],
)
def test_names_and_numbers_are_no_matter_of_style(before: str, after: str, told: tuple[str, ...]) -> None:
    assert changed_details(TEXT, TEXT.replace(before, after), ["Mara", "Ilan", "Yara"]) == told


def test_words_are_exchanged_whole() -> None:
    told = exchange_words("The key opens no monkey's cage.", "a key is here", "a knife is here")
    assert told == "The knife opens no monkey's cage."
    assert exchange_words("It is of silver.", "She had a silver key.", "She had an iron key.") == "It is of iron."
