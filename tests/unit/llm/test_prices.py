from decimal import Decimal

import pytest

from chorus.domain.llm_call import Usage
from chorus.llm import Endpoint
from chorus.llm.prices import cost_usd

USAGE = Usage(prompt_tokens=1_000_000, completion_tokens=100_000)


def test_a_listed_model_has_a_price_and_cached_tokens_cost_less() -> None:
    endpoint = Endpoint("https://api.openai.com/v1", None, "gpt-4o-mini")
    full = cost_usd(endpoint, USAGE)
    cached = cost_usd(endpoint, USAGE.model_copy(update={"cached_tokens": 900_000}))
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
    assert cost_usd(Endpoint(base_url, None, model), USAGE) is None


def test_nonsense_counts_cost_no_answer() -> None:
    endpoint = Endpoint("https://api.openai.com/v1", None, "gpt-4o-mini")
    assert cost_usd(endpoint, Usage(prompt_tokens=5, cached_tokens=50)) is not None
    assert cost_usd(endpoint, Usage(prompt_tokens=-5)) is None
