"""A manuscript that was read becomes a story's rows: chapters, scenes, revisions and memories; no LLM is asked."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from chorus.domain.canon import Memory
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
from chorus.domain.value import storable
from chorus.domain.words import count_words
from chorus.errors import ChorusError
from chorus.importing import ParsedManuscript, detect_language
from chorus.memory import memories_of_scene
from chorus.store import Database, Transaction

BEAT_S = 15.0


@dataclass(frozen=True)
class ImportedStory:
    """All rows of an imported story, ready to be kept in one transaction."""

    story: Story
    outline: Outline
    revisions: tuple[Revision, ...]
    memories: tuple[Memory, ...]

    @property
    def digest(self) -> str:
        """What tells this manuscript from any other."""
        chapters = [chapter.title for chapter in self.outline.chapters]
        scenes = [(scene.title, text) for scene, text in zip(self.outline.scenes, self.texts, strict=True)]
        told = json.dumps([self.story.title, self.story.language, chapters, scenes])
        return sha256(told.encode()).hexdigest()

    @property
    def texts(self) -> list[str]:
        """The text of every scene, in story order."""
        return [revision.text for revision in self.revisions]

    @property
    def words(self) -> int:
        """Words in all scenes."""
        return sum(revision.words for revision in self.revisions)


def story_of(parsed: ParsedManuscript, language: str | None = None) -> ImportedStory:
    """Make the rows of a manuscript: every scene approved, numbered from 1 through the story.

    Its words are stemmed in ``language``; where nobody says which, it is told from the text.
    """
    language = storable(language or "").strip() or detect_language("\n".join(scene.text for scene in parsed.scenes))
    story = Story(title=parsed.title, language=language, origin=Origin.IMPORTED)
    chapters: list[Chapter] = []
    scenes: list[Scene] = []
    revisions: list[Revision] = []
    memories: list[Memory] = []
    for number, given in enumerate(parsed.chapters, 1):
        chapter = Chapter(story_id=story.id, number=number, title=given.title)
        chapters.append(chapter)
        for text in given.scenes:
            scene, revision = _scene(chapter, len(scenes) + 1, text.title, text.text)
            scenes.append(scene)
            revisions.append(revision)
            memories += memories_of_scene(scene, revision, [])
    outline = Outline(chapters=tuple(chapters), scenes=tuple(scenes))
    return ImportedStory(story, outline, tuple(revisions), tuple(memories))


async def begin(imported: ImportedStory, tx: Transaction) -> UUID:
    """Keep a manuscript as a story, or find the one that an import of the same has begun and not ended."""
    begun = await tx.stories.find_import(imported.digest)
    if begun and await _is_untouched(imported, begun, tx):
        return begun
    if begun:
        await tx.stories.end_import(begun)
    await tx.stories.add(imported.story)
    first = await tx.stories.begin_import(imported.digest, imported.story.id)
    if first != imported.story.id:  # somebody has begun it at the same moment
        await tx.stories.remove(imported.story.id)
        return first
    await tx.stories.add_outline(imported.outline)
    await tx.stories.add_revisions(imported.revisions)
    await tx.memories.add(imported.memories)
    return first


@asynccontextmanager
async def kept_alive(store: Database, story_id: UUID) -> AsyncIterator[None]:
    """Let others see that somebody is at work on an import, as long as this lasts; note its end if it ends well."""
    beating = asyncio.create_task(_beat(store, story_id))
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
    async with store.transaction() as tx:
        await tx.stories.end_import(story_id)


async def _beat(store: Database, story_id: UUID) -> None:
    while True:
        with suppress(ChorusError):
            async with store.transaction() as tx:
                await tx.stories.keep_import_alive(story_id)
        await asyncio.sleep(BEAT_S)


async def _is_untouched(imported: ImportedStory, story_id: UUID, tx: Transaction) -> bool:
    """Whether a story still says what its manuscript does: one that was edited since is a story of its own."""
    kept = await tx.stories.load_manuscript(story_id)
    return [scene.text for chapter in kept.chapters for scene in chapter.scenes] == imported.texts


def _scene(chapter: Chapter, number: int, title: str, text: str) -> tuple[Scene, Revision]:
    scene = Scene(
        story_id=chapter.story_id,
        chapter_id=chapter.id,
        number=number,
        title=title,
        brief=SceneBrief(purpose=""),
        status=SceneStatus.APPROVED,
    )
    revision = Revision(
        story_id=chapter.story_id,
        scene_id=scene.id,
        number=1,
        cause=RevisionCause.IMPORT,
        text=text,
        words=count_words(text),
    )
    return scene.model_copy(update={"revision_id": revision.id, "words": revision.words}), revision
