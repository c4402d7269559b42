import asyncio
import random

import pytest
from sqlalchemy import text

from chorus.domain.run import LiveDraft, RunEvent, RunStatus, Stage
from chorus.errors import LeaseLost, NotFound
from chorus.store import Database
from chorus.store.runs import LEASE_S
from tests.integration.store.conftest import add_story


async def test_whoever_claims_last_is_the_one_writer(store: Database) -> None:
    _, _, run = await add_story(store)
    async with store.transaction() as tx:
        first = await tx.runs.claim(run.id, "host:1:0")
    async with store.transaction() as tx:
        assert await tx.runs.claim(run.id, "host:2:0") is None
        second = await tx.runs.claim(run.id, "host:2:0", from_owner="host:1:0")
    assert first
    assert second
    assert second.fence > first.fence
    async with store.transaction(second) as tx:
        await tx.runs.enter(second, Stage.WORLD)
    with pytest.raises(LeaseLost):
        async with store.transaction(first) as tx:
            await tx.runs.enter(first, Stage.OUTLINE)
    async with store.reading() as tx:
        assert (await tx.runs.load(run.id)).stage is Stage.WORLD


async def test_of_many_who_claim_at_once_one_gets_the_run(store: Database) -> None:
    _, _, run = await add_story(store)

    async def claim(number: int) -> bool:
        async with store.transaction() as tx:
            return await tx.runs.claim(run.id, f"host:{number}:0") is not None

    assert sum(await asyncio.gather(*(claim(number) for number in range(8)))) == 1


async def test_a_claim_waits_for_the_transaction_that_holds_the_lease(store: Database) -> None:
    _, _, run = await add_story(store)
    async with store.transaction() as tx:
        lease = await tx.runs.claim(run.id, "host:1:0")
    assert lease
    order: list[str] = []

    async def take_over() -> None:
        async with store.transaction() as tx:
            await tx.runs.claim(run.id, "host:2:0", from_owner="host:1:0")
        order.append("taken over")

    async with store.transaction(lease) as tx:
        await tx.runs.record(RunEvent(run_id=run.id, story_id=run.story_id, kind="x", message="m"))
        taking = asyncio.create_task(take_over())
        await asyncio.sleep(0.2)
        order.append("committed")
    await taking
    assert order == ["committed", "taken over"]


async def test_a_wish_reaches_whoever_extends_the_lease(store: Database) -> None:
    _, _, run = await add_story(store)
    async with store.transaction() as tx:
        lease = await tx.runs.claim(run.id, "host:1:0")
        await tx.runs.request(run.id, RunStatus.PAUSED)
    assert lease
    async with store.transaction(lease) as tx:
        assert await tx.runs.extend(lease, 2.5) is RunStatus.PAUSED
        await tx.runs.finish(lease, RunStatus.PAUSED, 0.5)
    async with store.reading() as tx:
        summary = await tx.runs.summarise(run.id)
        paused = await tx.runs.load(run.id)
    assert (summary.status, round(summary.wall_s, 1)) == (RunStatus.PAUSED, 3.0)
    assert paused.requested is None
    assert paused.lease_owner is None


async def test_a_run_that_was_left_is_held_by_nobody_and_its_time_stands_still(store: Database) -> None:
    _, _, run = await add_story(store)
    async with store.transaction() as tx:
        assert await tx.runs.claim(run.id, "host:1:0")
    async with store.reading() as tx:
        assert (await tx.runs.summarise(run.id)).is_held
    async with store.transaction() as tx:
        await tx.connection.execute(text("UPDATE run SET lease_until = now() - interval '11 hours'"))
    async with store.reading() as tx:
        summary = await tx.runs.summarise(run.id)
    assert not summary.is_held
    assert summary.wall_s == LEASE_S


