"""The statistics do what they promise when the truth is known (bar 2), and what a book says by hand."""

import numpy as np
import pytest

from chorus.experiments import statistics as stats
from tests.figures import show
from tests.unit.experiments.simulation import Noise, alarms, compared, coverage, is_told, normal, scores, skewed

SIMULATIONS = 4000
THREE = ("mattr", "repetition_across", "length_error")


@pytest.mark.parametrize("premises", [6, 12, 20])
def test_intervals_cover_and_alarms_are_rare_with_clustered_data(premises: int) -> None:
    nothing = compared(scores(SIMULATIONS, premises, 2, 0.0, normal(7 * premises)))
    assert 0.93 <= coverage(nothing, 0.0) <= 0.97
    assert alarms(nothing) <= 0.06
    something = compared(scores(SIMULATIONS, premises, 2, 1.5, normal(11 * premises)))
    assert 0.93 <= coverage(something, 1.5) <= 0.97


def test_alarms_are_rare_in_all_three_primary_measures_together() -> None:
    noise = normal(13)
    nothing = compared(*(scores(SIMULATIONS, 12, 2, 0.0, noise) for _ in THREE), primary=THREE)
    assert alarms(nothing) <= 0.06


@pytest.mark.parametrize(("premises", "effect"), [(6, 2.0), (12, 0.8), (20, 0.6)])
def test_below_the_detectable_effect_there_are_never_enough_stories(premises: int, effect: float) -> None:
    found = [of for (of,) in compared(scores(SIMULATIONS, premises, 2, effect, normal(17 * premises)))]
    told = [each for each in found if is_told(each)]
    assert len(told) > SIMULATIONS / 20, "or it is no test"
    assert all(abs(each.difference or 0.0) >= (each.detectable or np.inf) for each in told)


@pytest.mark.parametrize(("premises", "compared_with"), [(6, 1), (7, 3), (12, 1), (12, 3)])
def test_an_effect_of_the_detectable_size_is_seen_about_as_often_as_promised(premises: int, compared_with: int) -> None:
    alike = scores(SIMULATIONS, premises, 2, 0.0, normal(3)).mean(axis=-1)
    spread = float((alike[:, 0] - alike[:, 1]).std())
    least = stats.detectable(spread, premises, compared_with)
    seen = scores(SIMULATIONS, premises, 2, least, normal(4)).mean(axis=-1)
    differences = seen[:, 0] - seen[:, 1]
    low, _ = stats.interval(differences)
    both = (low > 0) & (compared_with * stats.sign_flip_p(differences) <= stats.SURE)
    assert both.mean() == pytest.approx(stats.POWER, abs=0.06)


@pytest.mark.parametrize(("effect", "repeats"), [(1.5, 2), (2.5, 1)])
def test_as_many_premises_as_are_said_to_be_needed_have_a_difference_told(effect: float, repeats: int) -> None:
    spread = float(np.sqrt(2 * (0.5**2 + 1 / repeats)))
    needed = stats.premises_needed(effect, spread)
    assert alarms(compared(scores(SIMULATIONS, needed, repeats, effect, normal(5)))) == pytest.approx(0.85, abs=0.07)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_the_table_of_coverage_and_alarms() -> None:
    rows = []
    kinds: dict[str, tuple[Noise, int]] = {
        "normal": (normal(1), 2),
        "skewed": (skewed(2), 2),
        "one repeat": (normal(3), 1),
    }
    for kind, (noise, repeats) in kinds.items():
        for premises in (6, 12, 20):
            nothing = compared(scores(20_000, premises, repeats, 0.0, noise))
            something = compared(scores(20_000, premises, repeats, 1.0, noise))
            rows.append(
                {
                    "noise": kind,
                    "premises": premises,
                    "coverage, no effect": coverage(nothing, 0.0),
                    "coverage, effect 1": coverage(something, 1.0),
                    "false alarms": alarms(nothing),
                    "effect 1 told": alarms(something),
                }
            )
    show("95 % intervals and alarms, 20,000 experiments each", rows)
    assert all(
        0.93 <= float(row[name]) <= 0.97 for row in rows for name in ("coverage, no effect", "coverage, effect 1")
    )
    assert all(float(row["false alarms"]) <= 0.06 for row in rows)


def test_the_interval_is_the_textbooks() -> None:
    low, high = stats.interval(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
    assert (float(low), float(high)) == pytest.approx((3 - 1.9632, 3 + 1.9632), abs=1e-4)


def test_the_sign_flip_counts_the_ways() -> None:
    assert float(stats.sign_flip_p(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))) == pytest.approx(2 / 64)
    assert float(stats.sign_flip_p(np.array([1.0, -1.0, 1.0, -1.0]))) == 1
    assert float(stats.sign_flip_p(np.zeros(6))) == 1


def test_the_sign_flip_is_drawn_where_ways_are_many_and_the_seed_settles_it() -> None:
    many = np.random.default_rng(5).standard_normal(20) + 0.45
    assert float(stats.sign_flip_p(many, 1)) == float(stats.sign_flip_p(many, 1))
    every = many[: stats.MOST_EXACT]
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (200_000, len(every)))
    drawn = (np.abs(signs @ every) >= abs(every.sum()) - 1e-9).mean()
    assert float(stats.sign_flip_p(every)) == pytest.approx(drawn, abs=0.005)


def test_wins_count_ties_as_halves() -> None:
    assert float(stats.win_rate(np.array([1.0, 0.0, -1.0, 2.0]))) == pytest.approx(0.625)


def test_the_effect_is_in_standard_deviations_without_the_bias_of_few() -> None:
    assert float(stats.effect_size(np.array([1.0, 2.0, 3.0]))) == pytest.approx(2 * (1 - 3 / 7))
    assert float(stats.effect_size(np.zeros(3))) == 0


def test_holm_is_holms() -> None:
    assert stats.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert stats.holm([]) == []
    assert stats.holm([0.9, 0.8]) == [1.0, 1.0]


def test_how_many_premises_would_be_enough() -> None:
    assert stats.premises_needed(1.0, 1.0) == 16
    assert stats.premises_needed(5.0, 1.0) == stats.FEWEST_PREMISES
    assert stats.premises_needed(5.0, 1.0, 3) == 7
    assert 1320 <= stats.premises_needed(0.1, 1.0) <= 1340
    assert stats.premises_needed(0.0, 1.0) == 10_000


@pytest.mark.parametrize(("comparisons", "fewest"), [(1, 6), (2, 7), (3, 7), (4, 8), (12, 9), (13, 10)])
def test_the_more_is_compared_the_more_premises_it_takes(comparisons: int, fewest: int) -> None:
    assert stats.fewest_premises(comparisons) == fewest
    clearest = [2 / 2**premises * comparisons for premises in (fewest - 1, fewest)]
    assert clearest[1] <= stats.SURE
    assert fewest == stats.FEWEST_PREMISES or clearest[0] > stats.SURE


def test_what_no_test_can_tell_is_not_detectable_however_large() -> None:
    assert stats.detectable(1.0, 6, 3) == np.inf
    assert stats.detectable(0.0, 6, 3) == np.inf
    assert stats.detectable(0.0, 7, 3) == 0
