"""When a breaker opens, who may try, and what never trips it."""

import asyncio

import pytest

from chorus.domain.llm_call import Outcome
from chorus.errors import DatabaseUnavailable
from chorus.llm.circuit import FAILURES_TO_OPEN, Circuit
from chorus.llm.fleet import LoneProcess, pause_s

PLACE = "http://host/v1 model"


class Counting(LoneProcess):
    """A fleet that counts how often it is asked."""

    def __init__(self) -> None:
        super().__init__(lambda: self.now_s)
        self.now_s = 0.0
        self.asked = 0

    async def probe(self, place: str) -> float | None:
        self.asked += 1
        return await super().probe(place)

    async def trouble_s(self, place: str) -> float | None:
        self.asked += 1
        return await super().trouble_s(place)


async def opened(fleet: LoneProcess) -> Circuit:
    circuit = Circuit(PLACE, fleet)
    for _ in range(FAILURES_TO_OPEN):
        await circuit.heard(Outcome.SERVER_ERROR)
    assert circuit.is_open
    return circuit


async def test_a_healthy_endpoint_never_asks_the_fleet() -> None:
    fleet = Counting()
    circuit = Circuit(PLACE, fleet)
    for _ in range(100):
        assert not await circuit.wait_until_well()
        await circuit.heard(Outcome.OK)
    assert fleet.asked == 0


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome.BAD_REQUEST,
        Outcome.AUTH_ERROR,
        Outcome.CONTENT_FILTER,
        Outcome.REFUSAL,
        Outcome.RATE_LIMITED,
        Outcome.QUOTA_EXHAUSTED,
        Outcome.NOT_FOUND,
        Outcome.CONTEXT_OVERFLOW,
        Outcome.INVALID_JSON,
        Outcome.NOT_AN_LLM,
    ],
)
async def test_what_is_no_trouble_never_trips_it(outcome: Outcome) -> None:
    circuit = Circuit(PLACE, LoneProcess())
    for _ in range(50):
        await circuit.heard(outcome)
    assert not circuit.is_open


async def test_an_answer_in_between_starts_the_count_again() -> None:
    circuit = Circuit(PLACE, LoneProcess())
    for outcome in [*[Outcome.TIMEOUT] * (FAILURES_TO_OPEN - 1), Outcome.OK, Outcome.TIMEOUT]:
        await circuit.heard(outcome)
    assert not circuit.is_open


async def test_a_wrong_address_does_not_wait_for_better_times() -> None:
    circuit = Circuit(PLACE, LoneProcess())
    for _ in range(50):
        await circuit.heard(Outcome.CONNECTION_ERROR)
    assert not circuit.is_open


async def test_one_tries_while_the_others_wait_and_all_go_when_it_succeeds() -> None:
    fleet = Counting()
    circuit = await opened(fleet)
    fleet.now_s = 1.0
    waiting = [asyncio.create_task(circuit.wait_until_well()) for _ in range(8)]
    done, _ = await asyncio.wait(waiting, timeout=0.2, return_when=asyncio.FIRST_COMPLETED)
    assert [task.result() for task in done] == [True]
    await circuit.heard(Outcome.OK)
    assert sorted(await asyncio.gather(*waiting)) == [False] * 7 + [True]
    assert fleet.asked <= 3 + FAILURES_TO_OPEN


async def test_a_process_that_stumbles_hears_what_the_fleet_knows() -> None:
    fleet = LoneProcess()
    await opened(fleet)
    other = Circuit(PLACE, fleet)
    await other.heard(Outcome.SERVER_ERROR)
    assert other.is_open


async def test_a_process_that_waits_hears_that_another_one_got_through() -> None:
    fleet = LoneProcess()
    here, there = await opened(fleet), await opened(fleet)
    waiting = asyncio.create_task(here.wait_until_well())
    await there.heard(Outcome.OK)
    assert not await asyncio.wait_for(waiting, 3)


async def test_without_its_database_it_works_alone() -> None:
    class Away(LoneProcess):
        async def trip(self, place: str) -> None:
            raise DatabaseUnavailable("gone")

        async def trouble_s(self, place: str) -> float | None:
            raise DatabaseUnavailable("gone")

        async def mend(self, place: str) -> None:
            raise DatabaseUnavailable("gone")

    circuit = await opened(Away())
    await circuit.heard(Outcome.OK)
    assert not circuit.is_open


def test_tries_become_rarer_up_to_a_limit() -> None:
    assert [pause_s(n) for n in range(6)] == [1, 2, 4, 8, 10, 10]
