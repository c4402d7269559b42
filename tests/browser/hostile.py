"""Stories made of texts that want to be run: in their titles, names, prose, notes, questions and answers."""

import json
from collections.abc import Sequence
from itertools import batched
from uuid import UUID

from chorus.domain.canon import Fact, FactStatus, Finding, FindingCategory, Memory, MemoryKind, Severity
from chorus.domain.llm_call import LLMCall, Outcome
from chorus.domain.run import ReviewItem, ReviewKind, Run, RunEvent, RunStatus, Stage
from chorus.domain.story import (
    Chapter,
    Character,
    CharacterState,
    Outline,
    Relationship,
    Revision,
    RevisionCause,
    Scene,
    SceneBrief,
    SceneStatus,
    Story,
    WorldElement,
    WorldElementKind,
)
from chorus.domain.value import now
from chorus.store import Database
from tests.conftest import data_file

A_BATCH = 200
AS_TYPED = ("$5 and $6", ":red[x] and **bold** and $x^2$", "# no heading", "&amp; &lt;b&gt;", "שלום עולם", "🦉 `code`")
"""What Markdown, LaTeX or HTML would make something else of."""


def payloads() -> list[str]:
    """Every text of both lists that can be kept, and those that must show as typed."""
    lines = data_file("xss_payloads.txt").read_text(encoding="utf-8", errors="replace").split("\n")
    naughty = json.loads(data_file("blns.json").read_text(encoding="utf-8"))
    return [*AS_TYPED, *(text for text in [*lines, *naughty] if text.strip())]


async def seed_hostile(database: Database, texts: Sequence[str]) -> UUID:
    """Keep a story with a scene for each text, and each text wherever a story has room for one."""
    story = Story(title=texts[0], premise="\n".join(texts), style=texts[-1])
    run = Run(story_id=story.id, status=RunStatus.PAUSED, stage=Stage.SCENES, error=texts[-1])
    chapters = [Chapter(story_id=story.id, number=n, title=text) for n, text in enumerate(texts[:4], 1)]
    scenes, revisions = _scenes(story, run, chapters, texts)
    cast = [
        Character(story_id=story.id, number=n, name=f"{text} {n}", aliases=(text,), description=text, voice=text)
        for n, text in enumerate(texts[:30])
    ]
    async with database.transaction() as tx:
        await tx.stories.add(story)
        await tx.runs.add(run)
        bare = [s.model_copy(update={"revision_id": None, "status": SceneStatus.QUEUED, "words": 0}) for s in scenes]
        await tx.stories.add_outline(Outline(chapters=tuple(chapters), scenes=tuple(bare)))
        await tx.stories.add_revisions(revisions)
        for scene in scenes:
            await tx.stories.save_scene(scene)
        await tx.stories.add_characters(cast)
        await tx.stories.add_world(
            [
                WorldElement(story_id=story.id, number=n, kind=WorldElementKind.PLACE, name=text, description=text)
                for n, text in enumerate(texts)
            ]
        )
        await tx.stories.add_relationships(
            [
                Relationship(story_id=story.id, character_id=a.id, other_id=b.id, kind=text, description=text)
                for (a, b), text in zip(batched(cast, 2), texts, strict=False)
            ]
        )
        await tx.canon.add_states(
            [
                CharacterState(story_id=story.id, character_id=each.id, scene_number=1, place=text, condition=text)
                for each, text in zip(cast, texts, strict=False)
            ]
        )
        await tx.canon.add_facts(_facts(story, texts))
        await tx.canon.add_findings(_findings(scenes, texts))
        await tx.memories.add(_memories(story, scenes, texts))
        await tx.runs.record_all(
            [RunEvent(run_id=run.id, story_id=story.id, kind="note", message=text) for text in texts]
        )
        for scene, text in list(zip(scenes, texts, strict=True))[:20]:
            await tx.runs.ask(_question(run, scene, text))
        for text in texts[:40]:
            await tx.calls.open(_call(run, text))
    return story.id


async def seed_shelf(database: Database, texts: Sequence[str]) -> None:
    """Keep a story for each text, with that for its title and premise."""
    async with database.transaction() as tx:
        for text in texts:
            story = Story(title=text, premise=text)
            await tx.stories.add(story)
            await tx.runs.add(Run(story_id=story.id, status=RunStatus.PAUSED, error=text))


def _scenes(
    story: Story, run: Run, chapters: Sequence[Chapter], texts: Sequence[str]
) -> tuple[list[Scene], list[Revision]]:
    scenes, revisions = [], []
    for number, text in enumerate(texts, 1):
        chapter = chapters[min((number - 1) * len(chapters) // len(texts), len(chapters) - 1)]
        brief = SceneBrief(purpose=text, beats=(text,), cast=(text,), place=text, story_time=text, entry=text)
        scene = Scene(
            story_id=story.id,
            chapter_id=chapter.id,
            number=number,
            title=text,
            brief=brief,
            summary=text,
            status=SceneStatus.APPROVED,
            words=9,
        )
        revision = Revision(
            story_id=story.id,
            scene_id=scene.id,
            number=1,
            cause=RevisionCause.EDIT,
            text=f"Begin {text} end",
            words=9,
            note=text,
            run_id=run.id,
        )
        scenes.append(scene.model_copy(update={"revision_id": revision.id}))
        revisions.append(revision)
    return scenes, revisions


def _facts(story: Story, texts: Sequence[str]) -> list[Fact]:
    return [
        Fact(
            story_id=story.id,
            number=n,
            subject=text,
            aspect=text,
            statement=text,
            evidence=text,
            known_by=(text,),
            valid_from=1,
            status=FactStatus.ESTABLISHED,
        )
        for n, text in enumerate(texts)
    ]


def _findings(scenes: Sequence[Scene], texts: Sequence[str]) -> list[Finding]:
    return [
        Finding(
            story_id=scene.story_id,
            scene_id=scene.id,
            revision_id=scene.revision_id or scene.id,
            category=FindingCategory.DETAIL,
            severity=Severity.MAJOR,
            description=text,
            quote=text,
            other_quote=text,
            other_scene=1,
        )
        for scene, text in zip(scenes, texts, strict=True)
    ]


def _memories(story: Story, scenes: Sequence[Scene], texts: Sequence[str]) -> list[Memory]:
    return [
        Memory(
            story_id=story.id,
            scene_id=scene.id,
            revision_id=scene.revision_id,
            scene_number=scene.number,
            kind=MemoryKind.PASSAGE,
            text=f"Begin {text} end",
            entities=(text,),
            valid_from=1,
        )
        for scene, text in zip(scenes, texts, strict=True)
    ]


def _question(run: Run, scene: Scene, text: str) -> ReviewItem:
    return ReviewItem(
        story_id=run.story_id,
        run_id=run.id,
        scene_id=scene.id,
        kind=ReviewKind.FINDING,
        question=text,
        details={"revision_id": str(scene.revision_id)},
    )


def _call(run: Run, text: str) -> LLMCall:

    return LLMCall(
        story_id=run.story_id,
        run_id=run.id,
        scene_number=1,
        agent="scene_generator",
        node=text,
        node_path=text,
        prompt_version="1",
        prompt_hash="0",
        endpoint=text,
        model=text[:200],
        settings={"stop": text},
        settings_hash="0",
        request={"messages": [{"role": text, "content": text}]},
        response_text=text,
        outcome=Outcome.SERVER_ERROR,
        error=text,
        manifest={"items": [{"text": text}]},
        latency_ms=10.0,
        started_at=now(),
        ended_at=now(),
    )
