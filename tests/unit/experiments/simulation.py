"""Experiments whose truth is known: premises differ, arms differ by premise, and repeats differ by chance."""

from collections.abc import Callable, Sequence

import numpy as np

from chorus.experiments.compare import Comparison, Verdict, compare
from chorus.experiments.statistics import Floats

ARMS = ("new", "plain")

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


def scores(runs: int, premises: int, repeats: int, effect: float, noise: Noise) -> Floats:
    """What each story of ``runs`` experiments measured: shape (runs, arms, premises, repeats)."""
    premise = 2.0 * noise((runs, 1, premises, 1))
    interplay = 0.5 * noise((runs, 2, premises, 1))
    chance = noise((runs, 2, premises, repeats))
    arm = np.array([effect, 0.0])[None, :, None, None]
    return np.asarray(premise + interplay + chance + arm)


def compared(*measured: Floats, primary: Sequence[str] = ("mattr",)) -> list[list[Comparison]]:
    """What is said of each experiment, for as many primary measures as were ``measured``."""
    kept = [each.tolist() for each in measured]
    return [
        compare(
            {
                arm: {name: dict(enumerate(of[run][at])) for name, of in zip(primary, kept, strict=True)}
                for at, arm in enumerate(ARMS)
            },
            "plain",
            primary,
        )
        for run in range(len(kept[0]))
    ]


def coverage(experiments: Sequence[Sequence[Comparison]], truth: float) -> float:
    """How often the interval of the first measure holds the truth."""
    firsts = [found[0] for found in experiments]
    return sum((each.low or 0.0) <= truth <= (each.high or 0.0) for each in firsts) / len(firsts)


def is_told(found: Comparison) -> bool:
    return found.verdict not in {Verdict.NOT_ENOUGH, Verdict.SAME}


def alarms(experiments: Sequence[Sequence[Comparison]]) -> float:
    """How often a difference of any measure is told."""
    return sum(any(map(is_told, found)) for found in experiments) / len(experiments)
