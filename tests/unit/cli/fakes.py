"""A studio of values in memory, for the command line to talk to."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

from chorus.domain.canon import MemoryHit, MemoryKind
from chorus.domain.run import Run, RunEvent, RunSettings, RunStatus, RunSummary, Stage
from chorus.domain.search import Hits
from chorus.domain.story import (
    Chapter,
    Character,
    Manuscript,
    ManuscriptChapter,
    ManuscriptScene,
    Origin,
    Outline,
    Scene,
    SceneBrief,
    SceneStatus,
    Story,
)
from chorus.domain.value import now
from chorus.errors import Conflict, NotFound
from chorus.export.bundle import StoryBundle
from chorus.importing import ParsedManuscript
from chorus.pipeline.watcher import NOBODY, Watcher
from chorus.settings import ChorusConfig
from chorus.studio import Studio

STORY = UUID("3f2a91bc-0000-4000-8000-000000000001")
RUN = UUID("7c1d22aa-0000-4000-8000-000000000002")
Script = Callable[["FakeStudio", Run, Watcher], RunStatus]


@dataclass
class FakeStudio:
    """Knows one story and one run unless told otherwise; ``script`` is what working on a run does."""

    config: ChorusConfig
    script: Script | None = None
    summaries: dict[UUID, RunSummary] = field(default_factory=dict)
    stories: dict[UUID, Story] = field(default_factory=dict)
    hits: Hits = field(default_factory=Hits)
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    manner: dict[str, object] = field(default_factory=dict)

    @property
    def store(self) -> Any:
        return SimpleNamespace(transaction=self._transaction)

    def add(self, status: RunStatus = RunStatus.COMPLETE, **changes: Any) -> None:
        self.stories[STORY] = Story(id=STORY, title="The Lamp", premise="A lamp goes out.")
        self.summaries[RUN] = summary(status=status, **changes)

    # --- what the studio can do

    def default_settings(self, **chosen: Any) -> RunSettings:
        return RunSettings.model_validate(chosen)

    async def start_run(
        self,
        premise: str,
        *,
        title: str | None = None,
        settings: RunSettings | None = None,
        dispatch: bool = False,
        **manner: object,
    ) -> Run:
        self.asked.append(("start_run", (premise, title, settings)))
        self.manner = manner
        if dispatch:
            self.asked.append(("dispatch", RUN))
        self.add(RunStatus.QUEUED, scenes=0, words=0)
        return Run(id=RUN, story_id=STORY, settings=settings or RunSettings())

    async def work_on(self, run_id: UUID, watcher: Watcher = NOBODY) -> RunSummary:
        run = Run(id=run_id, story_id=STORY)
        status = self.script(self, run, watcher) if self.script else RunStatus.COMPLETE
        self.summaries[run_id] = summary(status=status, error="It broke." if status is RunStatus.FAILED else None)
        return self.summaries[run_id]

    async def withdraw(self, run_id: UUID) -> bool:
        return False

    async def summarise(self, run_id: UUID) -> RunSummary:
        if run_id not in self.summaries:
            raise NotFound(f"There is no run {run_id}: `chorus runs` lists them.")
        return self.summaries[run_id]

    async def cancel(self, run_id: UUID) -> Run:
        if self.summaries[run_id].status is RunStatus.COMPLETE:
            raise Conflict("The run is complete: there is nothing to cancel.")
        self.asked.append(("cancel", run_id))
        self.summaries[run_id] = summary(status=RunStatus.CANCELLED)
        return Run(id=run_id, story_id=STORY, status=RunStatus.CANCELLED)

    async def load_bundle(self, story_id: UUID) -> StoryBundle:
        return await Studio.load_bundle(cast("Studio", self), story_id)

    async def approve(self, run_id: UUID) -> None:
        self.asked.append(("approve", run_id))

    async def import_manuscript(
        self, manuscript: ParsedManuscript, *, language: str | None, progress: Callable[[int, int], None]
    ) -> Any:
        from chorus.domain.value import Value

        class Summary(Value):
            story_id: UUID
            title: str
            scenes: int
            words: int

        self.asked.append(("import", manuscript, language))
        progress(1, 2)
        return Summary(story_id=STORY, title=manuscript.title, scenes=2, words=9)

    async def search_memory(self, *given: Any, **filters: Any) -> Hits:
        self.asked.append(("search", given, filters))
        return self.hits

    # --- what its repositories know

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Any]:
        yield SimpleNamespace(stories=self, runs=self, canon=self)

    async def list_summaries(self, limit: int = 100, offset: int = 0) -> list[RunSummary]:
        return list(self.summaries.values())[offset : offset + limit]

    async def list_cards(self, limit: int = 100, offset: int = 0) -> list[Any]:
        from chorus.store.stories import StoryCard

        cards = [
            StoryCard(
                id=story.id,
                title=story.title,
                premise=story.premise,
                language=story.language,
                origin=story.origin,
                created_at=story.created_at,
                updated_at=story.updated_at,
                chapters=1,
                scenes=2,
                scenes_planned=2,
                words=6,
                run_id=RUN,
                run_status="complete",
            )
            for story in self.stories.values()
        ]
        return cards[offset : offset + limit]

    async def load(self, story_id: UUID) -> Story:
        if story_id not in self.stories:
            raise NotFound(f"There is no story {story_id}: `chorus stories` lists them.")
        return self.stories[story_id]

    async def measure_progress(self, story_id: UUID) -> Any:
        from chorus.store.stories import StoryProgress

        return StoryProgress(scenes=2, scenes_planned=2, words=6)

    async def remove_story(self, story_id: UUID) -> Story:
        return self.stories.pop(story_id)

    async def load_manuscript(self, story_id: UUID) -> Manuscript:
        return manuscript(await self.load(story_id))

    async def load_outline(self, story_id: UUID) -> Outline:
        chapter = Chapter(story_id=story_id, number=1, title="Dusk")
        brief = SceneBrief(purpose="p")
        scenes = [Scene(story_id=story_id, chapter_id=chapter.id, number=n, title=t, brief=brief) for n, t in _SCENES]
        return Outline(chapters=(chapter,), scenes=tuple(scenes))

    async def list_characters(self, story_id: UUID) -> list[Character]:
        return [Character(story_id=story_id, number=1, name="Mara", want="light")]

    async def list_relationships(self, story_id: UUID) -> list[Any]:
        return []

    async def list_world(self, story_id: UUID) -> list[Any]:
        return []

    async def list_facts(self, story_id: UUID) -> list[Any]:
        return []

    async def list_states(self, story_id: UUID, as_of: int) -> list[Any]:
        return []

    async def list_digests(self, story_id: UUID, before: int) -> list[Any]:
        return []

    async def list_tellings(self, story_id: UUID) -> list[Any]:
        return []

    async def list_findings(self, story_id: UUID) -> list[Any]:
        return []

    async def find_latest(self, story_id: UUID) -> Run | None:
        return Run(id=RUN, story_id=story_id) if RUN in self.summaries else None


_SCENES = ((1, "Oil"), (2, "Wick"))


def manuscript(story: Story) -> Manuscript:
    """Two scenes in one chapter, the second not written yet."""
    texts = ("It burned low.", "")
    scenes = tuple(
        ManuscriptScene(
            number=number,
            title=title,
            status=SceneStatus.APPROVED if text else SceneStatus.QUEUED,
            text=text,
            words=len(text.split()),
            revision_id=uuid4() if text else None,
        )
        for (number, title), text in zip(_SCENES, texts, strict=True)
    )
    return Manuscript(
        story_id=story.id,
        title=story.title,
        premise=story.premise,
        language=story.language,
        origin=Origin.WRITTEN,
        chapters=(ManuscriptChapter(number=1, title="Dusk", scenes=scenes),),
    )


def summary(**changes: Any) -> RunSummary:
    """How a complete run stands, but for ``changes``."""
    given: dict[str, Any] = {
        "story_id": STORY,
        "run_id": RUN,
        "title": "The Lamp",
        "status": RunStatus.COMPLETE,
        "is_held": False,
        "stage": Stage.FINISHED,
        "scenes": 2,
        "scenes_planned": 2,
        "words": 6,
        "llm_calls": 9,
        "prompt_tokens": 1000,
        "completion_tokens": 200,
        "cost_usd": Decimal("0.0125"),
        "wall_s": 12.34567,
        "error": None,
        "created_at": now(),
    }
    return RunSummary.model_validate({**given, **changes})


def event(kind: str, message: str = "Something.", scene_number: int | None = None, **data: Any) -> RunEvent:
    """Something that happened in the run."""
    return RunEvent(run_id=RUN, story_id=STORY, kind=kind, message=message, scene_number=scene_number, data=data)


def hit(rank: int, text: str) -> MemoryHit:
    """A memory that was found."""
    return MemoryHit(
        memory_id=uuid4(),
        story_id=STORY,
        story_title="The Lamp",
        scene_number=1,
        kind=MemoryKind.PASSAGE,
        text=text,
        score=1 - rank / 10,
        rank=rank,
    )
