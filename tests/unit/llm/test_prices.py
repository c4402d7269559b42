from decimal import Decimal

import pytest

from chorus.domain.llm_call import Usage
from chorus.llm import Endpoint
from chorus.llm.prices import PriceList
from chorus.settings import Price

USAGE = Usage(prompt_tokens=1_000_000, completion_tokens=100_000)


def test_a_listed_model_has_a_price_and_cached_tokens_cost_less() -> None:
    endpoint = Endpoint("https://api.openai.com/v1", None, "gpt-4o-mini")
    full = PriceList().cost_usd(endpoint, USAGE)
    cached = PriceList().cost_usd(endpoint, USAGE.model_copy(update={"cached_tokens": 900_000}))
    assert full is not None
    assert cached is not None
    assert Decimal("0.05") < cached < full < Decimal(1)


@pytest.mark.parametrize(
    ("base_url", "model"),
    [
        ("https://api.openai.com/v1", "a-model-nobody-sells"),
        ("https://llm.example.org/v1", "gpt-4o-mini"),
        ("http://127.0.0.1:8000/v1", "gpt-4o-mini"),
    ],
)
def test_an_unknown_price_is_not_zero(base_url: str, model: str) -> None:
    assert PriceList().cost_usd(Endpoint(base_url, None, model), USAGE) is None


def test_nonsense_counts_cost_no_answer() -> None:
    endpoint = Endpoint("https://api.openai.com/v1", None, "gpt-4o-mini")
    assert PriceList().cost_usd(endpoint, Usage(prompt_tokens=5, cached_tokens=50)) is not None
    assert PriceList().cost_usd(endpoint, Usage(prompt_tokens=-5)) is None


def test_the_users_own_price_counts_before_any_list_and_on_this_machine_too() -> None:
    prices = PriceList({"test-model": Price(prompt=Decimal("0.5"), completion=Decimal(2))})
    local = Endpoint("http://127.0.0.1:8000/v1", None, "test-model")
    cost = prices.cost_usd(local, Usage(prompt_tokens=1_000_000, completion_tokens=500_000))
    assert cost == Decimal("1.5")
