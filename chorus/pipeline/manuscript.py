"""A manuscript that was read becomes a story's rows: chapters, scenes, revisions and memories; no LLM is asked."""

from dataclasses import dataclass
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
from chorus.importing import ParsedManuscript, detect_language
from chorus.memory import memories_of_scene
from chorus.store import Transaction


@dataclass(frozen=True)
class ImportedStory:
    """All rows of an imported story, ready to be kept in one transaction."""

    story: Story
    outline: Outline
    revisions: tuple[Revision, ...]
    memories: tuple[Memory, ...]

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


async def find_begun(imported: ImportedStory, model: str, tx: Transaction) -> UUID | None:
    """Find an import of the same manuscript whose vectors are still to come."""
    for story_id in await tx.stories.list_imported(imported.story.title):
        if await tx.memories.count_pending(model, story_id):
            kept = await tx.stories.load_manuscript(story_id)
            if [scene.text for chapter in kept.chapters for scene in chapter.scenes] == imported.texts:
                return story_id
    return None


async def keep(imported: ImportedStory, tx: Transaction) -> None:
    """Write all rows of an imported story."""
    await tx.stories.add(imported.story)
    await tx.stories.add_outline(imported.outline)
    await tx.stories.add_revisions(imported.revisions)
    await tx.memories.add(imported.memories)


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
