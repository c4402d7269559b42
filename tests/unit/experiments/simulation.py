"""Experiments whose truth is known: premises differ, arms differ by premise, and repeats differ by chance."""

from collections.abc import Callable

import numpy as np

from chorus.experiments.statistics import Floats, interval, sign_flip_p

type Noise = Callable[[tuple[int, ...]], Floats]


def normal(seed: int) -> Noise:
    return np.random.default_rng(seed).standard_normal


def skewed(seed: int) -> Noise:
    """Lognormal with skewness of about 1.5, as costs and latencies have; mean 0, spread 1."""
    dice = np.random.default_rng(seed)
    s = 0.43

    def draw(shape: tuple[int, ...]) -> Floats:
        raw = dice.lognormal(0.0, s, shape)
        return np.asarray((raw - np.exp(s**2 / 2)) / np.sqrt((np.exp(s**2) - 1) * np.exp(s**2)))

    return draw


def premise_differences(runs: int, premises: int, repeats: int, effect: float, noise: Noise) -> Floats:
    """Mean difference of each premise in ``runs`` experiments: shape (runs, premises)."""
    premise = 2.0 * noise((runs, 1, premises, 1))
    interplay = 0.5 * noise((runs, 2, premises, 1))
    chance = noise((runs, 2, premises, repeats))
    arm = np.array([effect, 0.0])[None, :, None, None]
    scores = premise + interplay + chance + arm
    means = scores.mean(axis=-1)
    return np.asarray(means[:, 0] - means[:, 1])


def coverage(differences: Floats, truth: float) -> float:
    low, high = interval(differences)
    return float(((low <= truth) & (truth <= high)).mean())


def alarms(differences: Floats) -> float:
    """How often a difference is told: the test and the interval both say so."""
    low, high = interval(differences)
    return float(((sign_flip_p(differences) <= 0.05) & ((low > 0) | (high < 0))).mean())
