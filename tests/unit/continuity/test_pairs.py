"""Pairs of sentences about the same things."""

from chorus.continuity.pairs import LIKELY, MOST, pairs_of

TEXT = "Mara crossed the yard. The door of the mill was blue and had always been blue. “Come in,” said Ilan."


def test_sentences_about_the_same_things_are_paired_as_they_stand() -> None:
    told = ["The door of the mill is red. Ilan is old.", "Nobody has heard from the keeper."]
    (pair,) = pairs_of(told, TEXT, ["Ilan Brandt"])
    assert pair[:2] == ("The door of the mill is red.", "The door of the mill was blue and had always been blue.")
    assert pair.shared >= LIKELY


def test_there_are_never_many_and_the_same_words_make_the_same_pairs() -> None:
    told = [f"The door of house {number} is red." for number in range(20)]
    assert len(pairs_of(told, TEXT)) == MOST
    assert pairs_of(told, TEXT) == pairs_of(told, TEXT)
    assert pairs_of([], TEXT) == pairs_of(told, "") == []
