"""A fork shares the beginning and the answers, and nothing that is done to it touches the story it comes from."""

import pytest

from chorus.domain.run import RunStatus
from chorus.errors import InvalidInput
from tests.endpoint.server import EndpointServer
from tests.integration.pipeline.conftest import Open
from tests.integration.pipeline.test_rollback import what_is_known

PREMISE = "A lighthouse keeper finds a letter in a bottle."


async def test_a_fork_goes_on_without_paying_and_leaves_its_origin_alone(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            whole = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=4, words=60))
            known, asked = await what_is_known(studio, whole.story_id), len(endpoint.calls)
            made = await studio.fork(whole.story_id, 2, title="Another way")
            assert made.run
            assert (await studio.work_on(made.run.id)).status is RunStatus.COMPLETE
            assert await what_is_known(studio, made.story.id) == known
            assert len(endpoint.calls) == asked
            assert await studio.count_pending_memories(made.story.id) == 0

            grandchild = await studio.fork(made.story.id, 3, chosen={"temperature": 1.3})
            assert grandchild.run
            await studio.work_on(grandchild.run.id)
            assert len(endpoint.calls) > asked
            assert await what_is_known(studio, whole.story_id) == known
            assert (await studio.fork(whole.story_id, 4)).run is None


async def test_what_is_not_written_cannot_be_shared(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            whole = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=2, words=60))
            await studio.roll_back(whole.story_id, 1)
            with pytest.raises(InvalidInput, match="not written"):
                await studio.fork(whole.story_id, 2)
            with pytest.raises(InvalidInput, match="2 scenes"):
                await studio.fork(whole.story_id, 3)
