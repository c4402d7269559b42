"""Limits over real HTTP and a real database: what the fleet may send, what an endpoint bears, what a budget allows."""

import asyncio
import os
import subprocess
import sys
import time
from uuid import uuid4

import pytest
from pydantic import BaseModel

from chorus.domain.rate import Lanes, Rate, Wish
from chorus.errors import EndpointUnavailable
from chorus.llm import CallSite, Endpoint, FixedEndpoint, Gateway, LoneProcess, MemoryLedger, Patience
from chorus.llm.admission import Hold, Turnstile
from chorus.llm.openai_wire import OpenAIWire
from chorus.pipeline.fleet import StoreFleet
from chorus.store import Database
from tests.conftest import ROOT
from tests.endpoint import EndpointServer, Limits, most_in_any
from tests.figures import show
from tests.integration.llm.asking import a_prompt, a_site


class Brief(BaseModel):
    title: str
    tension: int


def gateway_behind(
    door: Turnstile, endpoint: EndpointServer, *, patience: Patience | None = None
) -> tuple[Gateway, MemoryLedger]:
    ledger = MemoryLedger()
    there = Endpoint(endpoint.base_url, None, "test-model")
    gateway = Gateway(
        endpoints=FixedEndpoint(there),
        ledger=ledger,
        wire=OpenAIWire(),
        admission=door,
        patience=patience or Patience(first_wait_s=0.05, longest_wait_s=0.5),
    )
    return gateway, ledger


async def test_rows_and_memory_grant_alike(store: Database) -> None:
    """The statement in the store is the arithmetic of ``Lanes``."""
    rate, weight = Rate(5, 1.0), Rate(1000, 1.0, counts_events=False)
    fleet, lanes = StoreFleet(store), Lanes()
    began = time.monotonic()
    for amount in (100, 700, 10, 1000, 300):
        wish = Wish(events=rate.toll(), weight=weight.toll(amount), credit_s=0.01)
        grant = await fleet.take("b", wish)
        start_s, lanes = lanes.passed_by(wish, now_s := time.monotonic())
        assert grant.granted
        assert grant.wait_s == pytest.approx(start_s - now_s, abs=0.1)
    refused = await fleet.take("b", Wish(events=rate.toll(), longest_wait_s=0.0))
    assert not refused.granted
    assert refused.wait_s > 0
    assert time.monotonic() - began < 5


async def test_turns_are_given_to_many_at_once_without_losing_one(store: Database) -> None:
    fleet, rate = StoreFleet(store), Rate(20, 1000.0)  # a lost turn is 50 s, more than any machine takes for this
    grants = await asyncio.gather(*(fleet.take("b", Wish(events=rate.toll())) for _ in range(40)))
    waits = sorted(grant.wait_s for grant in grants)
    assert waits[-1] == pytest.approx(
        39 * rate.interval_s - (rate.burst - 1) * rate.interval_s, abs=rate.interval_s / 2
    )


@pytest.mark.parametrize(
    ("most", "window_s", "seconds", "share"),
    [(40, 8.0, 11.0, 0.6), pytest.param(120, 60.0, 125.0, 0.9, marks=[pytest.mark.soak, pytest.mark.timeout(400)])],
)
def test_four_workers_keep_to_one_limit_and_use_it(
    database_url: str, endpoint: EndpointServer, most: int, window_s: float, seconds: float, share: float
) -> None:
    endpoint.limits = Limits(per_window=(most, window_s))
    endpoint.latency_s = 0.02
    url = database_url.replace("postgresql:", "postgresql+psycopg:")
    asked = [endpoint.base_url, url, str(most), str(window_s), str(seconds)]
    command = [sys.executable, "-m", "tests.integration.gateway.worker", *asked]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    workers = [subprocess.Popen(command, cwd=ROOT, env=environment) for _ in range(4)]
    assert [worker.wait(seconds + 120) for worker in workers] == [0] * 4
    refused = sum(call.outcome != "ok" for call in endpoint.calls)
    span_s = endpoint.calls[-1].began_s - endpoint.calls[0].began_s
    used = len(endpoint.calls) / (most * span_s / window_s)
    show(
        f"Four workers, at most {most} in any {window_s:.0f} s",
        [
            {
                "calls": len(endpoint.calls),
                "429s": refused,
                "most in a window": most_in_any(window_s, endpoint.calls),
                "used": used,
            }
        ],
    )
    assert refused == 0
    assert used >= share


