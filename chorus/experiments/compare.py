"""Two arms compared measure by measure, and what may be said of it in words."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from math import isfinite
from statistics import fmean

import numpy as np

from chorus.domain.value import Value
from chorus.experiments import statistics as stats
from chorus.metrics import MEASURES, Measure

type Scores = Mapping[int, Sequence[float]]
"""What the trials of one arm measured, by premise."""


class Verdict(StrEnum):
    """What may be said of a difference."""

    BETTER = "better"
    WORSE = "worse"
    DIFFERENT = "different"
    NOT_ENOUGH = "not enough stories to tell"
    SAME = "the same in every story"


class Comparison(Value):
    """One measure of one arm against another; ``difference`` is the arm's less the other's.

    Figures that could not be had are None; ``trials`` are those of both arms. It is one of ``compared`` that are
    adjusted for one another, and can be told from ``fewest`` premises on. ``spread`` is that of premise differences.
    """

    measure: str
    arm: str
    against: str
    family: str
    compared: int = 1
    fewest: int = stats.FEWEST_PREMISES
    premises: int
    trials: int
    mean: float | None
    other_mean: float | None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    spread: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    effect: float | None = None
    wins: float | None = None
    detectable: float | None = None
    premises_needed: int | None = None
    verdict: Verdict = Verdict.NOT_ENOUGH
    words: str = ""


def compare(
    arms: Mapping[str, Mapping[str, Scores]], against: str, primary: Sequence[str], seed: int = 0
) -> list[Comparison]:
    """Compare every other arm with ``against``, measure by measure.

    ``arms``: by arm and measure, the scores. Measures in ``primary`` are adjusted for one another (Holm), and so are
    all others among themselves: those are exploratory.
    """
    raw = [
        _figures(measure, name, against, arms[name].get(measure, {}), arms[against].get(measure, {}), seed)
        for name in arms
        if name != against
        for measure in MEASURES
        if arms[name].get(measure) or arms[against].get(measure)
    ]
    raw = [each.model_copy(update={"family": "primary" if each.measure in primary else "exploratory"}) for each in raw]
    families = {each.family for each in raw}
    adjusted = {family: _adjusted([each for each in raw if each.family == family]) for family in families}
    return [_judged(next(adjusted[each.family])) for each in raw]


def _adjusted(family: Sequence[Comparison]) -> Iterator[Comparison]:
    """Yield the comparisons of a family, adjusted for one another."""
    adjusted = iter(stats.holm([each.p for each in family if each.p is not None]))
    compared = max(1, sum(each.difference is not None for each in family))
    for each in family:
        p_adjusted = None if each.p is None else next(adjusted)
        yield each.model_copy(update={"p_adjusted": p_adjusted, **_reach(each, compared)})


def _reach(found: Comparison, compared: int) -> dict[str, object]:
    """What could be told where so many are compared."""
    told: dict[str, object] = {"compared": compared, "fewest": stats.fewest_premises(compared)}
    if found.difference is not None and found.spread:
        least = stats.detectable(found.spread, found.premises, compared)
        told["detectable"] = least if isfinite(least) else None
        told["premises_needed"] = stats.premises_needed(found.difference, found.spread, compared)
    return told


def _figures(measure: str, arm: str, against: str, ours: Scores, theirs: Scores, seed: int) -> Comparison:
    """Everything but the verdict; only premises that both arms have count."""
    both = sorted(premise for premise in ours if ours[premise] and theirs.get(premise))
    trials = sum(len(ours[premise]) + len(theirs[premise]) for premise in both)
    pairs = [(fmean(ours[premise]), fmean(theirs[premise])) for premise in both]
    found = Comparison(
        measure=measure,
        arm=arm,
        against=against,
        family="",
        premises=len(both),
        trials=trials,
        mean=fmean(mine for mine, _ in pairs) if pairs else None,
        other_mean=fmean(other for _, other in pairs) if pairs else None,
    )
    if len(pairs) < 2:
        return found
    return found.model_copy(update=_of_differences(MEASURES[measure], np.array([a - b for a, b in pairs]), seed))


def _of_differences(measure: Measure, differences: stats.Floats, seed: int) -> dict[str, object]:
    low, high = stats.interval(differences)
    spread = float(differences.std(ddof=1))
    mean = float(differences.mean())
    enough = len(differences) >= stats.FEWEST_PREMISES
    return {
        "difference": mean,
        "low": float(low),
        "high": float(high),
        "spread": spread,
        "p": float(stats.sign_flip_p(differences, seed)) if enough else None,
        "effect": float(stats.effect_size(differences)) if spread else None,
        "wins": float(stats.win_rate(differences * (measure.better.sign or 1))),
    }


def _judged(found: Comparison) -> Comparison:
    verdict = verdict_of(found)
    return found.model_copy(update={"verdict": verdict, "words": _words(found, verdict)})


def verdict_of(found: Comparison) -> Verdict:
    """A difference is told only if all three say so: the test, adjusted, the interval, and what can be detected."""
    if found.difference is None or found.low is None or found.high is None:
        return Verdict.NOT_ENOUGH
    if found.low == found.high == 0 and found.premises >= stats.FEWEST_PREMISES:
        return Verdict.SAME
    if not _shows(found) or abs(found.difference) < (found.detectable or 0.0):
        return Verdict.NOT_ENOUGH
    sign = MEASURES[found.measure].better.sign
    if not sign:
        return Verdict.DIFFERENT
    return Verdict.BETTER if found.difference * sign > 0 else Verdict.WORSE


def _shows(found: Comparison) -> bool:
    """Whether test and interval both say that there is a difference."""
    sure = found.p_adjusted is not None and found.p_adjusted <= stats.SURE
    return sure and not _holds_nothing(found)


def _holds_nothing(found: Comparison) -> bool:
    return found.low is None or found.high is None or found.low <= 0 <= found.high


def _words(found: Comparison, verdict: Verdict) -> str:
    premises = f"{found.premises} premise{'' if found.premises == 1 else 's'}"
    if found.difference is None or found.low is None or found.high is None:
        return f"Not enough stories to tell: {premises} in both arms."
    if verdict is Verdict.SAME:
        return f"The same in all {premises}."
    digits = f"+.{MEASURES[found.measure].digits}f"
    seen = f"{found.difference:{digits}} (95 % interval {found.low:{digits}} to {found.high:{digits}})"
    if verdict is not Verdict.NOT_ENOUGH:
        return f"{verdict.value.capitalize()} by {seen}, {premises}."
    if found.premises < found.fewest:
        beside = f" where {found.compared} are compared" if found.compared > 1 else ""
        return f"Not enough stories to tell: {seen} over {premises}, and a test needs {found.fewest}{beside}."
    if found.p_adjusted is not None and found.p_adjusted > stats.SURE and not _holds_nothing(found):
        test = f"p = {found.p_adjusted:.3f}, adjusted for several measures and arms"
        return f"Not enough stories to tell: {seen}, {premises}. The interval says so and the test does not ({test})."
    return f"Not enough stories to tell: {seen}, {premises}. {_least(found)}"


def _least(found: Comparison) -> str:
    """What so many premises could have shown, and how many would show what was seen."""
    least = f"{found.detectable or 0:.{MEASURES[found.measure].digits}f}"
    told = f"Differences below {least} cannot be relied on to show with so many."
    if found.premises_needed and found.premises_needed > found.premises:
        told += f" About {found.premises_needed:,} premises would show one of this size."
    return told