async def test_events_are_read_on_from_where_one_stopped(store: Database) -> None:
    _, _, run = await add_story(store)
    async with store.transaction() as tx:
        kept = [
            await tx.runs.record(
                RunEvent(run_id=run.id, story_id=run.story_id, kind="x", message=str(n), data={"n": n})
            )
            for n in range(5)
        ]
        after = await tx.runs.list_events(run.id, after=kept[2].id or 0)
    assert [event.data["n"] for event in after] == [3, 4]


async def test_a_story_takes_all_that_belongs_to_it_along(store: Database) -> None:
    story, _, run = await add_story(store)
    async with store.transaction() as tx:
        await tx.runs.record(RunEvent(run_id=run.id, story_id=story.id, kind="x", message="m"))
        await tx.stories.remove(story.id)
    async with store.reading() as tx:
        assert await tx.runs.list_summaries() == []
        with pytest.raises(NotFound, match="chorus runs"):
            await tx.runs.load(run.id)


async def test_events_are_committed_in_the_order_of_their_ids(store: Database) -> None:
    """Writers that take their time between the event and its commit; a reader that goes on from the last id."""
    _, _, run = await add_story(store)
    dice = random.Random(4)  # noqa: S311 - a seed, not a secret
    pauses = [[dice.uniform(0, 0.02) for _ in range(12)] for _ in range(6)]
    seen: list[int] = []

    async def write(writer: int) -> None:
        for number, pause_s in enumerate(pauses[writer]):
            async with store.transaction() as tx:
                event = RunEvent(run_id=run.id, story_id=run.story_id, kind="x", message=f"{writer}/{number}")
                await tx.runs.record(event)
                await asyncio.sleep(pause_s)

    async def read() -> None:
        async with store.reading() as tx:
            seen.extend(event.id or 0 for event in await tx.runs.list_events(run.id, after=max(seen, default=0)))

    async def keep_reading() -> None:
        while True:
            await read()

    reader = asyncio.create_task(keep_reading())
    await asyncio.gather(*(write(writer) for writer in range(6)))
    reader.cancel()
    await asyncio.wait([reader])
    await read()
    async with store.reading() as tx:
        kept = [event.id for event in await tx.runs.list_events(run.id)]
    assert len(kept) == 72
    assert seen == kept


async def test_a_run_does_not_wait_for_the_events_of_another(store: Database) -> None:
    _, _, run = await add_story(store)
    _, _, other = await add_story(store)
    async with store.transaction() as tx:
        await tx.runs.record(RunEvent(run_id=run.id, story_id=run.story_id, kind="x", message="m"))
        async with asyncio.timeout(5), store.transaction() as beside:
            await beside.runs.record(RunEvent(run_id=other.id, story_id=other.story_id, kind="x", message="m"))


async def test_the_draft_is_what_grew_last_and_goes_with_the_end_of_the_run(store: Database) -> None:
    _, _, run = await add_story(store)
    async with store.transaction() as tx:
        lease = await tx.runs.claim(run.id, "host:1:0")
        assert await tx.runs.find_draft(run.id) is None
        for scene_number, text in ((2, "Two"), (1, "On"), (1, "One")):
            await tx.runs.save_draft(LiveDraft(run_id=run.id, scene_number=scene_number, text=text))
        draft = await tx.runs.find_draft(run.id)
        assert draft
        assert (draft.scene_number, draft.text) == (1, "One")
        await tx.runs.drop_drafts(run.id, 1)
        draft = await tx.runs.find_draft(run.id)
        assert draft
        assert draft.scene_number == 2
    assert lease
    async with store.transaction(lease) as tx:
        await tx.runs.finish(lease, RunStatus.PAUSED, 0.0)
        assert await tx.runs.find_draft(run.id) is None


async def test_who_takes_a_run_over_begins_without_a_draft(store: Database) -> None:
    _, _, run = await add_story(store)
    async with store.transaction() as tx:
        await tx.runs.save_draft(LiveDraft(run_id=run.id, scene_number=1, text="Left by the dead"))
        await tx.runs.claim(run.id, "host:1:0")
        assert await tx.runs.find_draft(run.id) is None
