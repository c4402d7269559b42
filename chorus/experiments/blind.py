"""Which two stories a person reads next, not knowing whose they are, and whose they were once that is said."""

import random
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from uuid import UUID

from chorus.domain.experiment import TrialStatus, Vote
from chorus.domain.value import Value
from chorus.experiments.outcome import TrialOutcome


class BlindStory(Value):
    """A story as it is read blind: its prose, with no title and no arm."""

    trial_id: UUID
    text: str


class BlindPair(Value):
    """Two stories of one premise, by two arms."""

    premise: str
    first: BlindStory
    second: BlindStory


class Voted(Value):
    """A vote that is kept, and by which arms the stories were."""

    vote: Vote
    first_arm: str
    second_arm: str


def next_pair(
    trials: Sequence[TrialOutcome], read: Sequence[frozenset[UUID]], seed: int
) -> tuple[TrialOutcome, TrialOutcome] | None:
    """Draw two complete stories of one premise by two arms, those least read first; the seed says which comes first."""
    done = [trial for trial in trials if trial.status is TrialStatus.COMPLETE and trial.story_id]
    pairs = [(a, b) for a, b in combinations(done, 2) if a.premise_number == b.premise_number and a.arm != b.arm]
    if not pairs:
        return None
    times = Counter(read)
    fewest = min(times[frozenset((a.trial_id, b.trial_id))] for a, b in pairs)
    dice = random.Random(seed)  # noqa: S311 - not to be guessed by habit, no more
    drawn = dice.choice([(a, b) for a, b in pairs if times[frozenset((a.trial_id, b.trial_id))] == fewest])
    return drawn if dice.random() < 0.5 else (drawn[1], drawn[0])
