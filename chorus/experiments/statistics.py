"""What may be said of paired differences: an interval, a test, a size, and what could have been seen at all.

The unit is the premise: repeats under one premise are averaged first, because stories of one premise are alike. All
functions work along the last axis, so that a simulation of thousands of experiments runs the very code that is used.
"""

from collections.abc import Sequence
from functools import cache
from math import ceil, inf, isinf, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from chorus.experiments.student import t_quantile

CONFIDENCE = 0.95
SURE = 0.05
"""What p, adjusted, must not exceed."""
POWER = 0.8
FEWEST_PREMISES = 6
"""With fewer, no sign-flip test can come below 0.05; several comparisons need more, see ``fewest_premises``."""
MOST_PREMISES = 10_000
MOST_EXACT = 14
DRAWS = 20_000
_ROUNDING = 1e-9
_CHUNK = 2_000_000

type Floats = NDArray[np.float64]


def interval(differences: Floats, confidence: float = CONFIDENCE) -> tuple[Floats, Floats]:
    """The t interval of the mean of premise differences, shape (..., premises); needs two at least."""
    mean, error = differences.mean(axis=-1), _error(differences)
    reach = t_quantile((1 + confidence) / 2, differences.shape[-1] - 1) * error
    return mean - reach, mean + reach


def sign_flip_p(differences: Floats, seed: int = 0) -> Floats:
    """How often a mean this far from nothing comes about if each premise could as well have gone the other way.

    Exact up to ``MOST_EXACT`` premises, and drawn with ``seed`` above. Two-sided; the observed case counts as one.
    """
    count = differences.shape[-1]
    signs = _signs(count, seed)
    flat = differences.reshape(-1, count)
    step = max(1, _CHUNK // len(signs))
    shares = [_share_as_far(flat[at : at + step], signs) for at in range(0, len(flat), step)]
    share: Floats = np.concatenate(shares)
    if count > MOST_EXACT:
        share = (share * len(signs) + 1) / (len(signs) + 1)
    return share.reshape(differences.shape[:-1])


def effect_size(differences: Floats) -> Floats:
    """The mean difference in standard deviations of the differences, without the bias of few premises (Hedges)."""
    freedom = differences.shape[-1] - 1
    spread = differences.std(axis=-1, ddof=1)
    raw = np.divide(differences.mean(axis=-1), spread, out=np.zeros_like(spread), where=spread > 0)
    return np.asarray(raw * (1 - 3 / (4 * freedom - 1)))


def win_rate(gains: Floats) -> Floats:
    """The share of premises that gained; one that stayed as it was counts half."""
    return np.asarray((gains > 0).mean(axis=-1) + 0.5 * (gains == 0).mean(axis=-1))


def share_interval(share: float, count: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The interval of a share that was seen in ``count`` that are not alike; also where all or none had it.

    Source: Wilson (1927), the score interval.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    reach = z / (1 + z**2 / count) * sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def fewest_premises(comparisons: int = 1) -> int:
    """The fewest premises with which one of so many comparisons can be told at all, after Holm."""
    count = FEWEST_PREMISES
    while not _level(count, comparisons):
        count += 1
    return count


def detectable(spread: float, premises: int, comparisons: int = 1, power: float = POWER) -> float:
    """The smallest true difference that so many premises would show with this power, beside so many ``comparisons``.

    ``spread``: the standard deviation of premise differences. Infinite if not even the largest would show.
    """
    reach = _reach(premises, comparisons, power)
    return reach if isinf(reach) else reach * spread


def premises_needed(difference: float, spread: float, comparisons: int = 1, power: float = POWER) -> int:
    """How many premises would have ``difference`` told if those of premises have this ``spread``; at most 10,000.

    More than to detect it: what is told must be seen as large as what can be detected.
    """
    if not difference:
        return MOST_PREMISES
    for count in range(fewest_premises(comparisons), 31):
        margin = t_quantile(power, count - 1) / sqrt(count)
        if (_reach(count, comparisons, power) + margin) * spread <= abs(difference):
            return count
    quantile = NormalDist().inv_cdf
    reach = quantile(1 - SURE / comparisons / 2) + 2 * quantile(power)
    return min(MOST_PREMISES, ceil((reach * spread / difference) ** 2) + 2)


def holm(values: Sequence[float]) -> list[float]:
    """Adjust p values for being several.

    Source: Holm (1979), the sequentially rejective procedure.
    """
    order = sorted(range(len(values)), key=lambda at: values[at])
    adjusted, least = [0.0] * len(values), 0.0
    for place, at in enumerate(order):
        least = max(least, min(1.0, (len(values) - place) * values[at]))
        adjusted[at] = least
    return adjusted


def _level(count: int, comparisons: int) -> float:
    """What p must not exceed where so many are compared, as the steps of an exact test have it; 0: it cannot be."""
    level = SURE / comparisons
    if count > MOST_EXACT:
        return level
    step = 2.0 ** (1 - count)
    return step * int(level / step + _ROUNDING)


@cache
def _reach(count: int, comparisons: int, power: float) -> float:
    """The smallest difference that shows, in standard deviations of premise differences.

    Source: Bloom (1995), minimum detectable effects; where only premises that all agree are enough, how far they must
    be from nothing to do so.
    """
    level = _level(count, comparisons)
    if not level:
        return inf
    if count <= MOST_EXACT and level < 2.0 ** (2 - count):
        return NormalDist().inv_cdf(power ** (1 / count))
    return (t_quantile(1 - level / 2, count - 1) + t_quantile(power, count - 1)) / sqrt(count)


def _error(differences: Floats) -> Floats:
    return np.asarray(differences.std(axis=-1, ddof=1) / sqrt(differences.shape[-1]), dtype=np.float64)


@cache
def _signs(count: int, seed: int) -> Floats:
    """Every way, or enough ways, in which the premises could have gone: shape (ways, premises) of 1 and -1.

    The first never turns: with all turned a mean is as far from nothing, so half of the ways are counted for the rest.
    """
    if count <= MOST_EXACT:
        bits = np.arange(0, 2**count, 2)[:, None] >> np.arange(count) & 1
    else:
        bits = np.random.default_rng(seed).integers(0, 2, (DRAWS, count))
    return np.asarray(1.0 - 2.0 * bits, dtype=np.float64)


def _share_as_far(differences: Floats, signs: Floats) -> Floats:
    seen = np.abs(differences.sum(axis=-1))
    slack = _ROUNDING * np.abs(differences).sum(axis=-1)
    flipped = np.abs(differences @ signs.T)
    return np.asarray((flipped >= (seen - slack)[:, None]).mean(axis=-1))
