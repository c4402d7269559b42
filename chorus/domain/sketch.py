"""Times counted in bins that grow by 2 %: what is counted apart adds up, and percentiles come out within 1 %."""

from collections.abc import Iterable
from typing import Any

import numpy as np

GROWTH = 1.02
BINS = 704
"""From 1 ms to 18 minutes, longer than a call may take."""

type Counts = np.ndarray[tuple[Any, ...], np.dtype[np.float64]]


def no_counts() -> Counts:
    """Nothing counted yet."""
    return np.zeros(BINS)


def counts_of(bins: Iterable[int]) -> Counts:
    """Count bins, one for each time."""
    return np.bincount(np.fromiter(bins, dtype=np.int64), minlength=BINS).astype(np.float64)


def percentile(counts: Counts, share: float) -> float | None:
    """The time below which a share of all lies, between two neighbours as Postgres and pandas put it."""
    total = int(counts.sum())
    if not total:
        return None
    place = share * (total - 1)
    below = int(place)
    ends = np.searchsorted(np.cumsum(counts), [below, min(below + 1, total - 1)], side="right")
    first, second = (float(GROWTH ** (end + 0.5)) for end in ends)
    return first + (place - below) * (second - first)
