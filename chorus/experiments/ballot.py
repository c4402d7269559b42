"""What people's blind votes say of an arm: how often it was preferred, and how sure that is."""

from collections.abc import Mapping, Sequence
from statistics import fmean
from uuid import UUID

from chorus.domain.experiment import Choice, Vote
from chorus.domain.value import Value
from chorus.experiments.statistics import share_interval

type Place = tuple[str, int]
"""The arm of a trial and the number of its premise."""


class Ballot(Value):
    """The votes on pairs with one arm; ``share`` is in how many it was preferred, where neither was counts half.

    Votes on one premise are alike, so the share is a mean over premises, and its interval (Wilson) counts premises.
    """

    won: int
    votes: int
    premises: int
    share: float
    low: float
    high: float

    @property
    def words(self) -> str:
        """The share with its interval, and of how many."""
        premises = f"{self.premises} premise{'' if self.premises == 1 else 's'}"
        return (
            f"{self.won} of {self.votes}; {self.share:.0%}, 95 % interval {self.low:.0%} to {self.high:.0%} "
            f"over {premises}"
        )


def ballot_of(arm: str, votes: Sequence[Vote], places: Mapping[UUID, Place]) -> Ballot | None:
    """Count the votes on pairs with an arm; None if there are none."""
    by_premise: dict[int, list[float]] = {}
    for vote in votes:
        pair = [places.get(vote.first_id), places.get(vote.second_id)]
        ours = next((place for place in pair if place and place[0] == arm), None)
        if ours:
            by_premise.setdefault(ours[1], []).append(_worth(vote, arm, places))
    if not by_premise:
        return None
    share = fmean(fmean(worth) for worth in by_premise.values())
    low, high = share_interval(share, len(by_premise))
    worth = [each for of in by_premise.values() for each in of]
    return Ballot(won=worth.count(1.0), votes=len(worth), premises=len(by_premise), share=share, low=low, high=high)


def _worth(vote: Vote, arm: str, places: Mapping[UUID, Place]) -> float:
    chosen = {Choice.FIRST: vote.first_id, Choice.SECOND: vote.second_id}.get(vote.choice)
    if chosen is None:
        return 0.5
    return float(places[chosen][0] == arm) if chosen in places else 0.0
