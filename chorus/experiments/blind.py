"""Which two stories a person reads next, not knowing whose they are."""

import random
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from uuid import UUID

from chorus.domain.experiment import TrialStatus
from chorus.experiments.outcome import TrialOutcome


def next_pair(
    trials: Sequence[TrialOutcome], read: Sequence[frozenset[UUID]], seed: int
) -> tuple[TrialOutcome, TrialOutcome] | None:
    """Draw two complete stories of one premise by two arms, those least read first; the seed says which comes first."""
    done = [trial for trial in trials if trial.status is TrialStatus.COMPLETE]
    pairs = [(a, b) for a, b in combinations(done, 2) if a.premise_number == b.premise_number and a.arm != b.arm]
    if not pairs:
        return None
    times = Counter(read)
    fewest = min(times[frozenset((a.trial_id, b.trial_id))] for a, b in pairs)
    dice = random.Random(seed)  # noqa: S311 - not to be guessed by habit, no more
    drawn = dice.choice([(a, b) for a, b in pairs if times[frozenset((a.trial_id, b.trial_id))] == fewest])
    return drawn if dice.random() < 0.5 else (drawn[1], drawn[0])
