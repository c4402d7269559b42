"""How much a call, a scene, a run and a day may use, in tokens and in US dollars, and what is left of it."""

from decimal import Decimal
from enum import StrEnum

from chorus.domain.value import Value


class Scope(StrEnum):
    """What a limit holds for; a day begins at midnight UTC and counts all runs.

    Judging counts what judges asked of all stories of one experiment.
    """

    CALL = "call"
    SCENE = "scene"
    RUN = "run"
    DAY = "day"
    JUDGING = "judging"


class Unit(StrEnum):
    """What a limit counts."""

    TOKENS = "tokens"
    USD = "USD"


class Amount(Value):
    """What a call may use at most, or has used; ``usd`` is None if the price is not known."""

    tokens: int = 0
    usd: Decimal | None = Decimal(0)

    def number_in(self, unit: Unit) -> Decimal:
        """Its number in one unit; an unknown price counts as nothing here and is refused where a limit is kept."""
        return Decimal(self.tokens) if unit is Unit.TOKENS else (self.usd or Decimal(0))


class Limit(Value):
    """One budget."""

    scope: Scope
    unit: Unit
    most: Decimal


class Budget(Value):
    """Every limit that holds for a call."""

    limits: tuple[Limit, ...]

    @property
    def counts_usd(self) -> bool:
        """Whether prices must be known to keep it."""
        return any(limit.unit is Unit.USD for limit in self.limits)

    def scopes(self) -> list[Scope]:
        """The scopes that have a limit, each once, in the order in which they are locked."""
        return [scope for scope in Scope if any(limit.scope is scope for limit in self.limits)]


class Spending(Value):
    """What a scope has used, and what its calls in flight may use yet."""

    used: Amount = Amount()
    reserved: Amount = Amount()


class Shortfall(Value):
    """A limit that the next call might overshoot."""

    limit: Limit
    used: Decimal
    reserved: Decimal
    needed: Decimal

    @property
    def may_pass(self) -> bool:
        """Whether it fits as soon as calls in flight turn out cheaper than was set aside for them."""
        return self.used + self.needed <= self.limit.most


def shortfall(budget: Budget, spending: dict[Scope, Spending], needed: Amount) -> Shortfall | None:
    """Find the limit that a call does not fit into; one that cannot pass before one that may."""
    short = [
        Shortfall(limit=limit, used=used, reserved=reserved, needed=wanted)
        for limit in budget.limits
        for used, reserved, wanted in [_numbers(limit, spending.get(limit.scope, Spending()), needed)]
        if used + reserved + wanted > limit.most
    ]
    return min(short, key=lambda each: each.may_pass, default=None)


def _numbers(limit: Limit, spent: Spending, needed: Amount) -> tuple[Decimal, Decimal, Decimal]:
    return spent.used.number_in(limit.unit), spent.reserved.number_in(limit.unit), needed.number_in(limit.unit)
