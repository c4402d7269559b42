"""Budgets on real rows: nothing is sent that might overshoot, whoever else asks at the same time."""

import asyncio
from decimal import Decimal
from uuid import UUID

import pytest
from pydantic import SecretStr

from chorus.domain.llm_call import LLMCall, Outcome
from chorus.domain.run import Run, RunSettings
from chorus.domain.story import Origin, Story
from chorus.errors import BudgetExceeded, ConfigError, ErrorKind
from chorus.llm import CallSite, Endpoint, FixedEndpoint, Gateway
from chorus.llm.answer import Answer
from chorus.llm.openai_wire import OpenAIWire
from chorus.llm.prices import PriceList
from chorus.llm.record import Tally
from chorus.pipeline.ledger import StoreLedger
from chorus.settings import Price
from chorus.store import Database
from tests.endpoint import EndpointServer, Kind
from tests.integration.llm.asking import a_prompt

PRICES = PriceList({"test-model": Price(prompt=Decimal(1), completion=Decimal(10))})


def open_one(store: Database, endpoint: EndpointServer, prices: PriceList | None = None) -> Gateway:
    there = Endpoint(endpoint.base_url, SecretStr("sk-canary-0123456789abcdef"), "test-model")
    return Gateway(
        endpoints=FixedEndpoint(there),
        ledger=StoreLedger(store),
        wire=OpenAIWire(),
        tally=Tally(prices=prices or PriceList()),
    )


async def a_run(store: Database) -> Run:
    story = Story(title="T", origin=Origin.WRITTEN)
    run = Run(story_id=story.id)
    async with store.transaction() as tx:
        await tx.stories.add(story)
        await tx.runs.add(run)
    return run


def site(run: Run, number: int, settings: RunSettings, scene: int | None = 1) -> CallSite:
    return CallSite(run.story_id, run.id, scene, f"scene/{number}/x", budget=settings.budget)


async def calls_of(store: Database, story_id: UUID) -> list[LLMCall]:
    async with store.reading() as tx:
        return await tx.calls.list_of(story_id)


async def ask_until_refused(gateway: Gateway, run: Run, settings: RunSettings, words: int, room: int) -> None:
    for n in range(2, 20):
        await gateway.complete(a_prompt(f"Write {words} words. {n}", max_tokens=room), site(run, n, settings))


def tokens(calls: list[LLMCall]) -> int:
    return sum(call.prompt_tokens + call.completion_tokens for call in calls)


async def test_fifty_at_once_never_overshoot_and_use_what_there_is(store: Database, endpoint: EndpointServer) -> None:
    endpoint.latency_s = 0.1
    run, settings = await a_run(store), RunSettings(budget_tokens=6000)
    gateways = [open_one(store, endpoint) for _ in range(5)]
    asked = [
        gateways[n % 5].complete(a_prompt(f"Write 100 words. {n}", max_tokens=700), site(run, n, settings))
        for n in range(50)
    ]
    ended = await asyncio.gather(*asked, return_exceptions=True)
    refused = [each for each in ended if isinstance(each, BaseException)]
    assert all(isinstance(each, BudgetExceeded) for each in refused), refused
    calls = await calls_of(store, run.story_id)
    assert len(refused) + len(calls) == 50
    assert 0.7 * 6000 < tokens(calls) <= 6000
    assert not [call for call in calls if call.outcome is not Outcome.OK]
    for gateway in gateways:
        await gateway.aclose()


FAULTY = (None, Kind.CUT_STREAM, None, Kind.RESET, Kind.HTTP_503, None, Kind.NO_USAGE, Kind.ERROR_IN_STREAM)


async def test_fifty_at_once_never_overshoot_when_half_of_it_goes_wrong(
    store: Database, endpoint: EndpointServer
) -> None:
    endpoint.latency_s = 0.05
    endpoint.faults = lambda index: FAULTY[index % len(FAULTY)]
    run, settings, gateway = await a_run(store), RunSettings(budget_tokens=9000), open_one(store, endpoint)
    asked = [
        gateway.complete(a_prompt(f"Write 100 words. {n}", max_tokens=700), site(run, n, settings)) for n in range(50)
    ]
    ended = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(each) for each in ended} == {Answer, BudgetExceeded}, ended
    calls = await calls_of(store, run.story_id)
    assert any(call.is_unanswered for call in calls)
    assert sum(call.reserved_tokens if call.is_unanswered else tokens([call]) for call in calls) <= 9000
    await gateway.aclose()


