"""Gather what an estimate rests on: the earlier runs with the same model, and its price."""

import asyncio
from dataclasses import replace
from decimal import Decimal

from chorus.domain.estimate import EMBEDDED, ENDPOINT, Estimate, estimate
from chorus.domain.llm_call import Usage
from chorus.domain.run import RunSettings
from chorus.llm import Endpoint, PriceList, configured_endpoint
from chorus.settings import ChorusConfig
from chorus.store import Database

_MILLION = 1_000_000


async def estimate_run(store: Database, config: ChorusConfig, settings: RunSettings) -> Estimate:
    """Estimate a run with the model that would write its prose."""
    endpoint = configured_endpoint(config, "scene_generator")
    if endpoint and (other := settings.models.get("scene_generator")):
        endpoint = replace(endpoint, model=other)
    async with store.reading() as tx:
        precedents = await tx.runs.list_precedents(endpoint.model if endpoint and endpoint.model else None)
    prices = PriceList(config.llm.prices)
    price = await asyncio.to_thread(_usd_per_token, endpoint, prices) if endpoint and endpoint.model else None
    return estimate(settings, precedents, price, ENDPOINT if endpoint else EMBEDDED)


def _usd_per_token(endpoint: Endpoint, prices: PriceList) -> tuple[Decimal, Decimal] | None:
    reading = prices.cost_usd(endpoint, Usage(prompt_tokens=_MILLION))
    writing = prices.cost_usd(endpoint, Usage(completion_tokens=_MILLION))
    return None if reading is None or writing is None else (reading / _MILLION, writing / _MILLION)
