"""What an answer cost, by the user's prices or the list of ``genai-prices``. An unknown price is None, never zero."""

from collections.abc import Mapping
from decimal import Decimal

from chorus.domain.llm_call import Usage
from chorus.llm.endpoint import Endpoint
from chorus.settings import Price

_MILLION = Decimal(1_000_000)


class PriceList:
    """Prices by model; those of the user's own come first."""

    def __init__(self, own: Mapping[str, Price] | None = None) -> None:
        """Take the prices that LLM_PRICES names."""
        self._own = own or {}

    def knows_own(self, endpoint: Endpoint) -> bool:
        """Whether the user has named a price for this model."""
        return endpoint.model in self._own

    def cost_usd(self, endpoint: Endpoint, usage: Usage) -> Decimal | None:
        """Price the tokens of one answer; None where nobody named or published a price for this model at this host.

        The first call imports the price list (most of a second): keep it off the event loop.
        """
        if own := self._own.get(endpoint.model):
            tokens = own.prompt * usage.prompt_tokens + own.completion * usage.completion_tokens
            return tokens / _MILLION
        if endpoint.is_local:
            return None
        try:
            return _listed_price(endpoint, usage)
        except Exception:  # noqa: BLE001 - a gap in a price list must not cost an answer
            return None


def _listed_price(endpoint: Endpoint, usage: Usage) -> Decimal:
    from genai_prices import Usage as Tokens
    from genai_prices import calc_price

    tokens = Tokens(
        input_tokens=usage.prompt_tokens,
        cache_read_tokens=min(usage.cached_tokens, usage.prompt_tokens),
        output_tokens=usage.completion_tokens,
    )
    return calc_price(tokens, endpoint.model, provider_api_url=endpoint.base_url).total_price
