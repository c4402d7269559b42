"""A run with one connection to the database comes to its end: nobody holds one and waits for another."""

import asyncio

import pytest

from chorus.domain.run import Continuity, RunStatus
from chorus.store import database, pool
from chorus.store.pool import Pool
from tests.endpoint.server import EndpointServer
from tests.integration.pipeline.conftest import Open

PREMISE = "A lighthouse keeper finds a letter in a bottle."


@pytest.mark.parametrize("continuity", Continuity)
async def test_stories_are_written_edited_and_redone_over_one_connection(
    studio_at: Open, monkeypatch: pytest.MonkeyPatch, continuity: Continuity
) -> None:
    monkeypatch.setattr(database, "Pool", lambda url, **_: Pool(url, most=1))
    monkeypatch.setattr(pool, "LONGEST_WAIT_S", 5.0)
    with EndpointServer(silly=3) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = studio.default_settings(scenes=3, words=60, continuity=continuity, review="none")
            written = await asyncio.gather(*(studio.write_story(PREMISE, settings=settings) for _ in range(3)))
            assert [summary.status for summary in written] == [RunStatus.COMPLETE] * 3
            story_id = written[0].story_id
            await studio.edit_scene(story_id, 2, "Ines put the key of silver into the sea and went home.")
            redone = await studio.redo_scenes(story_id, [3])
            assert (await studio.work_on(redone.id)).status is RunStatus.COMPLETE
            assert await studio.search_memory("the key of silver", k=5)
            await studio.roll_back(story_id, 1)
    assert studio.store.pool.most == 1
