"""What an answer cost, by the price list of ``genai-prices``. An unknown price is None, never zero."""

from decimal import Decimal

from chorus.domain.llm_call import Usage
from chorus.llm.endpoint import Endpoint


def cost_usd(endpoint: Endpoint, usage: Usage) -> Decimal | None:
    """Price the tokens of one answer; None where nobody published a price for this model at this host.

    The first call imports the price list (most of a second): keep it off the event loop.
    """
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
