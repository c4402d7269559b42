"""The composition root: which parts there are, how they are wired, and the commands that touch two or more of them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from chorus.domain.canon import MemoryHit, MemoryKind
from chorus.domain.run import Run, RunSettings, RunSummary
from chorus.domain.story import Manuscript
from chorus.domain.value import Value
from chorus.pipeline.watcher import NOBODY, Watcher
from chorus.settings import ChorusConfig, load_config
from chorus.store import Database


class ImportSummary(Value):
    """What ``import`` prints."""

    story_id: UUID
    title: str
    scenes: int
    words: int


class Studio:
    """Everything that can be done with stories. Made by ``open_studio``."""

    config: ChorusConfig
    store: Database

    async def start_run(
        self,
        premise: str,
        *,
        title: str | None = None,
        language: str = "English",
        style: str = "",
        settings: RunSettings | None = None,
    ) -> Run:
        """Keep a new story and a queued run for it. Raises InvalidInput."""
        raise NotImplementedError

    async def work_on(self, run_id: UUID, watcher: Watcher = NOBODY) -> RunSummary:
        """Claim a run and work on it in this process until it is over or paused; goes on where it stood."""
        raise NotImplementedError

    async def write_story(
        self, premise: str, *, title: str | None = None, settings: RunSettings | None = None, watcher: Watcher = NOBODY
    ) -> RunSummary:
        """Start a run and work on it."""
        run = await self.start_run(premise, title=title, settings=settings)
        return await self.work_on(run.id, watcher)

    def detach(self, run_id: UUID) -> None:
        """Let a process of its own work on a run; it outlives this one and logs to a file."""
        raise NotImplementedError

    async def import_manuscript(self, text: str, *, title: str | None = None) -> ImportSummary:
        """Make a story of a Markdown or plain-text manuscript: chapters, scenes and memories, without any LLM."""
        raise NotImplementedError

    async def search_memory(
        self,
        query: str,
        story_id: UUID | None = None,
        k: int = 10,
        as_of: int | None = None,
        kinds: Sequence[MemoryKind] = (),
    ) -> list[MemoryHit]:
        """Find the memories most similar to a query, the best first."""
        raise NotImplementedError

    async def load_manuscript(self, story_id: UUID) -> Manuscript:
        """Read a story as a reader meets it."""
        async with self.store.transaction() as tx:
            return await tx.stories.load_manuscript(story_id)


@asynccontextmanager
async def open_studio(config: ChorusConfig | None = None) -> AsyncIterator[Studio]:
    """Wire everything up, starting what is embedded; ``config`` defaults to the environment's."""
    raise NotImplementedError
    yield Studio()
