"""A run stops before it would overshoot, asks, and goes on with what a person grants; nothing is paid twice."""

import pytest

from chorus.domain.run import ReviewKind, RunStatus
from chorus.errors import Conflict, InvalidInput
from tests.endpoint.server import EndpointServer
from tests.integration.pipeline.conftest import Open

PREMISE = "A lighthouse keeper finds a letter in a bottle."


async def test_a_budget_pauses_the_run_before_it_is_overshot_and_a_larger_one_lets_it_go_on(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = studio.default_settings(scenes=2, words=60)
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


async def test_a_budget_of_nothing_is_refused(studio_at: Open) -> None:
    async with studio_at("http://127.0.0.1:9/v1") as studio:
        run = await studio.start_run(PREMISE)
        with pytest.raises(InvalidInput):
            await studio.grant(run.id, usd=-1.0)
