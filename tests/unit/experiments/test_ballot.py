from uuid import UUID, uuid4

import pytest

from chorus.domain.experiment import Choice, Vote
from chorus.experiments.ballot import ballot_of
from chorus.experiments.statistics import share_interval

HERE = uuid4()


def ballots(said: dict[int, list[str]]) -> tuple[list[Vote], dict[UUID, tuple[str, int]]]:
    """Votes by premise: which of two arms was preferred, or neither; who comes first changes."""
    votes: list[Vote] = []
    places: dict[UUID, tuple[str, int]] = {}
    for premise, preferred in said.items():
        ids = {arm: uuid4() for arm in ("new", "plain")}
        places |= {ids[arm]: (arm, premise) for arm in ids}
        for turn, arm in enumerate(preferred):
            first, second = ("new", "plain") if turn % 2 else ("plain", "new")
            choice = {first: Choice.FIRST, second: Choice.SECOND}.get(arm, Choice.NEITHER)
            votes.append(Vote(experiment_id=HERE, first_id=ids[first], second_id=ids[second], choice=choice))
    return votes, places


def test_votes_on_one_premise_are_one_voice_and_neither_is_half_of_one() -> None:
    votes, places = ballots({1: ["new", "new", "new", "new"], 2: ["plain"], 3: ["neither"]})
    new, plain = (ballot_of(arm, votes, places) for arm in ("new", "plain"))
    assert new
    assert plain
    assert (new.won, new.votes, new.premises) == (4, 6, 3)
    assert (new.share, plain.share) == pytest.approx((0.5, 0.5))
    assert plain.won == 1
    assert (new.low, new.high) == pytest.approx(share_interval(0.5, 3))
    assert new.words == "4 of 6; 50%, 95 % interval 13% to 87% over 3 premises"
    assert ballot_of("another", votes, places) is None


def test_that_all_prefer_one_is_not_certainty() -> None:
    votes, places = ballots({n: ["new"] for n in range(6)})
    found = ballot_of("new", votes, places)
    assert found
    assert (found.share, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(0.6097, abs=1e-4)  # a printed table: 6 of 6
