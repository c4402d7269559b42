"""Put stories, runs, calls and memories into a database, through the repositories and nothing else."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from chorus.domain.canon import Memory, MemoryKind
from chorus.domain.llm_call import LLMCall, Outcome
from chorus.domain.run import Run, RunEvent, RunSettings, RunStatus, Stage
from chorus.domain.story import (
    Chapter,
    Origin,
    Outline,
    Revision,
    RevisionCause,
    Scene,
    SceneBrief,
    SceneStatus,
    Story,
)
from chorus.domain.words import count_words
from chorus.store import Database
from tests.pages.tales import SHORT, SMALL_HOURS, THE_GLASS_ORCHARD, THE_TIDE_LEDGER, Tale

_AGENTS = {
    "story_architect": ("generate_outline", 1900, 900),
    "scene_generator": ("draft_scene", 2400, 620),
    "continuity_editor": ("digest_scene", 1700, 260),
}
_MODELS = {"story_architect": "gpt-4-turbo", "scene_generator": "claude-sonnet-4", "continuity_editor": "gpt-4o-mini"}
_PACE = {"story_architect": 14_000.0, "scene_generator": 9_000.0, "continuity_editor": 3_200.0}


async def seed_tale(
    database: Database,
    tale: Tale,
    *,
    status: RunStatus | None = RunStatus.COMPLETE,
    stage: Stage = Stage.FINISHED,
    done: int | None = None,
    age: timedelta = timedelta(minutes=3),
    error: str | None = None,
    dispatched: bool = True,
    lease: timedelta = timedelta(hours=1),
    owner: str = "host:1:0",
) -> UUID:
    """Keep a tale with its first ``done`` scenes written (all: None); with status None it is an imported one."""
    title, premise, _ = tale
    at = datetime.now(UTC) - age
    origin = Origin.WRITTEN if status else Origin.IMPORTED
    story = Story(title=title, premise=premise, origin=origin, created_at=at - timedelta(minutes=20), updated_at=at)
    outline, texts = plan(story, tale, done)
    async with database.transaction() as tx:
        await tx.stories.add(story)
        await tx.stories.add_outline(outline.model_copy(update={"scenes": tuple(unwritten(s) for s in outline.scenes)}))
        await tx.stories.add_revisions(texts)
        for scene in outline.scenes:
            await tx.stories.save_scene(scene)
        if status:
            run = Run(
                story_id=story.id,
                status=status,
                stage=stage,
                settings=RunSettings(scenes=max(1, len(outline.scenes)), words=200),
                active_s=len(texts) * 41.0,
                error=error,
                lease_owner=owner if status is RunStatus.RUNNING else None,
                lease_until=at + lease if status is RunStatus.RUNNING else None,
                dispatched=dispatched,
                created_at=at - timedelta(minutes=12),
                started_at=at - timedelta(minutes=12),
            )
            await tx.runs.add(run)
            for event in events_of(run, outline, at):
                await tx.runs.record(event)
            for call in calls_of(run, outline, at):
                await tx.calls.open(call)
    return story.id


def unwritten(scene: Scene) -> Scene:
    return scene.model_copy(update={"revision_id": None, "status": SceneStatus.QUEUED, "words": 0})


def plan(story: Story, tale: Tale, done: int | None) -> tuple[Outline, list[Revision]]:
    """The outline of a tale, and the texts of the scenes that are written."""
    chapters: list[Chapter] = []
    scenes: list[Scene] = []
    texts: list[Revision] = []
    for chapter_number, (chapter_title, chapter_scenes) in enumerate(tale[2], 1):
        chapter = Chapter(story_id=story.id, number=chapter_number, title=chapter_title)
        chapters.append(chapter)
        for title, summary, text in chapter_scenes:
            scene = Scene(
                story_id=story.id,
                chapter_id=chapter.id,
                number=len(scenes) + 1,
                title=title,
                brief=SceneBrief(purpose=summary),
                summary=summary,
            )
            written = bool(text) and (done is None or scene.number <= done)
            if written:
                revision = revision_of(scene, text)
                texts.append(revision)
                scene = approved(scene, revision)
            elif done is not None and scene.number == done + 1:
                scene = scene.model_copy(update={"status": SceneStatus.DRAFTING})
            scenes.append(scene)
    return Outline(chapters=tuple(chapters), scenes=tuple(scenes)), texts


def revision_of(scene: Scene, text: str) -> Revision:
    return Revision(
        story_id=scene.story_id,
        scene_id=scene.id,
        number=1,
        cause=RevisionCause.DRAFT,
        text=text,
        words=count_words(text),
    )


def approved(scene: Scene, revision: Revision) -> Scene:
    changes = {"revision_id": revision.id, "status": SceneStatus.APPROVED, "words": revision.words}
    return scene.model_copy(update=changes)


async def write_next(database: Database, story_id: UUID, text: str) -> int:
    """Finish the scene being drafted as a run would, begin the next one, and return its number; 0 at the end."""
    async with database.transaction() as tx:
        outline = await tx.stories.load_outline(story_id)
        waiting = [scene for scene in outline.scenes if scene.status is not SceneStatus.APPROVED]
        if not waiting:
            return 0
        revision = revision_of(waiting[0], text)
        await tx.stories.add_revision(revision)
        await tx.stories.save_scene(approved(waiting[0], revision))
        if len(waiting) > 1:
            await tx.stories.save_scene(waiting[1].model_copy(update={"status": SceneStatus.DRAFTING}))
        return waiting[0].number


def events_of(run: Run, outline: Outline, at: datetime) -> list[RunEvent]:
    """What a run tells of itself."""
    told: list[tuple[int | None, str, str]] = [
        (None, "run_started", "Work begins."),
        (None, "concept_selected", "Chose a concept out of three"),
        (None, "world_ready", "Built a world of 9 elements and a cast of 4"),
    ]
    if outline.scenes:
        told.append(
            (None, "outline_ready", f"Planned {len(outline.chapters)} chapters with {len(outline.scenes)} scenes")
        )
    for scene in outline.scenes:
        if scene.status is SceneStatus.APPROVED:
            told.append(
                (
                    scene.number,
                    "scene_committed",
                    f"Finished scene {scene.number}, “{scene.title}”, {scene.words} words",
                )
            )
        elif scene.status is SceneStatus.DRAFTING:
            told.append((scene.number, "scene_started", f"Drafting scene {scene.number}, “{scene.title}”"))
    if run.status is RunStatus.COMPLETE:
        told.append((None, "run_complete", "The story is finished"))
    first = at - timedelta(seconds=47 * len(told))
    return [
        RunEvent(
            run_id=run.id,
            story_id=run.story_id,
            scene_number=scene_number,
            kind=kind,
            message=message,
            created_at=first + timedelta(seconds=47 * (place + 1)),
        )
        for place, (scene_number, kind, message) in enumerate(told)
    ]


def calls_of(run: Run, outline: Outline, at: datetime) -> list[LLMCall]:
    """The calls of a run: four to plan, three for each scene, now and then one that failed."""
    dice = random.Random(str(run.id))  # noqa: S311 - a seed is wanted
    asked: list[tuple[str, int | None]] = [("story_architect", None)] * 4
    for scene in outline.scenes:
        if scene.status is SceneStatus.APPROVED:
            asked += [("scene_generator", scene.number), ("continuity_editor", scene.number)]
            asked += [("continuity_editor", scene.number)]
    start = at - timedelta(seconds=13 * len(asked))
    return [
        call_of(run, agent, scene, start + timedelta(seconds=13 * place), dice, failed=place % 20 == 15)
        for place, (agent, scene) in enumerate(asked)
    ]


def call_of(
    run: Run, agent: str, scene: int | None, at: datetime, dice: random.Random, *, failed: bool = False, **changes: Any
) -> LLMCall:
    node, prompt_tokens, completion_tokens = _AGENTS[agent]
    latency_ms = _PACE[agent] * dice.lognormvariate(0, 0.35)
    values: dict[str, Any] = {
        "story_id": run.story_id,
        "run_id": run.id,
        "scene_number": scene,
        "agent": agent,
        "node": node,
        "node_path": f"{node}/{scene or 0}",
        "prompt_version": "1",
        "prompt_hash": f"{dice.getrandbits(64):x}",
        "model": _MODELS[agent],
        "settings": {},
        "settings_hash": "0",
        "endpoint": "api.example.com:443",
        "request": {},
        "response_text": "…",
        "outcome": Outcome.TIMEOUT if failed else Outcome.OK,
        "prompt_tokens": int(prompt_tokens * dice.uniform(0.8, 1.2)),
        "completion_tokens": 0 if failed else int(completion_tokens * dice.uniform(0.8, 1.2)),
        "ttft_ms": latency_ms * 0.08,
        "latency_ms": latency_ms,
        "started_at": at,
        "ended_at": at + timedelta(milliseconds=latency_ms),
    }
    return LLMCall(**{**values, **changes})


async def seed_memories(database: Database, story_id: UUID) -> None:
    """Remember every written scene of a story, its summary and its passages; the vectors are still to come."""
    async with database.transaction() as tx:
        outline = await tx.stories.load_outline(story_id)
        for scene in outline.scenes:
            if scene.revision_id:
                await tx.memories.add(memories_of(scene, (await tx.stories.load_revision(scene.revision_id)).text))


def memories_of(scene: Scene, text: str) -> list[Memory]:
    told = [(MemoryKind.SCENE_SUMMARY, scene.summary)]
    told += [(MemoryKind.PASSAGE, block.strip()) for block in text.split("\n\n") if len(block) > 80]
    return [
        Memory(
            story_id=scene.story_id,
            scene_id=scene.id,
            revision_id=scene.revision_id,
            scene_number=scene.number,
            kind=kind,
            number=number,
            text=told_text,
            valid_from=scene.number,
        )
        for number, (kind, told_text) in enumerate(told)
    ]


async def seed_library(database: Database) -> dict[str, UUID]:
    """A library with stories in every state; its ids by name."""
    return {
        "hotel": await seed_tale(
            database,
            SMALL_HOURS,
            status=RunStatus.FAILED,
            stage=Stage.SCENES,
            done=0,
            age=timedelta(hours=5),
            error="The endpoint gave no answer within 600 s. Check OPENAI_API_BASE, then resume.",
        ),
        "map": await seed_tale(
            database, (*SHORT[0], ()), status=RunStatus.QUEUED, stage=Stage.CONCEPT, age=timedelta(minutes=1)
        ),
        "queen": await seed_tale(
            database, (*SHORT[1], ()), status=RunStatus.CANCELLED, stage=Stage.OUTLINE, age=timedelta(days=2)
        ),
        "orchard": await seed_tale(
            database, THE_GLASS_ORCHARD, status=RunStatus.RUNNING, stage=Stage.SCENES, done=3, age=timedelta(seconds=20)
        ),
        "ledger": await seed_tale(database, THE_TIDE_LEDGER),
    }
