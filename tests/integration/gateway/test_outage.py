"""An endpoint that is down: few calls meet it, one in the whole fleet tries, and nobody fails who can wait."""

import asyncio
import time
from uuid import uuid4

import pytest

from chorus.domain.llm_call import Outcome
from chorus.errors import EndpointUnavailable
from chorus.llm import CallSite, Endpoint, FixedEndpoint, Gateway, MemoryLedger, Patience
from chorus.llm.admission import Turnstile
from chorus.llm.openai_wire import OpenAIWire
from chorus.pipeline.fleet import StoreFleet
from chorus.store import Database
from tests.endpoint import Call, EndpointServer, Kind, Limits
from tests.figures import show
from tests.integration.llm.asking import a_prompt


class Process:
    """What one process has of the gateway; several in one test share only the database."""

    def __init__(
        self, store: Database, endpoint: EndpointServer, *, deadline_s: float, fallback: str | None = None
    ) -> None:
        there = Endpoint(endpoint.base_url, None, "test-model", fallback)
        self.ledger = MemoryLedger()
        self.gateway = Gateway(
            endpoints=FixedEndpoint(there),
            ledger=self.ledger,
            wire=OpenAIWire(),
            admission=Turnstile(StoreFleet(store), most_in_flight=8),
            patience=Patience(deadline_s=deadline_s),
        )

    async def ask(self, words: str = "Write 5 words.") -> str:
        return (await self.gateway.complete(a_prompt(words), CallSite(uuid4(), None, None, "x"))).model

    async def ask_until(self, ends_s: float) -> None:
        while time.monotonic() < ends_s:
            await self.ask()


def refused(calls: list[Call]) -> list[Call]:
    return [call for call in calls if call.outcome.startswith("refused")]


@pytest.mark.parametrize(
    ("outage_s", "processes", "most_calls"),
    [
        (4.0, 2, 30),
        pytest.param(20.0, 1, 40, marks=[pytest.mark.soak, pytest.mark.timeout(300)]),
        pytest.param(20.0, 4, 80, marks=[pytest.mark.soak, pytest.mark.timeout(300)]),
    ],
)
async def test_an_outage_costs_few_calls_and_is_waited_out(
    store: Database, endpoint: EndpointServer, outage_s: float, processes: int, most_calls: int
) -> None:
    endpoint.latency_s = 0.1
    fleet = [Process(store, endpoint, deadline_s=120) for _ in range(processes)]
    await asyncio.gather(*(each.ask() for each in fleet))
    endpoint.limits = Limits(outages=((1.0, 1.0 + outage_s),))
    began_s = time.monotonic()
    ends_s = began_s + 1.5 + outage_s
    await asyncio.gather(*(each.ask_until(ends_s) for each in fleet for _ in range(8)))
    met = refused(endpoint.calls)
    back = [call for call in endpoint.calls if call.began_s > met[-1].began_s]
    after_s = back[0].began_s - met[-1].began_s
    figures = {
        "processes": processes,
        "calls during it": len(met),
        "back after": time.monotonic() - began_s - 1 - outage_s,
        "last try to first answer": after_s,
    }
    show(f"An outage of {outage_s:.0f} s at concurrency 8", [figures])
    assert len(met) <= most_calls
    assert time.monotonic() - ends_s < 45
    waited = [call.waits.get("breaker", 0) for each in fleet for call in each.ledger.calls]
    assert max(waited) > outage_s * 300, "rows say that it was the breaker they waited for"
    async with store.reading() as tx:
        place = f"{endpoint.base_url} test-model"
        assert await tx.endpoints.trouble_s(place) is None
    for each in fleet:
        await each.gateway.aclose()


async def test_who_cannot_wait_is_told_why(store: Database, endpoint: EndpointServer) -> None:
    process = Process(store, endpoint, deadline_s=3)
    await process.ask()
    endpoint.limits = Limits(outages=((0.0, 600.0),))
    began_s = time.monotonic()
    ended = await asyncio.gather(*(process.ask() for _ in range(12)), return_exceptions=True)
    assert {type(each) for each in ended} == {EndpointUnavailable}
    assert any("is in trouble, and was not well again within 3 s" in str(each) for each in ended)
    assert time.monotonic() - began_s < 6
    assert len(refused(endpoint.calls)) <= 20
    await process.gateway.aclose()


async def test_a_fallback_that_is_well_answers_for_one_in_trouble(store: Database, endpoint: EndpointServer) -> None:
    endpoint.faults = lambda index: Kind.HTTP_503 if endpoint.calls[index].model == "test-model" else None
    process = Process(store, endpoint, deadline_s=6, fallback="second-model")
    answers = await asyncio.gather(*(process.ask(f"Write 5 words. {n}") for n in range(10)))
    assert set(answers) == {"second-model"}
    assert {call.outcome for call in process.ledger.calls} == {Outcome.SERVER_ERROR, Outcome.OK}
    await process.gateway.aclose()


async def test_nobody_waits_long_for_an_endpoint_in_trouble_where_another_model_can_answer(
    store: Database, endpoint: EndpointServer
) -> None:
    endpoint.faults = lambda index: Kind.HTTP_503 if endpoint.calls[index].model == "test-model" else None
    process = Process(store, endpoint, deadline_s=600, fallback="second-model")
    began_s = time.monotonic()
    answers = await asyncio.gather(*(process.ask(f"Write 5 words. {n}") for n in range(10)))
    assert set(answers) == {"second-model"}
    assert time.monotonic() - began_s < 30, "far from half of the deadline"
    began_s = time.monotonic()
    assert await process.ask("Write 5 words. Once more.") == "second-model"
    assert time.monotonic() - began_s < 6
    await process.gateway.aclose()
