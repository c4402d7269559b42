"""Follows runs for everybody at once: one connection that listens, one reader for each run that is followed.

What a run has told is read once, encoded once and handed to all who follow it. Who comes back with the id of the last
event it saw gets everything after it: the ids of a run are committed in their order, so nothing can slip in before.
"""

import asyncio
import logging
import signal
from collections.abc import AsyncGenerator
from contextlib import suppress
from uuid import UUID

from chorus.api.house import House
from chorus.api.topic import Follower, Topic, frame_of
from chorus.domain.rate import Rate
from chorus.domain.run import RunStatus
from chorus.errors import ChorusError, DatabaseUnavailable, NotFound
from chorus.llm import LoneProcess
from chorus.llm.bucket import Bucket
from chorus.store import Database
from chorus.store.listener import Deaf, listen
from chorus.store.runs import DRAFT_CHANNEL, EVENT_CHANNEL

HEARTBEAT_S = 15.0
BREATH_S = 0.05
"""Pause between two readings of a run: what comes in a rush is read at once."""
READINGS_PER_MINUTE = 2400
"""How often runs are read, all together: a flood of events makes readings longer, not more."""
POLL_S = 1.0
"""How often a run is read while nothing can be heard."""
CHECK_S = 15.0
"""How often it is read although nothing was heard."""
LISTEN_AGAIN_S = 1.0
DEAF_S = 60.0
PAGE = 200
MOST_GUESTS = 1_000
"""Streams that are open at once in a process; the next one is asked to come back."""
_HEARTBEAT = b": Chorus is still here\n\n"
_OVER = frozenset({RunStatus.COMPLETE, RunStatus.FAILED, RunStatus.CANCELLED})

_log = logging.getLogger(__name__)