async def test_tokens_have_a_limit_of_their_own(endpoint: EndpointServer) -> None:
    tokens = Rate(20_000, 2.0, counts_events=False)
    gateway, ledger = gateway_behind(Turnstile(LoneProcess(), most_in_flight=8, tokens=tokens), endpoint)
    began_s = time.monotonic()
    for n in range(6):
        await gateway.complete(a_prompt(f"Write 20 words. {n}", max_tokens=6000), a_site())
    assert time.monotonic() - began_s < 5, "what was set aside and not used is given back"
    waited = [call.waits.get(Hold.LIMITER, 0.0) for call in ledger.calls]
    assert sum(waited) > 100
    await gateway.aclose()


async def test_a_turn_beyond_the_deadline_is_not_waited_for(endpoint: EndpointServer) -> None:
    door = Turnstile(LoneProcess(), most_in_flight=8, requests=Rate(1, 30.0))
    gateway, ledger = gateway_behind(door, endpoint, patience=Patience(deadline_s=2.0))
    await gateway.complete(a_prompt("first"), a_site())
    began_s = time.monotonic()
    with pytest.raises(EndpointUnavailable, match=r"turn within LLM_REQUESTS_PER_MINUTE.* has 2 s"):
        await gateway.complete(a_prompt("second"), a_site())
    assert time.monotonic() - began_s < 2, "the deadline itself was not waited for"
    assert len(ledger.calls) == len(endpoint.calls) == 1
    await gateway.aclose()


@pytest.mark.parametrize(
    ("latency_s", "seconds", "refused", "used"),
    [(0.2, 5.0, 0.15, 0.6), pytest.param(0.5, 60.0, 0.05, 0.85, marks=[pytest.mark.soak, pytest.mark.timeout(300)])],
)
async def test_an_unknown_limit_in_flight_is_found_and_found_again(
    endpoint: EndpointServer, latency_s: float, seconds: float, refused: float, used: float
) -> None:
    endpoint.latency_s = latency_s
    endpoint.limits = Limits(in_flight=8)
    gateway, _ = gateway_behind(Turnstile(LoneProcess(), most_in_flight=16), endpoint)
    await gateway.complete(a_prompt("the first opens the connection"), a_site())
    began_s = time.monotonic()

    async def ask_and_ask() -> None:
        while time.monotonic() - began_s < seconds:
            await gateway.complete(a_prompt("Write 5 words."), CallSite(uuid4(), None, None, "x"))

    async def halve() -> None:
        await asyncio.sleep(seconds / 2)
        endpoint.limits.in_flight = 4

    before = len(endpoint.calls)
    await asyncio.gather(halve(), *(ask_and_ask() for _ in range(16)))
    calls = endpoint.calls[before:]
    good = [call for call in calls if call.outcome == "ok"]
    took_s = sum((call.ended_s or call.began_s) - call.began_s for call in good) / len(good)
    possible = (8 + 4) / 2 * (time.monotonic() - began_s) / took_s
    figures = {"calls": len(calls), "429s": 1 - len(good) / len(calls), "of possible": len(good) / possible}
    show(f"8 in flight, halved midway, {seconds:.0f} s", [figures])
    assert figures["429s"] <= refused
    assert figures["of possible"] >= used
    await gateway.aclose()


async def test_a_dialect_is_learned_once_for_all_processes(store: Database, endpoint: EndpointServer) -> None:
    endpoint.rejects = frozenset({"response_format.json_schema", "temperature"})
    for n in range(3):
        gateway, _ = gateway_behind(Turnstile(StoreFleet(store), most_in_flight=8), endpoint)
        await gateway.complete_as(a_prompt(f"brief {n}"), a_site(), Brief)
        await gateway.aclose()
    assert [call.outcome for call in endpoint.calls] == ["rejected", "rejected", "ok", "ok", "ok"]
