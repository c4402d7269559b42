from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.domain.estimate import EMBEDDED, Basis, Part, Precedent, Totals, estimate, plan_totals, shares
from chorus.domain.run import RunSettings

SETTINGS = RunSettings(scenes=12, words=700)


def took(settings: RunSettings, times: float) -> Precedent:
    planned = plan_totals(settings)
    return Precedent(settings=settings, took=Totals(**{name: value * times for name, value in planned}))


def test_without_history_the_plan_speaks_and_says_so() -> None:
    told = estimate(SETTINGS, [took(SETTINGS, 3.0)] * 2, None)
    assert (told.basis, told.runs, told.cost_usd) == (Basis.PLAN, 0, None)
    assert told.llm_calls.p50 == plan_totals(SETTINGS).llm_calls == 45
    assert told.prompt_tokens.p90 > told.prompt_tokens.p50 > 0


def test_a_model_of_its_own_reads_and_writes_everything_one_after_another() -> None:
    demo = RunSettings(scenes=4, words=85)
    told = estimate(demo, [], None, EMBEDDED)
    assert 150 < told.wall_s.p50 < 300, "the demo takes three to four minutes on two cores"
    assert told.completion_tokens == estimate(demo, [], None).completion_tokens


def test_history_corrects_the_plan_also_for_another_length() -> None:
    earlier = [took(RunSettings(scenes=4, words=100), times) for times in (1.8, 2.0, 2.0, 2.2, 3.0)]
    told = estimate(SETTINGS, earlier, None)
    planned = plan_totals(SETTINGS)
    assert (told.basis, told.runs) == (Basis.HISTORY, 5)
    assert told.completion_tokens.p50 == pytest.approx(2 * planned.completion_tokens, rel=1e-3)
    assert told.wall_s.p90 == pytest.approx((2.2 + 0.6 * 0.8) * planned.wall_s, rel=1e-2)


def test_a_part_takes_what_its_scenes_take() -> None:
    whole, last = plan_totals(SETTINGS), plan_totals(SETTINGS, part=Part(scenes=(12,)))
    first, more = (
        plan_totals(SETTINGS, part=Part(scenes=(1,))),
        plan_totals(SETTINGS, part=Part(scenes=(13,), planned=1)),
    )
    assert last.llm_calls == first.llm_calls == more.llm_calls - 1 == 4
    assert first.prompt_tokens < last.prompt_tokens < more.prompt_tokens < whole.prompt_tokens / 5
    assert last.completion_tokens < more.completion_tokens < whole.completion_tokens / 5
    assert "story_architect" in shares(SETTINGS, Part(scenes=(12,)))


def test_a_price_makes_a_cost() -> None:
    told = estimate(SETTINGS, [], (Decimal("0.000001"), Decimal("0.000002")))
    assert told.cost_usd
    assert told.cost_usd.p50 == pytest.approx(
        told.prompt_tokens.p50 * 1e-6 + told.completion_tokens.p50 * 2e-6, rel=1e-3
    )


@given(
    scenes=st.integers(1, 500),
    words=st.integers(50, 5000),
    ratios=st.lists(st.floats(0.1, 20), min_size=0, max_size=8),
)
def test_the_median_is_never_above_what_nine_of_ten_stay_under(scenes: int, words: int, ratios: list[float]) -> None:
    settings = RunSettings(scenes=scenes, words=words)
    told = estimate(settings, [took(SETTINGS, ratio) for ratio in ratios], None)
    for figure in (told.llm_calls, told.prompt_tokens, told.completion_tokens, told.wall_s):
        assert 0 < figure.p50 <= figure.p90


@pytest.mark.parametrize("scenes", [1, 4, 12, 60])
@pytest.mark.parametrize("words", [50, 700, 3000])
def test_the_shares_of_the_agents_are_all_there_is(scenes: int, words: int) -> None:
    parts = shares(RunSettings(scenes=scenes, words=words)).values()
    assert all(asked >= 0 and answered >= 0 for asked, answered in parts)
    assert sum(asked for asked, _ in parts) == pytest.approx(1)
    assert sum(answered for _, answered in parts) == pytest.approx(1)
