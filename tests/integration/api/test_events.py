"""The events of a run over a real socket: nobody misses one, nobody sees one twice, whatever breaks in between."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import psycopg
import pytest

from chorus.api import hub
from chorus.domain.run import LiveDraft, Run, RunEvent, RunStatus
from chorus.store import Database, listener
from tests.figures import show
from tests.integration.api.conftest import ApiServer, add_story, config_of, record
from tests.integration.api.sse import Heard, follow, hear

PATIENCE_S = 60


async def end(store: Database, run: Run, status: RunStatus = RunStatus.COMPLETE) -> int:
    """Let a run be over, as its writer does."""
    async with store.transaction() as tx:
        lease = await tx.runs.claim(run.id, "host:1:0")
        assert lease
        await tx.runs.finish(lease, status, 0.0)
        event = RunEvent(run_id=run.id, story_id=run.story_id, kind=f"run_{status.value}", message="Over.")
        kept = await tx.runs.record(event)
    assert kept.id
    return kept.id


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await condition():  # noqa: ASYNC110 - another process or thread makes it true
            await asyncio.sleep(0.05)


async def write_and_finish(store: Database, run: Run, dice: random.Random, writers: int, each: int) -> list[int]:
    """Let several writers tell events in their own time; the answer has the ids in their order."""
    pauses = [[dice.uniform(0, 0.03) for _ in range(each)] for _ in range(writers)]

    async def write(writer: int) -> None:
        for number, pause_s in enumerate(pauses[writer]):
            async with store.transaction() as tx:
                event = RunEvent(run_id=run.id, story_id=run.story_id, kind="note", message=f"{writer}/{number}")
                await tx.runs.record(event)
                await asyncio.sleep(pause_s)
            await asyncio.sleep(pause_s)

    await asyncio.gather(*(write(writer) for writer in range(writers)))
    await end(store, run)
    async with store.reading() as tx:
        return [event.id or 0 for event in await tx.runs.list_events(run.id)]


async def follow_with_breaks(url: str, run: Run, dice: random.Random) -> tuple[list[Heard], int]:
    """Follow a run to its end, leaving at random points and coming back with the id of the last event."""
    heard: list[Heard] = []
    breaks = 0
    while not heard or heard[-1].kind != "end":
        last = next((event.id for event in reversed(heard) if event.id), None)
        try:
            async with asyncio.timeout(dice.choice([0.05, 0.2, 1.0, PATIENCE_S])):
                async for event in follow(url, run.id, last_event_id=last):
                    heard.append(event)
                    if event.kind == "end" or dice.random() < 0.1:
                        break
        except TimeoutError:
            pass
        breaks += 1
    return heard, breaks


async def breaks_change_nothing(url: str, store: Database, seed: int, writers: int, each: int) -> int:
    """Hold what three clients heard, each cut off again and again, against what was written; gives the cuts."""
    dice = random.Random(seed)  # noqa: S311 - a seed, not a secret
    run = await add_story(store)
    dices = [random.Random(f"{seed}/{n}") for n in range(3)]  # noqa: S311
    following = [asyncio.create_task(follow_with_breaks(url, run, own)) for own in dices]
    ids = await write_and_finish(store, run, dice, writers, each)
    cuts = 0
    for events, breaks in await asyncio.gather(*following):
        assert breaks > 1
        assert [event.id for event in events if event.id] == ids
        assert (events[-2].kind, events[-1].data["status"]) == ("run_complete", "complete")
        cuts += breaks - 1
    return cuts


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_client_that_comes_back_misses_nothing_and_sees_nothing_twice(
    api: ApiServer, store: Database, seed: int
) -> None:
    await breaks_change_nothing(api.url, store, seed, writers=4, each=15)


@pytest.mark.soak
@pytest.mark.timeout(1200)
async def test_the_same_for_many_seeds(api: ApiServer, store: Database) -> None:
    places, began_s = asyncio.Semaphore(2), time.monotonic()

    async def one(seed: int) -> int:
        async with places:
            return await breaks_change_nothing(api.url, store, seed, writers=6, each=60)

    cuts = await asyncio.gather(*(one(seed) for seed in range(10, 40)))
    figures = {"seeds": 30, "clients": 90, "cuts": sum(cuts), "missed": 0, "twice": 0}
    show("clients that are cut off and come back", [{**figures, "seconds": round(time.monotonic() - began_s)}])


async def test_who_comes_late_hears_everything_and_the_end(
    api: ApiServer, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "PAGE", 7)
    run = await add_story(store)
    ids = [await record(store, run) for _ in range(20)]
    ids.append(await end(store, run))
    heard = await hear(api.url, run.id)
    assert [event.id for event in heard] == [*ids, None]
    assert heard[-1] == Heard("end", None, {"run_id": str(run.id), "status": "complete"})
    assert [event.id for event in await hear(api.url, run.id, after=ids[4])] == [*ids[5:], None]
    assert [event.id for event in await hear(api.url, run.id, after=0, last_event_id=ids[-2])] == [ids[-1], None]
    assert [event.kind for event in await hear(api.url, run.id, after=ids[-1])] == ["end"]


async def test_a_paused_run_is_followed_on(api: ApiServer, store: Database) -> None:
    run = await add_story(store)
    await end(store, run, RunStatus.PAUSED)
    following = asyncio.create_task(hear(api.url, run.id))
    await until(lambda: _is_followed(api, run))
    await end(store, run)
    assert [event.kind for event in await following] == ["run_paused", "run_complete", "end"]


async def test_many_follow_and_the_run_is_read_once_for_all(api: ApiServer, store: Database) -> None:
    run = await add_story(store)
    following = [asyncio.create_task(hear(api.url, run.id)) for _ in range(30)]
    await until(lambda: _is_followed(api, run, 30))
    before = api.app.state.hub.reads
    ids = [await record(store, run) for _ in range(10)]
    ids.append(await end(store, run))
    for heard in await asyncio.gather(*following):
        assert [event.id for event in heard] == [*ids, None]
    assert api.app.state.hub.reads - before <= len(ids) + 2
    await until(lambda: _is_left(api))


async def test_no_more_follow_than_may(api: ApiServer, store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "MOST_GUESTS", 1)
    run = await add_story(store)
    async with httpx.AsyncClient(base_url=api.url) as client:
        async with client.stream("GET", f"/api/runs/{run.id}/events") as first:
            assert first.status_code == 200
            chunks = first.aiter_bytes()
            await anext(chunks)
            refused = await client.get(f"/api/runs/{run.id}/events")
            assert (refused.status_code, refused.headers["Retry-After"]) == (429, "10")
        await end(store, run)

        async def is_let_in() -> bool:
            return (await client.get(f"/api/runs/{run.id}/events")).status_code == 200

        await until(is_let_in)


async def test_a_draft_comes_as_a_whole_and_then_in_pieces(api: ApiServer, store: Database) -> None:
    run = await add_story(store)
    pieces: list[dict[str, Any]] = []
    shown: list[str] = []

    async def look() -> None:
        async for event in follow(api.url, run.id):
            if event.kind == "draft":
                pieces.append(event.data)
                before = shown[-1] if shown else ""
                shown.append(before[: event.data["offset"]] + event.data["text"])

    async def is_shown() -> bool:
        return shown[-1:] == [text]

    looking = asyncio.create_task(look())
    texts = [(1, "The sea"), (1, "The sea was"), (1, "The sea was quiet — “è”."), (1, "Another sea"), (2, "Two")]
    for scene_number, text in texts:
        await save(store, run, scene_number, text)
        await until(is_shown)
    await end(store, run)
    await looking
    assert shown == [*(text for _, text in texts), ""]
    assert pieces[1] == {"scene_number": 1, "offset": 7, "text": " was"}


async def test_events_come_where_nothing_can_be_heard(
    database_url: str, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stands_between(_connection: object) -> None:
        raise listener.Deaf

    monkeypatch.setattr(listener, "_must_be_direct", stands_between)
    monkeypatch.setattr(hub, "POLL_S", 0.2)
    run = await add_story(store)
    with ApiServer(config_of(database_url)) as api:
        following = asyncio.create_task(hear(api.url, run.id))
        await until(lambda: _is_followed(api, run))
        ids = [await record(store, run), await end(store, run)]
        assert [event.id for event in await following] == [*ids, None]
        assert not api.app.state.hub.hears


async def test_a_database_that_was_away_is_found_again(
    database_url: str, store: Database, api: ApiServer, aclient: httpx.AsyncClient
) -> None:
    """Every connection is cut and none is let in for a while, as when the server restarts."""
    run = await add_story(store)
    await until(lambda: _is_healthy(aclient))
    following = asyncio.create_task(hear(api.url, run.id))
    await until(lambda: _is_followed(api, run))
    await record(store, run)
    name = database_url.rpartition("/")[2].partition("?")[0]
    async with await _elsewhere(database_url, name) as admin:
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        await until(lambda: _is_ill(aclient))
        answer = await aclient.get("/api/stories")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "database_unavailable")
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())
    await until(lambda: _is_healthy(aclient))
    await until(lambda: _hears(api))
    await store.close()
    await end(store, run)
    assert [event.kind for event in await following] == ["note", "run_complete", "end"]


async def save(store: Database, run: Run, scene_number: int, text: str) -> None:
    async with store.transaction() as tx:
        await tx.runs.save_draft(LiveDraft(run_id=run.id, scene_number=scene_number, text=text))


async def _elsewhere(url: str, name: str) -> psycopg.AsyncConnection:
    return await psycopg.AsyncConnection.connect(url.replace(f"/{name}", "/postgres"), autocommit=True)


async def _is_followed(api: ApiServer, run: Run, by: int = 1) -> bool:
    topic = api.app.state.hub._topics.get(run.id)
    return bool(topic and len(topic.followers) >= by)


async def _is_left(api: ApiServer) -> bool:
    return not api.app.state.hub._topics


async def _hears(api: ApiServer) -> bool:
    return bool(api.app.state.hub.hears)


async def _is_healthy(client: httpx.AsyncClient) -> bool:
    return (await client.get("/health")).status_code == 200


async def _is_ill(client: httpx.AsyncClient) -> bool:
    return (await client.get("/health")).status_code == 503
