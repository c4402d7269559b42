"""What is set aside for a call, and that it is never too little."""

import asyncio
from decimal import Decimal
from uuid import uuid4

import pytest

from chorus.domain.budget import Budget, Limit, Scope, Shortfall, Unit
from chorus.domain.llm_call import LLMCall, Outcome
from chorus.domain.run import RunSettings
from chorus.errors import BudgetExceeded
from chorus.llm import MemoryLedger
from chorus.llm.admission import Hold, NotAdmitted
from chorus.llm.record import Tally
from chorus.llm.spending import exceeded, most_prompt_tokens, set_aside


def a_call(tokens: int, **fields: object) -> LLMCall:
    settled = {"agent": "scene_generator", "node": "draft_scene", "node_path": "x", "prompt_version": "1"}
    hashes = {"prompt_hash": "h", "settings_hash": "s", "model": "m", "endpoint": "e", "settings": {}, "request": {}}
    row = {"story_id": uuid4(), **settled, **hashes, "reserved_tokens": tokens, **fields}
    return LLMCall.model_validate(row)


@pytest.mark.parametrize(
    "words",
    [
        "The lamp burned low. " * 50,
        "Die Überfahrt dauerte länger. " * 50,
        "灯塔的光熄灭了。" * 50,
        "паром " * 50,
    ],
)
def test_a_prompt_is_never_thought_shorter_than_tokenizers_make_it(words: str) -> None:
    body = {"messages": [{"role": "user", "content": words}]}
    words_and_signs = len(words.split()) + sum(not char.isalnum() and not char.isspace() for char in words)
    assert most_prompt_tokens(body) >= max(len(words) / 4, words_and_signs)


@pytest.mark.parametrize(
    ("words", "tokens"),
    [
        ('{"a": [1, 2, 3, 4, 5, 6, 7, 8, 9], "b": [{"c": 0}, {"d": 1}]}' * 7, 420),
        ("กาลครั้งหนึ่งนานมาแล้ว " * 40, 23 * 40 * 2),
        ("ရှေးရှေးတုန်းက " * 40, 15 * 40 * 2),
        ("q7Rk2Lw9XzPb4mVt" * 20, 16 * 20 // 1.4),
    ],
)
def test_what_tokenizers_cut_small_is_not_thought_short(words: str, tokens: float) -> None:
    assert most_prompt_tokens({"messages": [{"role": "user", "content": words}]}) >= tokens


def test_prose_is_not_thought_much_longer_than_it_is() -> None:
    words = "The lamp burned low, and nobody at the ferry landing said a word about it. " * 50
    assert most_prompt_tokens({"messages": [{"role": "user", "content": words}]}) < len(words) * 0.7


@pytest.mark.parametrize("words", ["x" * 3000, "กาลครั้งหนึ่งนานมาแล้ว", "ရှေးရှေးတုန်းက"])
def test_a_tokenizer_that_does_not_know_a_script_is_not_believed(words: str) -> None:
    assert Tally(count_tokens=lambda _text: 1).count(words) >= len(words.encode()) / 4


def test_a_schema_counts_as_part_of_the_prompt() -> None:
    plain = {"messages": [{"role": "user", "content": "x"}]}
    with_schema = {**plain, "response_format": {"type": "json_schema", "json_schema": {"name": "n" * 300}}}
    assert most_prompt_tokens(with_schema) >= most_prompt_tokens(plain) + 100


async def test_it_waits_for_calls_in_flight_that_may_turn_out_cheaper() -> None:
    ledger, run_id = MemoryLedger(), uuid4()
    budget = RunSettings(budget_tokens=1000).budget
    assert budget
    first = a_call(800, run_id=run_id)
    await set_aside(ledger, first, budget, lambda: 10.0)
    waiting = asyncio.create_task(set_aside(ledger, a_call(800, run_id=run_id), budget, lambda: 10.0))
    await asyncio.sleep(0)
    assert not waiting.done()
    await ledger.close_call(first.model_copy(update={"outcome": Outcome.OK, "prompt_tokens": 100}))
    await asyncio.wait_for(waiting, 5)


async def test_it_does_not_wait_beyond_its_deadline() -> None:
    ledger, run_id = MemoryLedger(), uuid4()
    budget = RunSettings(budget_tokens=1000).budget
    assert budget
    await set_aside(ledger, a_call(800, run_id=run_id), budget, lambda: 10.0)
    with pytest.raises(NotAdmitted) as denied:
        await set_aside(ledger, a_call(800, run_id=run_id), budget, lambda: 0.0)
    assert denied.value.hold is Hold.BUDGET


async def test_what_can_never_fit_is_refused_at_once() -> None:
    budget = Budget(limits=(Limit(scope=Scope.CALL, unit=Unit.TOKENS, most=Decimal(500)),))
    with pytest.raises(BudgetExceeded, match=r"The budget of one call is 500 tokens: .* draft_scene may need 501"):
        await set_aside(MemoryLedger(), a_call(501), budget, lambda: 10.0)


def test_dollars_are_said_as_dollars() -> None:
    limit = Limit(scope=Scope.DAY, unit=Unit.USD, most=Decimal("2.5"))
    short = Shortfall(limit=limit, used=Decimal("2.4999"), reserved=Decimal(0), needed=Decimal("0.01"))
    assert str(exceeded(short, "plan")).startswith("The budget of this day is $2.5000: $2.4999 are used")
