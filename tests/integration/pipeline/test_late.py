"""What a finished run could not catalogue is read once more, beside whoever writes and edits."""

import asyncio
from uuid import UUID

from sqlalchemy import text

from chorus.domain.run import RunStatus
from chorus.pipeline.claim import this_process
from chorus.studio import Studio
from tests.endpoint.server import EndpointServer
from tests.integration.pipeline.conftest import Open

PREMISE = "A lighthouse keeper finds a letter in a bottle."


async def left(studio: Studio, endpoint: EndpointServer, **settings: object) -> tuple[UUID, UUID]:
    """A finished story that was not catalogued, and its run; from then on the endpoint is well."""
    endpoint.broken = ("DigestAnswer",)
    chosen = studio.default_settings(scenes=1, words=60, **settings)
    summary = await studio.write_story(PREMISE, settings=chosen)
    assert summary.status is RunStatus.COMPLETE
    endpoint.broken = ()
    return summary.story_id, summary.run_id


async def told(studio: Studio, run_id: UUID) -> dict[str, str]:
    async with studio.store.reading() as tx:
        return {event.kind: event.message for event in await tx.runs.list_events(run_id)}


async def jobs(studio: Studio) -> int:
    async with studio.store.reading() as tx:
        waiting = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'catalogue_late' AND scheduled_at > now()"
        return await tx.connection.scalar(text(waiting)) or 0


async def test_a_scene_that_is_edited_meanwhile_stays_as_it_was_edited(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            story_id, run_id = await left(studio, endpoint)
            assert await jobs(studio) == 1
            assert "Not catalogued: scene 1." in (await told(studio, run_id))["catalogue_later"]
            asked, endpoint.latency_s = len(endpoint.calls), 0.6
            reading = asyncio.create_task(studio.catalogue_once_more(run_id))
            async with asyncio.timeout(10):
                while len(endpoint.calls) == asked:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            await studio.edit_scene(story_id, 1, "Somebody else was here.")
            await reading
            assert "was changed while it was read" in (await told(studio, run_id))["catalogue_put_off"]
            (scene,) = (await studio.load_manuscript(story_id)).chapters[0].scenes
            assert scene.text == "Somebody else was here."


async def test_while_the_story_is_being_written_it_waits_on(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            story_id, run_id = await left(studio, endpoint)
            more = await studio.continue_story(story_id, 1)
            async with studio.store.transaction() as tx:
                await tx.connection.execute(text("DELETE FROM procrastinate_jobs"))
                assert await tx.runs.claim(more.id, this_process())
            await studio.catalogue_once_more(run_id)
            assert await jobs(studio) == 1
            assert "catalogue_again" not in await told(studio, run_id)


async def test_whoever_is_killed_at_it_is_followed_by_another_once(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            _, run_id = await left(studio, endpoint)
            for begun in (1, 2):
                asked, endpoint.latency_s = len(endpoint.calls), 5.0
                reading = asyncio.create_task(studio.catalogue_once_more(run_id))
                async with asyncio.timeout(10):
                    while len(endpoint.calls) == asked:  # noqa: ASYNC110
                        await asyncio.sleep(0.01)
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)
                async with studio.store.reading() as tx:
                    kinds = [event.kind for event in await tx.runs.list_events(run_id)]
                assert (kinds.count("catalogue_again"), kinds.count("catalogue_ended")) == (begun, 0)
                assert await jobs(studio) == 1
            await studio.catalogue_once_more(run_id)
            assert "catalogued" not in await told(studio, run_id)


async def test_one_that_was_followed_catalogues_and_ends(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            _, run_id = await left(studio, endpoint)
            endpoint.latency_s = 5.0
            reading = asyncio.create_task(studio.catalogue_once_more(run_id))
            await asyncio.sleep(0.5)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            endpoint.latency_s = 0.0
            await studio.catalogue_once_more(run_id)
            assert {"catalogued", "catalogue_ended"} <= set(await told(studio, run_id))


async def test_a_trial_is_left_as_it_was_measured(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            _, run_id = await left(studio, endpoint, fresh=True)
            assert await jobs(studio) == 0
            assert "catalogue_later" not in await told(studio, run_id)
