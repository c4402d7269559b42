"""Attempts are kept together with others: each has its own row, whoever was opened and whoever was not."""

import asyncio

from chorus.domain.llm_call import LLMCall, Outcome
from chorus.domain.run import Run
from chorus.domain.story import Story
from chorus.errors import ChorusError
from chorus.pipeline.ledger import StoreLedger
from chorus.store import Database


def call(run: Run, number: int) -> LLMCall:
    return LLMCall.model_validate(
        {
            "story_id": run.story_id,
            "run_id": run.id,
            "agent": "scene_generator",
            "node": "draft_scene",
            "node_path": f"scene/{number}/draft_scene",
            "prompt_version": "1",
            "prompt_hash": "abc",
            "model": "m",
            "settings": {},
            "settings_hash": "0",
            "request": {"model": "m", "messages": [{"role": "user", "content": f"Scene {number}."}]},
            "endpoint": "test",
        }
    )


def answered(opened: LLMCall) -> LLMCall:
    said = f"“{opened.node_path}” – $5, 雪, 🌊"
    return opened.model_copy(update={"outcome": Outcome.OK, "response_text": said, "completion_tokens": 7})


async def _a_run(store: Database) -> Run:
    story = Story(title="The harbour")
    run = Run(story_id=story.id)
    async with store.transaction() as tx:
        await tx.stories.add(story)
        await tx.runs.add(run)
    return run


async def test_many_at_once_each_have_their_row(store: Database) -> None:
    run = await _a_run(store)
    ledger = StoreLedger(store)
    calls = [call(run, number) for number in range(30)]
    await asyncio.gather(*(ledger.open_call(one) for one in calls[:20]))
    async with store.reading() as tx:
        assert {one.outcome for one in await tx.calls.list_of_run(run.id)} == {Outcome.IN_FLIGHT}
    wanted = {one.id: answered(one) for one in calls}  # ten were never opened
    await asyncio.gather(*(ledger.close_call(one) for one in wanted.values()))
    async with store.reading() as tx:
        kept = {one.id: one for one in await tx.calls.list_of_run(run.id)}
    assert kept == wanted


async def test_one_of_a_run_that_is_gone_does_not_take_the_others_with_it(store: Database) -> None:
    run = await _a_run(store)
    ledger = StoreLedger(store)
    stray = call(Run(story_id=Story(title="Removed").id), 1)
    ends = await asyncio.gather(
        *(ledger.open_call(one) for one in (call(run, 1), stray, call(run, 2))), return_exceptions=True
    )
    assert ends[0] is None
    assert ends[2] is None
    assert isinstance(ends[1], Exception)
    assert not isinstance(ends[1], ChorusError)
    async with store.reading() as tx:
        assert len(await tx.calls.list_of_run(run.id)) == 2
