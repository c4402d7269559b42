"""The gateway on scripted answers: replay, re-asks, and what the endpoint is never asked for twice."""

import time
from dataclasses import replace
from uuid import UUID

import pytest
from pydantic import BaseModel

from chorus.domain.llm_call import LLMCall, Outcome
from chorus.errors import AnswerUnusable
from chorus.llm import CallSite, ChatReply, ChatRequest, MemoryLedger, Prompt, scripted_gateway


class Fact(BaseModel):
    text: str
    scene: int = 1


PROMPT = Prompt(agent="continuity_editor", node="digest", version="3", system="S", user="U", max_tokens=50)
SITE = CallSite(UUID(int=7), UUID(int=8), 2, "scene/2/digest", manifest={"why": "because"})


async def test_a_call_is_recorded_with_all_that_is_known() -> None:
    ledger = MemoryLedger()
    gateway, _ = scripted_gateway({"digest": Fact(text="a")}, ledger)
    await gateway.complete_as(PROMPT, SITE, Fact)
    (call,) = ledger.calls
    assert (call.story_id, call.run_id, call.scene_number, call.node_path) == (SITE.story_id, SITE.run_id, 2, SITE.path)
    assert (call.agent, call.node, call.prompt_version, call.take) == ("continuity_editor", "digest", "3", 0)
    assert call.settings == {"temperature": 0.7, "max_tokens": 50, "stop": []}
    assert call.request["messages"][0] == {"role": "system", "content": "S"}
    assert call.manifest == {"why": "because"}
    assert LLMCall.model_validate_json(call.model_dump_json()) == call


async def test_what_a_run_says_in_addition_is_part_of_the_prompt_its_version_and_its_address() -> None:
    ledger = MemoryLedger()
    gateway, wire = scripted_gateway({"digest_scene": ["a", "b", "c"]}, ledger)
    more = replace(SITE, prompts={"digest_scene": "Be brief.", "draft_scene": "Be long."})
    prompt = PROMPT.model_copy(update={"node": "digest_scene"})
    answers = [await gateway.complete(prompt, site) for site in (SITE, more, more)]
    assert [answer.text for answer in answers] == ["a", "b", "b"]
    assert len(wire.requests) == 2
    plain, told = ledger.calls
    assert told.request["messages"][0] == {"role": "system", "content": "S\n\nBe brief."}
    assert told.prompt_hash != plain.prompt_hash
    assert (plain.prompt_version, told.prompt_version[:2], len(told.prompt_version)) == ("3", "3+", 10)


async def test_reasks_are_replayed_step_by_step() -> None:
    ledger = MemoryLedger()
    script = {"digest": ["No idea.", '{"scene": 4}', '{"text": "b"}']}
    first, wire = scripted_gateway(script, ledger)
    value = await first.complete_as(PROMPT, SITE, Fact)
    again, silent = scripted_gateway({}, ledger)
    replayed = await again.complete_as(PROMPT, SITE, Fact)
    assert replayed.value == value.value == Fact(text="b")
    assert replayed.answer.call_ids == value.answer.call_ids
    assert (len(wire.requests), len(silent.requests)) == (3, 0)
    paths = [call.node_path for call in ledger.calls]
    assert paths == ["scene/2/digest", "scene/2/digest/reask/1", "scene/2/digest/reask/2"]


async def test_a_crash_between_reasks_buys_only_what_is_missing() -> None:
    ledger = MemoryLedger()
    broken, _ = scripted_gateway({"digest": ["No idea.", ChatReply(outcome=Outcome.AUTH_ERROR)]}, ledger)
    with pytest.raises(Exception, match="refused"):
        await broken.complete_as(PROMPT, SITE, Fact)
    healed, wire = scripted_gateway({"digest": Fact(text="c")}, ledger)
    assert (await healed.complete_as(PROMPT, SITE, Fact)).value.text == "c"
    assert len(wire.requests) == 1


async def test_reask_prompts_are_bounded() -> None:
    gateway, wire = scripted_gateway({"digest": "blah " * 5000})
    with pytest.raises(AnswerUnusable, match="digest"):
        await gateway.complete_as(PROMPT, SITE, Fact)
    lengths = [len(request.body["messages"][-1]["content"]) for request in wire.requests]
    assert len(lengths) == 3
    assert max(lengths) < 2000
    assert lengths[1] == lengths[2], "the second re-ask does not carry the first"


async def test_what_is_asked_makes_the_address_and_when_does_not() -> None:
    ledger = MemoryLedger()
    gateway, wire = scripted_gateway({"digest": "text"}, ledger)
    same = CallSite(SITE.story_id, UUID(int=9), 5, SITE.path)
    await gateway.complete(PROMPT, SITE)
    await gateway.complete(PROMPT.model_copy(update={"version": "4"}), same)
    assert len(wire.requests) == 1
    for change in ({"user": "V"}, {"system": "T"}, {"max_tokens": 51}, {"temperature": 0.1}, {"stop": ("x",)}):
        await gateway.complete(PROMPT.model_copy(update=change), SITE)
    await gateway.complete(PROMPT, CallSite(UUID(int=70), None, 2, SITE.path))
    await gateway.complete(PROMPT, CallSite(SITE.story_id, None, 2, "scene/3/digest"))
    assert len(wire.requests) == 8


async def test_a_refusal_in_words_is_one_and_a_character_who_cannot_is_none() -> None:
    refusing = {"digest": "I'm sorry, but I can't assist with that request."}
    with pytest.raises(AnswerUnusable, match="declined"):
        await scripted_gateway(refusing)[0].complete(PROMPT, SITE)
    speaking = {"digest": "I can't help it. I looked at the harbour and walked on."}
    assert (await scripted_gateway(speaking)[0].complete(PROMPT, SITE)).text == speaking["digest"]


async def test_thinking_aloud_is_recorded_and_not_handed_on() -> None:
    ledger = MemoryLedger()
    gateway, _ = scripted_gateway({"digest": "<think>Which harbour?</think>\n\nThe north one."}, ledger)
    assert (await gateway.complete(PROMPT, SITE)).text == "The north one."
    assert "Which harbour?" in (ledger.calls[0].response_text or "")


async def test_a_script_can_look_at_the_request() -> None:
    def echo(request: ChatRequest) -> str:
        return str(request.body["messages"][-1]["content"])

    gateway, _ = scripted_gateway({"digest": echo})
    heard: list[str] = []
    assert (await gateway.complete(PROMPT, SITE, on_text=heard.append)).text == "U" == heard[0]


async def test_a_part_that_is_missing_in_the_script_is_named() -> None:
    ledger = MemoryLedger()
    with pytest.raises(LookupError, match="digest"):
        await scripted_gateway({}, ledger)[0].complete(PROMPT, SITE)
    assert ledger.calls[0].outcome is Outcome.CANCELLED


async def test_the_gateway_itself_takes_no_time() -> None:
    gateway, _ = scripted_gateway({"digest": Fact(text="a")})
    await gateway.complete_as(PROMPT, SITE, Fact)
    took_s = []
    for take in range(1, 60):
        began_s = time.perf_counter()
        await gateway.complete_as(PROMPT, CallSite(SITE.story_id, None, 2, SITE.path, take), Fact)
        took_s.append(time.perf_counter() - began_s)
    assert min(took_s) < 0.002
