"""A removed story leaves nothing behind, and takes nothing along that is not its own."""

import pytest

from chorus.domain.run import RunStatus
from chorus.errors import Conflict, NotFound
from chorus.pipeline.claim import this_process
from tests.databases import count_rows
from tests.endpoint.server import EndpointServer
from tests.integration.pipeline.conftest import Open
from tests.integration.pipeline.test_rollback import what_is_known

PREMISE = "A lighthouse keeper finds a letter in a bottle."
OF_THE_HOUSE = {"rate_limit", "endpoint_trouble", "endpoint_dialect"}
"""Tables of what the house knows, whichever stories it has."""


async def test_nothing_of_a_removed_story_is_left(studio_at: Open, database_url: str) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            kept = await studio.import_manuscript("# The Quay\n\n## One\n\nA grebe dived.\n")
            await studio.embed_memories()
            before = count_rows(database_url)
            settings = studio.default_settings(scenes=2, words=60)
            story_id = (await studio.write_story(PREMISE, settings=settings)).story_id
            waiting = await studio.redo_scenes(story_id, [1], dispatch=True)
            await studio.embed_memories()
            assert await studio.search_memory("the keeper", story_id)

            assert (await studio.remove_story(story_id)).id == story_id
            after = count_rows(database_url)
            left = {name for name in after if after[name] != before.get(name) and name not in OF_THE_HOUSE}
            assert left == set()
            with pytest.raises(NotFound):
                await studio.summarise(waiting.id)
            assert {hit.story_id for hit in await studio.search_memory("the keeper")} <= {kept.story_id}
            assert (await studio.search_memory("a grebe"))[0].story_id == kept.story_id
            with pytest.raises(NotFound):
                await studio.remove_story(story_id)


async def test_a_fork_outlives_the_story_it_comes_from(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            whole = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=2, words=60))
            made = await studio.fork(whole.story_id, 1)
            assert made.run
            await studio.remove_story(whole.story_id)
            assert (await studio.work_on(made.run.id)).status is RunStatus.COMPLETE
            assert await what_is_known(studio, made.story.id)


async def test_a_story_that_is_being_written_stays(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            run = await studio.start_run(PREMISE)
            async with studio.store.transaction() as tx:
                assert await tx.runs.claim(run.id, this_process())
            with pytest.raises(Conflict, match="being written"):
                await studio.remove_story(run.story_id)
            assert (await studio.summarise(run.id)).story_id == run.story_id
