"""The statistics do what they promise when the truth is known (bar 2), and what a book says by hand."""

import numpy as np
import pytest

from chorus.experiments import statistics as stats
from tests.figures import show
from tests.unit.experiments.simulation import Noise, alarms, coverage, normal, premise_differences, skewed

SIMULATIONS = 4000


@pytest.mark.parametrize("premises", [6, 12, 20])
def test_intervals_cover_and_alarms_are_rare_with_clustered_data(premises: int) -> None:
    nothing = premise_differences(SIMULATIONS, premises, 2, 0.0, normal(7 * premises))
    assert 0.93 <= coverage(nothing, 0.0) <= 0.97
    assert alarms(nothing[:1000] if premises > stats.MOST_EXACT else nothing) <= 0.06
    something = premise_differences(SIMULATIONS, premises, 2, 1.5, normal(11 * premises))
    assert 0.93 <= coverage(something, 1.5) <= 0.97


@pytest.mark.parametrize("premises", [6, 12])
def test_an_effect_of_the_detectable_size_is_seen_about_as_often_as_promised(premises: int) -> None:
    pilot = premise_differences(SIMULATIONS, premises, 2, 0.0, normal(3))
    least = float(np.sqrt((stats.detectable(pilot) ** 2).mean()))
    low, _ = stats.interval(premise_differences(SIMULATIONS, premises, 2, least, normal(4)))
    assert (low > 0).mean() == pytest.approx(stats.POWER, abs=0.06)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_the_table_of_coverage_and_alarms() -> None:
    rows = []
    kinds: dict[str, tuple[Noise, int]] = {
        "normal": (normal(1), 2),
        "skewed": (skewed(2), 2),
        "one repeat": (normal(3), 1),
    }
    for kind, (noise, repeats) in kinds.items():
        for premises in (6, 12, 20):
            nothing = premise_differences(20_000, premises, repeats, 0.0, noise)
            something = premise_differences(20_000, premises, repeats, 1.0, noise)
            rows.append(
                {
                    "noise": kind,
                    "premises": premises,
                    "coverage, no effect": coverage(nothing, 0.0),
                    "coverage, effect 1": coverage(something, 1.0),
                    "false alarms": alarms(nothing[:4000]),
                    "effect 1 seen": alarms(something[:4000]),
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
    needed = stats.premises_needed(1.0, 1.0)
    assert needed == 10
    assert stats.premises_needed(5.0, 1.0) == stats.FEWEST_PREMISES
    assert 780 <= stats.premises_needed(0.1, 1.0) <= 800
    assert stats.premises_needed(0.0, 1.0) == 10_000