async def test_the_error_says_what_is_used_and_what_is_needed(store: Database, endpoint: EndpointServer) -> None:
    run, settings, gateway = await a_run(store), RunSettings(budget_tokens=1200), open_one(store, endpoint)
    await gateway.complete(a_prompt("first", max_tokens=700), site(run, 1, settings))
    with pytest.raises(BudgetExceeded, match=r"The budget of this run is 1,200 tokens: \d+ tokens are used") as raised:
        await ask_until_refused(gateway, run, settings, 300, 700)
    error = raised.value
    assert error.kind is ErrorKind.RESOURCE
    assert (error.budget, error.unit, error.limit) == ("run", "tokens", Decimal(1200))
    calls = await calls_of(store, run.story_id)
    assert error.used == tokens(calls)
    assert error.used + error.needed > error.limit
    assert len(endpoint.calls) == len(calls), "what did not fit was not sent"
    more = RunSettings(budget_tokens=9000)
    await gateway.complete(a_prompt("one more", max_tokens=700), site(run, 99, more))
    await gateway.aclose()


@pytest.mark.parametrize(
    ("settings", "scope"),
    [
        (RunSettings(budget_tokens_per_call=500), "call"),
        (RunSettings(budget_tokens_per_scene=1200), "scene"),
        (RunSettings(budget_tokens_per_day=1200), "day"),
        (RunSettings(budget_usd=0.01), "run"),
    ],
)
async def test_every_scope_and_unit_holds(
    store: Database, endpoint: EndpointServer, settings: RunSettings, scope: str
) -> None:
    run, gateway = await a_run(store), open_one(store, endpoint, PRICES)
    with pytest.raises(BudgetExceeded) as raised:
        await ask_until_refused(gateway, run, settings, 100, 700)
    assert raised.value.budget == scope
    other = await a_run(store) if scope == "run" else run
    if scope in ("scene", "run"):
        await gateway.complete(a_prompt("elsewhere", max_tokens=700), site(other, 99, settings, scene=2))
    await gateway.aclose()


async def test_without_a_price_there_is_no_budget_in_usd(store: Database, endpoint: EndpointServer) -> None:
    run, gateway = await a_run(store), open_one(store, endpoint)
    with pytest.raises(ConfigError, match=r"No price is known for 'test-model'.*LLM_PRICES"):
        await gateway.complete(a_prompt(), site(run, 1, RunSettings(budget_usd=5)))
    assert endpoint.calls == []
    assert await gateway.unpriced(["scene_generator"]) == ["test-model"]
    await gateway.aclose()


async def test_what_a_dead_process_had_set_aside_counts_as_spent(store: Database, endpoint: EndpointServer) -> None:
    run, settings = await a_run(store), RunSettings(budget_tokens=1500)
    endpoint.faults = [Kind.HANG]
    dead, gateway = open_one(store, endpoint), open_one(store, endpoint)
    prompt = a_prompt("who asks this is killed", max_tokens=700)
    asking = asyncio.create_task(dead.complete(prompt, site(run, 1, settings)))
    while not endpoint.calls:  # noqa: ASYNC110 - the endpoint is in another thread
        await asyncio.sleep(0.01)
    async with store.transaction() as tx:
        await tx.calls.abandon(run.id)
    assert [call.outcome for call in await calls_of(store, run.story_id)] == [Outcome.CANCELLED]
    with pytest.raises(BudgetExceeded, match=r"1,500 tokens: [78]\d\d tokens are used"):
        await gateway.complete(a_prompt("nobody knows what it has cost", max_tokens=1200), site(run, 2, settings))
    await gateway.complete(a_prompt("who follows has the rest", max_tokens=400), site(run, 2, settings))
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await dead.aclose()
    await gateway.aclose()


async def test_retries_are_within_the_budget_too(store: Database, endpoint: EndpointServer) -> None:
    run, settings, gateway = await a_run(store), RunSettings(budget_tokens=3000), open_one(store, endpoint)
    endpoint.faults = lambda _index: Kind.LENGTH
    with pytest.raises(BudgetExceeded):
        await ask_until_refused(gateway, run, settings, 400, 900)
    assert tokens(await calls_of(store, run.story_id)) <= 3000
    await gateway.aclose()
