"""Gather what an estimate rests on: the earlier runs with the same model, and its price."""

import asyncio
from dataclasses import replace
from decimal import Decimal

from chorus.domain.estimate import EMBEDDED, ENDPOINT, Estimate, Part, estimate, part_of, shares
from chorus.domain.llm_call import Usage
from chorus.domain.run import Run, RunSettings
from chorus.llm import Endpoint, PriceList, configured_endpoint
from chorus.settings import AgentName, ChorusConfig
from chorus.store import Database

_MILLION = 1_000_000


async def foretell(store: Database, config: ChorusConfig, run: Run) -> Run:
    """Keep with a run of a story that is there what it will take; none is kept with one that only reads."""
    if run.settings.read_canon:
        return run
    async with store.reading() as tx:
        part = part_of(run.settings, await tx.stories.load_outline(run.story_id))
    foreseen = (await estimate_run(store, config, run.settings, part)).model_dump(mode="json")
    async with store.transaction() as tx:
        await tx.runs.keep_estimate(run.id, foreseen)
    return run.model_copy(update={"estimate": foreseen})


async def estimate_run(
    store: Database, config: ChorusConfig, settings: RunSettings, part: Part | None = None
) -> Estimate:
    """Estimate a run: its pace by the model that would write its prose, its cost by the models of all agents."""
    endpoint = _endpoint_of(config, settings, "scene_generator")
    async with store.reading() as tx:
        precedents = await tx.runs.list_precedents(endpoint.model if endpoint and endpoint.model else None)
    price = await asyncio.to_thread(_usd_per_token, config, settings, part)
    return estimate(settings, precedents, price, ENDPOINT if endpoint else EMBEDDED, part)


def _endpoint_of(config: ChorusConfig, settings: RunSettings, agent: AgentName) -> Endpoint | None:
    endpoint = configured_endpoint(config, agent)
    other = settings.models.get(agent)
    return replace(endpoint, model=other) if endpoint and other else endpoint


def _usd_per_token(config: ChorusConfig, settings: RunSettings, part: Part | None) -> tuple[Decimal, Decimal] | None:
    """What a token of the prompts and one of the answers cost on average; None if a price is not known."""
    prices = PriceList(config.llm.prices)
    reading = writing = Decimal(0)
    for agent, (asked, answered) in shares(settings, part).items():
        endpoint = _endpoint_of(config, settings, agent)
        if endpoint is None or not endpoint.model:
            return None
        million_in = prices.cost_usd(endpoint, Usage(prompt_tokens=_MILLION))
        million_out = prices.cost_usd(endpoint, Usage(completion_tokens=_MILLION))
        if million_in is None or million_out is None:
            return None
        reading += Decimal(str(asked)) * million_in / _MILLION
        writing += Decimal(str(answered)) * million_out / _MILLION
    return reading, writing
