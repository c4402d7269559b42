"""The promise of a rate: in any sliding window no more than the limit, and nearly all of it where there is demand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus.domain.rate import Lanes, Rate, Wish


def passages(rate: Rate, arrivals: list[tuple[float, int]]) -> list[tuple[float, int]]:
    lanes, passed = Lanes(), []
    for now_s, amount in arrivals:
        toll = rate.toll(amount)
        start_s, lanes = lanes.passed_by(Wish(events=toll) if rate.counts_events else Wish(weight=toll), now_s)
        passed.append((start_s, amount))
    return passed


def most_in_any_window(passed: list[tuple[float, int]], window_s: float) -> int:
    return max(sum(n for at, n in passed if start <= at <= start + window_s) for start, _ in passed)


@pytest.mark.parametrize("most", [1, 2, 3, 10, 60, 120, 500])
def test_full_demand_uses_nearly_all_of_the_limit(most: int) -> None:
    rate = Rate(most)
    passed = passages(rate, [(1000.0, 1)] * (most * 5))
    assert most_in_any_window(passed, 60) <= most
    duration_s = passed[-1][0] - passed[0][0]
    assert len(passed) >= 0.9 * most * duration_s / 60


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.lists(st.floats(0, 20), min_size=1, max_size=120))
def test_no_window_holds_more_events_than_the_limit(most: int, gaps: list[float]) -> None:
    now_s, arrivals = 1000.0, []
    for gap in gaps:
        now_s += gap * (gap < 15) / 5
        arrivals.append((now_s, 1))
    assert most_in_any_window(passages(Rate(most), arrivals), 60) <= most


@settings(max_examples=60, deadline=None)
@given(st.integers(50, 2000), st.lists(st.tuples(st.floats(0, 3), st.integers(1, 400)), min_size=1, max_size=80))
def test_no_window_holds_more_weight_than_the_limit(most: int, steps: list[tuple[float, int]]) -> None:
    now_s, arrivals = 1000.0, []
    for gap, amount in steps:
        now_s += gap
        arrivals.append((now_s, min(amount, most)))
    passed = passages(Rate(most, counts_events=False), arrivals)
    assert most_in_any_window(passed, 60) <= most


def test_the_first_after_a_pause_does_not_wait() -> None:
    assert passages(Rate(120), [(1000.0, 1)]) == [(1000.0, 1)]


def test_what_was_not_needed_is_given_back() -> None:
    rate = Rate(1000, counts_events=False)
    _, lanes = Lanes().passed_by(Wish(weight=rate.toll(900)), 1000.0)
    late, _ = lanes.passed_by(Wish(weight=rate.toll(100)), 1000.0)
    soon, _ = lanes.passed_by(Wish(weight=rate.toll(100), credit_s=rate.toll(800).cost_s), 1000.0)
    assert soon < late