class Hub:
    """Everybody who follows a run in this process."""

    def __init__(self, house: House) -> None:
        self.hears = False
        self.reads = 0
        self._house = house
        self._topics: dict[UUID, Topic] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False
        self._readings = Bucket(LoneProcess(), "events", Rate(READINGS_PER_MINUTE))

    async def run(self) -> None:
        """Listen until cancelled; then send everybody away."""
        watch = asyncio.create_task(self._watch_for_the_end())
        try:
            while True:
                pause_s = await self._listen_once()
                self.hears = False
                self._wake_all()
                await asyncio.sleep(pause_s)
        finally:
            watch.cancel()
            self.close()
            for task in self._tasks:
                task.cancel()

    def close(self) -> None:
        """Send everybody away; they may come back to another server."""
        self._is_closed = True
        for topic in self._topics.values():
            topic.cut()

    @property
    def is_full(self) -> bool:
        """Whether as many follow runs here as may."""
        return sum(topic.guests for topic in self._topics.values()) >= MOST_GUESTS

    async def follow(self, run_id: UUID, after: int) -> AsyncGenerator[bytes]:
        """Give a run's events after an id, and the draft as it grows, as server-sent events until the run is over."""
        topic = self._topic(run_id)
        topic.guests += 1
        follower = Follower(after)
        try:
            yield b"retry: 2000\n\n"
            async for chunk in self._catch_up(run_id, follower, topic):
                yield chunk
            topic.join(follower)
            async for chunk in _live(follower, topic):
                yield chunk
            if topic.is_over and not follower.is_cut:
                yield _end_of(run_id, topic)
        except ChorusError as error:
            _log.info("a follower of run %s is sent away: %s", run_id, error)
        finally:
            topic.guests -= 1
            topic.followers.discard(follower)
            topic.woken.set()

    async def _catch_up(self, run_id: UUID, follower: Follower, topic: Topic) -> AsyncGenerator[bytes]:
        """Give what happened before the topic began, as fast as the follower takes it."""
        while not topic.started.is_set():
            if not await _woken(topic.started):
                yield _HEARTBEAT
        while topic.is_over or follower.after < topic.floor:
            if older := await self._older(run_id, follower, topic):
                yield older
            elif topic.is_over:
                return

    # --- what happens

    async def _listen_once(self) -> float:
        """Listen until the connection breaks; the answer says when to try again."""
        studio = self._house.found
        if studio is None:
            return LISTEN_AGAIN_S
        try:
            await listen(
                studio.store.url, (EVENT_CHANNEL, DRAFT_CHANNEL), ready=self._heard_nothing_yet, hear=self._hear
            )
        except Deaf:
            _log.info("a pooler stands before the database: events are read every %.0f s", POLL_S)
            return DEAF_S
        except DatabaseUnavailable as error:
            _log.info("nothing is heard: %s", error)
        return LISTEN_AGAIN_S

    def _heard_nothing_yet(self) -> None:
        self.hears = True
        self._wake_all()

    def _hear(self, channel: str, payload: str) -> None:
        with suppress(ValueError):
            topic = self._topics.get(UUID(payload))
            if topic:
                topic.draft_grew = topic.draft_grew or channel == DRAFT_CHANNEL
                topic.woken.set()

    def _wake_all(self) -> None:
        for topic in self._topics.values():
            topic.draft_grew = True
            topic.woken.set()

    # --- one run

    def _topic(self, run_id: UUID) -> Topic:
        if run_id not in self._topics:
            topic = self._topics[run_id] = Topic()
            task = asyncio.create_task(self._tend(run_id, topic))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        topic = self._topics[run_id]
        if self._is_closed:
            topic.cut()
        return topic

    async def _tend(self, run_id: UUID, topic: Topic) -> None:
        """Read a run for as long as somebody follows it."""
        try:
            while topic.guests and not topic.is_over:
                topic.woken.clear()
                await self._read_or_wait(run_id, topic)
                if not topic.is_over:
                    await asyncio.sleep(BREATH_S)
                    await _woken(topic.woken, CHECK_S if self.hears else POLL_S)
        except Exception:  # noqa: BLE001 - whatever it is, those who follow must not wait for ever
            _log.exception("run %s is followed no more", run_id)
            topic.cut()
        finally:
            if self._topics.get(run_id) is topic:
                del self._topics[run_id]

    async def _read_or_wait(self, run_id: UUID, topic: Topic) -> None:
        try:
            studio = await self._house.studio()
            await self._readings.wait()
            await self._read(studio.store, run_id, topic)
        except NotFound:
            topic.cut()
            raise
        except DatabaseUnavailable:
            self._house.lost()
        except ChorusError as error:
            _log.info("run %s cannot be read: %s", run_id, error)

    async def _read(self, store: Database, run_id: UUID, topic: Topic) -> None:
        """Read what is new. The status is read first: when it says that the run is over, its last event is there."""
        self.reads += 1
        async with store.reading() as tx:
            topic.status = (await tx.runs.load(run_id)).status
            if topic.started.is_set():
                while events := await tx.runs.list_events(run_id, after=topic.last, limit=PAGE):
                    topic.tell(events)
            else:
                latest = await tx.runs.list_latest_events(run_id, limit=1)
                topic.start(latest[0].id or 0 if latest else 0)
                topic.draft_grew = True
            if topic.draft_grew or topic.has_draft:
                topic.draft_grew = False
                topic.show(await tx.runs.find_draft(run_id))
        if topic.status in _OVER:
            del self._topics[run_id]  # should it be resumed, whoever comes then follows it anew
            topic.end()

    async def _older(self, run_id: UUID, follower: Follower, topic: Topic) -> bytes:
        """Read a page of what happened before the topic began."""
        studio = await self._house.studio()
        async with studio.store.reading() as tx:
            events = await tx.runs.list_events(run_id, after=follower.after, limit=PAGE)
        follower.after = events[-1].id or 0 if events else max(follower.after, topic.floor)
        return b"".join(frame_of(event) for event in events)

    async def _watch_for_the_end(self) -> None:
        """Send everybody away as soon as the server is asked to end: it waits for its clients before it says so."""
        while not (self._topics and _server_is_ending()):  # noqa: ASYNC110 - there is nobody who could set an event
            await asyncio.sleep(0.5)
        self.close()


async def _live(follower: Follower, topic: Topic) -> AsyncGenerator[bytes]:
    """Give what happens from now on, until the run is over or the follower is cut off."""
    while not follower.is_cut:
        follower.woken.clear()
        if chunk := topic.take(follower):
            yield chunk
        elif topic.is_over:
            return
        elif not await _woken(follower.woken):
            yield _HEARTBEAT


async def _woken(event: asyncio.Event, timeout_s: float = HEARTBEAT_S) -> bool:
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        return False
    return True


def _end_of(run_id: UUID, topic: Topic) -> bytes:
    status = topic.status.value if topic.status else "unknown"
    return f'event: end\ndata: {{"run_id": "{run_id}", "status": "{status}"}}\n\n'.encode()


def _server_is_ending() -> bool:
    """Whether uvicorn, which catches SIGTERM with a method of its server, has been told to go."""
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return bool(getattr(server, "should_exit", False))
