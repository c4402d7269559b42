"""What fits into a budget, and which limit is named when it does not."""

from decimal import Decimal

from chorus.domain.budget import Amount, Scope, Spending, Unit, shortfall
from chorus.domain.run import RunSettings


def spent(tokens: int, reserved: int = 0) -> Spending:
    return Spending(used=Amount(tokens=tokens), reserved=Amount(tokens=reserved))


def test_a_run_without_limits_has_no_budget() -> None:
    assert RunSettings().budget is None


def test_every_limit_has_its_scope_and_unit() -> None:
    settings = RunSettings(
        budget_tokens=4, budget_tokens_per_call=1, budget_tokens_per_scene=2, budget_tokens_per_day=8, budget_usd=0.5
    )
    assert settings.budget
    assert [(limit.scope, limit.unit, limit.most) for limit in settings.budget.limits] == [
        (Scope.CALL, Unit.TOKENS, 1),
        (Scope.SCENE, Unit.TOKENS, 2),
        (Scope.RUN, Unit.TOKENS, 4),
        (Scope.DAY, Unit.TOKENS, 8),
        (Scope.RUN, Unit.USD, Decimal("0.5")),
    ]


def test_what_fits_to_the_last_token_fits() -> None:
    budget = RunSettings(budget_tokens=1000).budget
    assert budget
    assert shortfall(budget, {Scope.RUN: spent(600, 300)}, Amount(tokens=100)) is None
    short = shortfall(budget, {Scope.RUN: spent(600, 300)}, Amount(tokens=101))
    assert short
    assert short.may_pass, "the calls in flight may use less than they set aside"
    short = shortfall(budget, {Scope.RUN: spent(900)}, Amount(tokens=101))
    assert short
    assert not short.may_pass


def test_the_limit_that_cannot_pass_is_the_one_named() -> None:
    budget = RunSettings(budget_tokens=1000, budget_tokens_per_day=2000).budget
    assert budget
    spending = {Scope.RUN: spent(500, 450), Scope.DAY: spent(1990)}
    short = shortfall(budget, spending, Amount(tokens=100))
    assert short
    assert short.limit.scope is Scope.DAY


def test_a_call_alone_may_be_too_large() -> None:
    budget = RunSettings(budget_tokens_per_call=50).budget
    assert budget
    short = shortfall(budget, {}, Amount(tokens=51))
    assert short
    assert short.limit.scope is Scope.CALL
