"""A run stops before it would overshoot, asks, and goes on with what a person grants; nothing is paid twice."""

import asyncio
from decimal import Decimal

import pytest

from chorus.domain.budget import Budget, Limit, Scope, Unit
from chorus.domain.llm_call import Outcome
from chorus.domain.run import ReviewKind, RunStatus
from chorus.domain.value import new_id
from chorus.errors import Conflict, InvalidInput
from tests.endpoint.server import EndpointServer
from tests.integration.pipeline.conftest import Open

PREMISE = "A lighthouse keeper finds a letter in a bottle."


async def test_a_budget_pauses_the_run_before_it_is_overshot_and_a_larger_one_lets_it_go_on(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = studio.default_settings(scenes=2, words=60, fresh=True)
            free = await studio.write_story(PREMISE, settings=settings)
            calls = len(endpoint.calls)
            limit = (free.prompt_tokens + free.completion_tokens) * 2 // 3
            tight = settings.model_copy(update={"budget_tokens": limit})
            paused = await studio.write_story(PREMISE, settings=tight)
            async with studio.store.reading() as tx:
                (question,) = await tx.runs.list_questions(story_id=paused.story_id)
            asked = len(endpoint.calls)
            await studio.approve(paused.run_id)
            still = await studio.work_on(paused.run_id)  # a yes alone is no budget
            assert (still.status, len(endpoint.calls)) == (RunStatus.PAUSED, asked)
            await studio.grant(paused.run_id, tokens=10 * limit)
            await studio.approve(paused.run_id)
            done = await studio.work_on(paused.run_id)
            with pytest.raises(Conflict):
                await studio.grant(paused.run_id, tokens=1)
    assert paused.status is RunStatus.PAUSED
    assert 0 < paused.prompt_tokens + paused.completion_tokens <= limit
    assert question.kind is ReviewKind.BUDGET
    assert (question.details["budget"], question.details["limit"]) == ("run", limit)
    assert done.status is RunStatus.COMPLETE
    assert len(endpoint.calls) == 2 * calls
    assert (done.words, done.scenes) == (free.words, free.scenes)


@pytest.mark.parametrize("scope", [Scope.CALL, Scope.SCENE, Scope.DAY])
async def test_a_budget_of_any_scope_pauses_and_is_raised_where_it_is_short(studio_at: Open, scope: Scope) -> None:
    name = f"budget_tokens_per_{scope}"
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            short = studio.default_settings(scenes=1, words=60, **{name: 900})
            paused = await studio.write_story(PREMISE, settings=short)
            async with studio.store.reading() as tx:
                (question,) = await tx.runs.list_questions(story_id=paused.story_id)
            granted = await studio.grant(paused.run_id, tokens=900_000, scope=scope)
            await studio.approve(paused.run_id)
            done = await studio.work_on(paused.run_id)
    assert (paused.status, question.details["budget"]) == (RunStatus.PAUSED, scope)
    assert (getattr(granted.settings, name), granted.settings.budget_tokens) == (900_000, None)
    assert done.status is RunStatus.COMPLETE


async def test_a_budget_of_nothing_is_refused(studio_at: Open) -> None:
    async with studio_at("http://127.0.0.1:9/v1") as studio:
        run = await studio.start_run(PREMISE)
        with pytest.raises(InvalidInput):
            await studio.grant(run.id, usd=-1.0)


async def test_a_call_whose_process_died_counts_as_all_that_was_set_aside_for_it(studio_at: Open) -> None:
    with EndpointServer(latency_s=30) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = studio.default_settings(scenes=1, words=60)
            run = await studio.start_run(PREMISE, settings=settings.model_copy(update={"budget_tokens": 10**6}))
            working = asyncio.create_task(studio.work_on(run.id))
            async with asyncio.timeout(30):
                while not endpoint.calls:  # noqa: ASYNC110 - it is a thread of its own
                    await asyncio.sleep(0.01)
            async with studio.store.transaction() as tx:  # as the next process does, when this one has been killed
                await tx.calls.abandon(run.id)
                (call,) = await tx.calls.list_of(run.story_id)
                limit = Limit(scope=Scope.RUN, unit=Unit.TOKENS, most=Decimal(call.reserved_tokens + 1))
                another = call.model_copy(update={"id": new_id(), "outcome": Outcome.IN_FLIGHT})
                short = await tx.calls.open_within(another, Budget(limits=(limit,)))
            working.cancel()
            await asyncio.wait([working])
    assert (call.outcome, call.usage_estimated) == (Outcome.CANCELLED, True)
    assert 0 < call.prompt_tokens < call.reserved_tokens
    assert short
    assert short.used == call.reserved_tokens
