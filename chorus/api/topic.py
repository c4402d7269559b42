"""One run as its followers see it: its newest events and its growing draft, encoded once for all of them."""

import asyncio
import json
from collections import deque
from collections.abc import Iterable

from chorus.domain.run import LiveDraft, RunEvent, RunStatus

KEPT = 500
"""Newest events kept in memory for those who come back; older ones are read from the database."""
MOST_WAITING = 2_000
"""Events that may wait for a slow follower before he is cut off."""


class Follower:
    """One client: what still waits for it."""

    def __init__(self, after: int) -> None:
        self.after = after
        self.waiting: deque[bytes] = deque()
        self.shown = (0, 0)
        self.is_cut = False
        self.woken = asyncio.Event()

    def push(self, event_id: int, frame: bytes) -> None:
        """Let an event wait; whoever lets too many wait is cut off, and may come back for them."""
        if event_id <= self.after or self.is_cut:
            return
        if len(self.waiting) >= MOST_WAITING:
            self.is_cut = True
            self.waiting.clear()
        else:
            self.after = event_id
            self.waiting.append(frame)
        self.woken.set()


class Topic:
    """The events of one run since somebody follows it."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.woken = asyncio.Event()
        self.floor = 0
        self.last = 0
        self.guests = 0
        self.status: RunStatus | None = None
        self.is_over = False
        self.is_cut = False
        self.draft_grew = False
        self.followers: set[Follower] = set()
        self._recent: deque[tuple[int, bytes]] = deque()
        self._draft: LiveDraft | None = None
        self._drafts = 1
        self._pieces: dict[tuple[int, int], bytes] = {}

    # --- what happens

    def start(self, last: int) -> None:
        """Begin behind the event ``last``; what came before is in the database."""
        self.floor = self.last = last
        self.started.set()

    def tell(self, events: Iterable[RunEvent]) -> None:
        """Hand events on, in the order of their ids."""
        for event in events:
            event_id = event.id or 0
            frame = frame_of(event)
            self.last = event_id
            self._recent.append((event_id, frame))
            for follower in self.followers:
                follower.push(event_id, frame)
        while len(self._recent) > KEPT:
            self.floor = self._recent.popleft()[0]

    def show(self, draft: LiveDraft | None) -> None:
        """Take the draft as it now is, or note that there is none."""
        before = self._draft
        now = draft or (before.model_copy(update={"text": ""}) if before else None)
        if now is None or (before and (before.scene_number, before.text) == (now.scene_number, now.text)):
            return
        if before is None or not _continues(now, before):
            self._drafts += 1
        self._draft = now
        self._pieces.clear()
        self._wake()

    @property
    def has_draft(self) -> bool:
        """Whether a scene is being shown while it is written."""
        return bool(self._draft and self._draft.text)

    def end(self) -> None:
        """Send everybody home."""
        self.is_over = True
        self.started.set()
        self._wake()

    def cut(self) -> None:
        """Send everybody away; they may come back."""
        self.is_cut = True
        for follower in self.followers:
            follower.is_cut = True
        self.started.set()
        self._wake()

    # --- who follows

    def join(self, follower: Follower) -> None:
        """Let somebody follow who has seen everything up to ``follower.after``, which is ``floor`` at least."""
        follower.is_cut = self.is_cut
        for event_id, frame in self._recent:
            follower.push(event_id, frame)
        self.followers.add(follower)
        follower.woken.set()

    def take(self, follower: Follower) -> bytes:
        """Take what waits for a follower, with what the draft has grown by."""
        frames = list(follower.waiting)
        follower.waiting.clear()
        if piece := self._piece(follower):
            frames.append(piece)
        return b"".join(frames)

    def _piece(self, follower: Follower) -> bytes:
        draft = self._draft
        if draft is None or follower.shown == (self._drafts, len(draft.text)):
            return b""
        offset = follower.shown[1] if follower.shown[0] == self._drafts else 0
        if not draft.text and follower.shown == (0, 0):
            return b""
        follower.shown = (self._drafts, len(draft.text))
        key = (self._drafts, offset)
        if key not in self._pieces:
            grown = {"scene_number": draft.scene_number, "offset": offset, "text": draft.text[offset:]}
            self._pieces[key] = b"event: draft\ndata: " + json.dumps(grown).encode() + b"\n\n"
        return self._pieces[key]

    def _wake(self) -> None:
        for follower in self.followers:
            follower.woken.set()


def frame_of(event: RunEvent) -> bytes:
    """An event as the wire has it."""
    return f"id: {event.id}\nevent: {event.kind}\ndata: {event.model_dump_json()}\n\n".encode()


def _continues(draft: LiveDraft, before: LiveDraft) -> bool:
    return draft.scene_number == before.scene_number and draft.text.startswith(before.text) and bool(before.text)
