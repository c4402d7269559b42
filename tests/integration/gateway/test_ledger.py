"""What is paid for is written down, whatever came and however the database does."""

import asyncio
import json

import pytest

from chorus.domain.llm_call import LLMCall, Outcome
from chorus.domain.run import RunSettings
from chorus.errors import BudgetExceeded, DatabaseUnavailable
from chorus.llm import CallSite, MemoryLedger, scripted_gateway
from chorus.store import Database
from tests.endpoint import EndpointServer, Fault, Kind
from tests.integration.gateway.test_budgets import a_run, calls_of, open_one, site
from tests.integration.llm.asking import a_prompt, a_site

NUL_AND_HALF = "\x00\ud83d"


async def test_what_postgres_cannot_keep_does_not_cost_the_answer(store: Database, endpoint: EndpointServer) -> None:
    run, gateway = await a_run(store), open_one(store, endpoint)
    choice = {"delta": {"content": f"The lamp{NUL_AND_HALF} burned."}, "finish_reason": f"st{NUL_AND_HALF}op" * 90}
    usage = {"prompt_tokens": 99_999_999_999_999, "completion_tokens": 5}
    odd = Fault(Kind.RAW_EVENTS, raw=(json.dumps({"choices": [choice]}), json.dumps({"usage": usage}), "[DONE]"))
    error = json.dumps({"error": {"message": f"no{NUL_AND_HALF}body", "code": 503}})
    endpoint.faults = [Fault(Kind.RAW_EVENTS, raw=(error, "[DONE]")), odd]
    answer = await gateway.complete(a_prompt(), CallSite(run.story_id, run.id, 1, "scene/1/x"))
    failed, kept = await calls_of(store, run.story_id)
    assert answer.text == kept.response_text == "The lamp burned."
    assert (failed.outcome, kept.outcome) == (Outcome.SERVER_ERROR, Outcome.OK)
    assert (failed.error or "").startswith("nobody")
    assert kept.usage_estimated, "a count that cannot be is none"
    await gateway.aclose()


class Away(MemoryLedger):
    """A ledger whose database goes away when an answer is to be written down, for a while."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    async def close_call(self, call: LLMCall) -> None:
        if self.times > 0:
            self.times -= 1
            raise DatabaseUnavailable("the server is restarting")
        await super().close_call(call)


async def test_an_answer_waits_until_the_database_is_back() -> None:
    ledger = Away(times=3)
    gateway, wire = scripted_gateway({"plan": "The lamp burned."}, ledger)
    assert (await gateway.complete(a_prompt(), a_site())).text == "The lamp burned."
    assert [call.outcome for call in ledger.calls] == [Outcome.OK]
    assert len(wire.requests) == 1


async def test_what_another_run_has_on_its_way_counts_for_the_day(store: Database, endpoint: EndpointServer) -> None:
    endpoint.faults = [Kind.HANG]
    gateway, run, other = open_one(store, endpoint), await a_run(store), await a_run(store)
    flying = asyncio.create_task(
        gateway.complete(a_prompt("no budget", max_tokens=900), CallSite(run.story_id, run.id, 1, "x"))
    )
    while not await calls_of(store, run.story_id):  # noqa: ASYNC110 - written down beside the question
        await asyncio.sleep(0.01)
    day = RunSettings(budget_tokens_per_day=1400)
    asked = gateway.complete(a_prompt("a day", max_tokens=700), site(other, 1, day))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asked, 1)
    assert len(endpoint.calls) == 1, "what is on its way may use all that is left"
    flying.cancel()
    await asyncio.gather(flying, return_exceptions=True)
    with pytest.raises(BudgetExceeded, match="The budget of this day"):
        await gateway.complete(a_prompt("a day", max_tokens=700), site(other, 1, day))
    await gateway.aclose()
