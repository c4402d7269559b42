"""What the nodes of one run work with: the store under the run's lease, the crew, its memory, and who looks on."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from chorus.agents import ContinuityEditor, SceneGenerator, StoryArchitect
from chorus.domain.canon import MemoryHit
from chorus.domain.context import StoryFrame
from chorus.domain.run import Continuity, Lease, Run, RunEvent
from chorus.failpoints import Failpoint, reach
from chorus.llm import CallSite
from chorus.memory import Backlog, Recall
from chorus.pipeline.changes import Change
from chorus.pipeline.live_draft import Scribe
from chorus.pipeline.remarks import Remark, Remarks
from chorus.pipeline.sheet import Sheet, read_sheet
from chorus.pipeline.slips import Slips
from chorus.pipeline.stop import Stop
from chorus.pipeline.told import Shelf, read_shelf
from chorus.pipeline.turns import Turns
from chorus.pipeline.watcher import NOBODY, Watcher
from chorus.store import Database, Transaction


async def _nothing_to_revive() -> None:
    """Whoever opened the database sees to it."""


@dataclass(frozen=True)
class Crew:
    """The three agents."""

    architect: StoryArchitect
    generator: SceneGenerator
    editor: ContinuityEditor


@dataclass
class Page:
    """One transaction of a run, with the events that happen in it."""

    tx: Transaction
    run: Run
    events: list[RunEvent] = field(default_factory=list)

    def record(self, kind: str, message: str, scene_number: int | None = None, **data: Any) -> None:
        """Note an event; it is kept with the transaction, and who looks on hears of it then."""
        event = RunEvent(
            run_id=self.run.id,
            story_id=self.run.story_id,
            scene_number=scene_number,
            kind=kind,
            message=message,
            data=data,
        )
        self.events.append(event)


@dataclass
class Desk:
    """Everything a node needs, and the one way in which it writes."""

    store: Database
    lease: Lease
    run: Run
    crew: Crew
    recall: Recall
    watcher: Watcher = NOBODY
    stop: Stop = field(default_factory=Stop)
    kept_s: Mapping[str, int] = field(default_factory=dict)
    """For how many seconds another story's answer to the very same question stands in, by the node that asks."""
    revive: Callable[[], Awaitable[None]] = _nothing_to_revive
    """Returns when a database that was away is back."""
    slips: Slips = field(default_factory=Slips, init=False)
    """Failures that the story does not wait for."""
    backlog: Backlog = field(init=False)
    scribe: Scribe = field(init=False)
    remarks: Remarks = field(init=False)
    frame: StoryFrame | None = field(default=None, init=False)
    """What holds for the whole story; read again when a scene has brought somebody new."""
    _frames_forgotten: int = field(default=0, init=False)
    before: tuple[int, str] = field(default=(0, ""), init=False)
    """Number and text of the scene that was finished last."""
    foresight: dict[int, asyncio.Task[list[MemoryHit]]] = field(default_factory=dict, init=False)
    """What was recalled ahead, by scene number."""
    retakes: dict[str, int] = field(default_factory=dict, init=False)
    """How often other answers were asked for, by the path of the node."""
    answered: set[str] | None = field(default=None, init=False)
    """The paths of the story's nodes that have an answer in the ledger; None: look for each."""
    sheets: dict[int, Sheet] = field(default_factory=dict, init=False)
    """What is known of the scenes at work, by their number."""
    turns: Turns = field(default_factory=Turns, init=False)
    """Which scenes are still to be committed."""
    changes: dict[int, list[Change]] = field(default_factory=dict, init=False)
    """What scenes that were committed lately changed outside their contract, by their number."""
    halved: Counter[int] | None = field(default=None, init=False)
    """How often what a scene is told was halved for a model that could not read as much; None: not looked up yet."""
    shelf: Shelf | None = field(default=None, init=False)
    """What the approved scenes say and how long they are."""

    def __post_init__(self) -> None:
        self.backlog = Backlog(self.recall, self.run.story_id, self.lease)
        self.scribe = Scribe(self.store, self.lease)
        self.remarks = Remarks(self._tell_remarks)

    def hear(self, scene_number: int, piece: str) -> None:
        """Pass a piece of prose on to who looks on, here or elsewhere; an empty one means that it begins anew."""
        self.watcher.prose(scene_number, piece)
        self.scribe.hear(scene_number, piece)

    async def clear(self) -> None:
        """Stop what goes on behind the writing; nothing that was committed is lost."""
        for task in self.foresight.values():
            task.cancel()
        await asyncio.gather(*self.foresight.values(), return_exceptions=True)
        self.foresight.clear()
        await self.backlog.stop()
        await self.scribe.stop()
        await self.remarks.settle()

    async def _tell_remarks(self, gathered: Counter[Remark]) -> None:
        async with self.writing() as page:
            for remark, times in gathered.items():
                said = remark.said
                message = said if times == 1 else f"{said.removesuffix('.')} ({times} times)."
                page.record(remark.kind, message, remark.scene_number, times=times, **_about(remark))

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Page]:
        """Run one transaction under the lease, then tell who looks on what happened in it."""
        async with self.store.transaction(self.lease) as tx:
            page = Page(tx, self.run)
            yield page
            events = await tx.runs.record_all(page.events)
            reach(Failpoint.LEDGER_BEFORE_COMMIT)
        reach(Failpoint.AFTER_COMMIT)
        for event in events:
            self.watcher.event(event)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """Read; nothing is written."""
        async with self.store.reading() as tx:
            yield tx

    def site(self, node: str, scene_number: int | None = None, manifest: dict[str, Any] | None = None) -> CallSite:
        """From where a node asks its question, and what its prompt was told."""
        path = f"scene/{scene_number}/{node}" if scene_number else node
        return CallSite(
            story_id=self.run.story_id,
            run_id=self.run.id,
            scene_number=scene_number,
            path=path,
            take=self.run.take + self.retakes.get(path, 0),
            manifest=manifest,
            door=self.stop.door,
            budget=self.run.settings.budget,
            models=self.run.settings.models,
            prompts=self.run.settings.prompts,
            tell=partial(self.remarks.trouble, scene_number),
            reuse=partial(self.remarks.reuse, scene_number),
            answered=self.answered,
            kept_s=0 if self.run.settings.fresh or self.run.take else self.kept_s.get(node, 0),
        )

    def forget_frame(self) -> None:
        """Note that what holds for the whole story has changed."""
        self.frame = None
        self._frames_forgotten += 1

    async def load_frame(self, tx: Transaction) -> StoryFrame:
        """Read what holds for the whole story, and keep it at hand unless it has changed meanwhile."""
        forgotten = self._frames_forgotten
        frame = await tx.stories.load_frame(self.run.story_id)
        if forgotten == self._frames_forgotten:
            self.frame = frame
        return frame

    @property
    def window(self) -> int:
        """How many scenes may be at work at once; the first of them sees the canon without the others."""
        settings = self.run.settings
        in_parallel = settings.continuity is Continuity.PARALLEL and not settings.redo
        return settings.concurrency if in_parallel else 1

    async def context_tokens_of(self, scene_number: int) -> int:
        """The tokens that may be told of a scene: as the run was asked, or what its model was found to read."""
        if self.halved is None:
            async with self.reading() as tx:
                halved = await tx.runs.list_events_of_kind(self.run.id, "context_halved")
            self.halved = Counter(event.scene_number for event in halved if event.scene_number)
        return int(self.run.settings.context_tokens) >> self.halved[scene_number]

    async def tell_less(self, scene_number: int) -> None:
        """Halve what may be told of a scene, and note it."""
        tokens = await self.context_tokens_of(scene_number) // 2
        message = f"Scene {scene_number} is told within {tokens:,} tokens: its model cannot read more."
        async with self.writing() as page:
            page.record("context_halved", message, scene_number, tokens=tokens)
        if self.halved is not None:
            self.halved[scene_number] += 1

    async def shelf_of_story(self) -> Shelf:
        """What the approved scenes of the story say."""
        if self.shelf is None:
            async with self.reading() as tx:
                self.shelf = await read_shelf(tx, self.run.story_id)
        return self.shelf

    async def sheet_of(self, scene_number: int) -> Sheet:
        """What is known of a scene at work, with the canon that it may know of."""
        if scene_number not in self.sheets:
            self.sheets[scene_number] = await self._read_sheet(scene_number, max(0, scene_number - self.window))
        return self.sheets[scene_number]

    async def sheet_anew(self, scene_number: int) -> Sheet:
        """Go on with the same once every scene before it is canon."""
        sheet = self.sheets[scene_number] = await self.sheet_of_turn(scene_number)
        return sheet

    async def sheet_of_turn(self, scene_number: int) -> Sheet:
        """What is known of a scene at work once every scene before it is canon."""
        before = self.sheets[scene_number]
        sheet = await self._read_sheet(scene_number, scene_number - 1)
        sheet.looks = before.looks + 1
        for text in before.written:
            sheet.note_checked(text.id, text.checked)
        return sheet

    async def _read_sheet(self, scene_number: int, seen: int) -> Sheet:
        digests = (await self.shelf_of_story()).digests_up_to(seen)
        async with self.reading() as tx:
            frame = self.frame or await self.load_frame(tx)
            return await read_sheet(tx, frame, scene_number, self.run.id, digests, seen)


def _about(remark: Remark) -> dict[str, Any]:
    """Which answer a remark is about, for the trace of the run."""
    reused = remark.reused
    if reused is None:
        return {}
    return {"call_id": str(reused.call_id), "node": reused.node, "path": reused.path, "kept": reused.kept}
