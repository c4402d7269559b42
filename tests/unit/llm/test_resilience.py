from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.domain.llm_call import Outcome
from chorus.llm.resilience import Action, Patience, Situation, backoff_s, decide, share_s

PATIENCE = Patience(deadline_s=100, failures=5, first_failures=2, first_wait_s=1, longest_wait_s=20)


def decided(outcome: Outcome, **situation: object) -> Action:
    return decide(replace(Situation(outcome=outcome), **situation), PATIENCE, lambda: 0.5).action  # type: ignore[arg-type]


def test_a_good_answer_is_used() -> None:
    assert decided(Outcome.OK) is Action.USE


@pytest.mark.parametrize("outcome", [Outcome.SERVER_ERROR, Outcome.RATE_LIMITED, Outcome.TIMEOUT, Outcome.STREAM_CUT])
def test_a_passing_failure_is_tried_again_until_patience_ends(outcome: Outcome) -> None:
    assert decided(outcome, failures=4) is Action.RETRY
    assert decided(outcome, failures=5) is Action.GIVE_UP
    assert decided(outcome, failures=5, can_fall_back=True) is Action.FALL_BACK
    assert decided(outcome, elapsed_s=99.9) is Action.GIVE_UP


@pytest.mark.parametrize("outcome", [Outcome.CONNECTION_ERROR, Outcome.NOT_AN_LLM])
def test_an_address_nobody_has_answered_at_is_given_up_soon(outcome: Outcome) -> None:
    assert decided(outcome, failures=2, proven=False) is Action.GIVE_UP
    assert decided(outcome, failures=2, proven=True) is Action.RETRY


@pytest.mark.parametrize("outcome", [Outcome.INVALID_JSON, Outcome.SCHEMA_MISMATCH, Outcome.EMPTY])
def test_an_unusable_answer_is_asked_again_twice(outcome: Outcome) -> None:
    assert decided(outcome, reasks=1) is Action.REASK
    assert decided(outcome, reasks=2) is Action.GIVE_UP
    assert decided(outcome, reasks=2, can_fall_back=True) is Action.FALL_BACK


def test_truncated_prose_is_used_and_a_truncated_value_gets_more_room_once() -> None:
    assert decided(Outcome.TRUNCATED) is Action.USE
    assert decided(Outcome.TRUNCATED, has_text=False) is Action.LENGTHEN
    assert decided(Outcome.TRUNCATED, structured=True) is Action.LENGTHEN
    assert decided(Outcome.TRUNCATED, structured=True, lengthened=True) is Action.GIVE_UP


@pytest.mark.parametrize("outcome", [Outcome.REFUSAL, Outcome.CONTENT_FILTER, Outcome.NOT_FOUND])
def test_what_another_model_may_answer_goes_to_it(outcome: Outcome) -> None:
    assert decided(outcome) is Action.GIVE_UP
    assert decided(outcome, can_fall_back=True) is Action.FALL_BACK


@pytest.mark.parametrize("outcome", [Outcome.AUTH_ERROR, Outcome.QUOTA_EXHAUSTED])
def test_what_no_model_can_mend_ends_at_once(outcome: Outcome) -> None:
    assert decided(outcome, can_fall_back=True) is Action.GIVE_UP


def test_a_refused_parameter_is_conceded() -> None:
    assert decided(Outcome.BAD_REQUEST, can_concede=True) is Action.CONCEDE
    assert decided(Outcome.BAD_REQUEST) is Action.GIVE_UP


def test_retry_after_is_waited_out_in_full_or_not_at_all() -> None:
    now = Situation(outcome=Outcome.RATE_LIMITED, retry_after_s=30)
    assert 30 <= decide(now, PATIENCE, lambda: 0.99).wait_s <= 31
    assert decide(replace(now, retry_after_s=150), PATIENCE, lambda: 0.0).action is Action.GIVE_UP
    longer = replace(PATIENCE, deadline_s=600)
    assert decide(replace(now, retry_after_s=150), longer, lambda: 0.0).wait_s == 150


def test_a_model_with_another_behind_it_has_half_the_time() -> None:
    assert share_s(PATIENCE, can_fall_back=True) == 50
    assert decided(Outcome.SERVER_ERROR, elapsed_s=60, can_fall_back=True) is Action.FALL_BACK
    assert decided(Outcome.SERVER_ERROR, elapsed_s=60) is Action.RETRY


@given(failures=st.integers(1, 1000), dice=st.floats(0, 1, exclude_max=True))
def test_waits_have_full_jitter_under_a_ceiling(failures: int, dice: float) -> None:
    ceiling = min(20.0, 2.0 ** min(failures - 1, 10))
    assert 0 <= backoff_s(failures, PATIENCE, lambda: dice) <= ceiling


@given(
    outcome=st.sampled_from(Outcome),
    failures=st.integers(1, 20),
    reasks=st.integers(0, 5),
    flags=st.tuples(*[st.booleans()] * 6),
    elapsed_s=st.floats(0, 1000),
    retry_after_s=st.none() | st.floats(0, 1000),
)
def test_every_situation_has_a_decision_that_keeps_the_deadline(
    outcome: Outcome,
    failures: int,
    reasks: int,
    flags: tuple[bool, ...],
    elapsed_s: float,
    retry_after_s: float | None,
) -> None:
    structured, has_text, lengthened, can_concede, can_fall_back, proven = flags
    now = Situation(
        outcome=outcome,
        failures=failures,
        reasks=reasks,
        structured=structured,
        has_text=has_text,
        lengthened=lengthened,
        can_concede=can_concede,
        can_fall_back=can_fall_back,
        proven=proven,
        elapsed_s=elapsed_s,
        retry_after_s=retry_after_s,
    )
    decision = decide(now, PATIENCE, lambda: 0.5)
    if decision.action is Action.RETRY:
        assert elapsed_s + decision.wait_s < PATIENCE.deadline_s
    if decision.action is Action.FALL_BACK:
        assert can_fall_back
    if decision.action is Action.USE:
        assert outcome in (Outcome.OK, Outcome.TRUNCATED)
