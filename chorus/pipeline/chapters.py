"""Chapters whose title and summary are of what their scenes said once and say no more: found, and mended where one can.

Making them anew is a question to a model, and ``finish`` asks it: an edit by itself pays for nothing.
"""

from collections.abc import Iterable
from uuid import UUID

from chorus.domain.story import Chapter, ChapterTelling, Outline
from chorus.store import Transaction


def telling_of(chapter: Chapter, outline: Outline) -> ChapterTelling:
    """A chapter's title and summary with what they were made of."""
    return ChapterTelling(
        story_id=chapter.story_id,
        chapter_id=chapter.id,
        told_of=outline.told_of(chapter),
        plan_title=chapter.plan_title,
        title=chapter.title,
        summary=chapter.summary,
    )


def list_stale(outline: Outline, tellings: Iterable[ChapterTelling]) -> list[Chapter]:
    """The chapters that were summed up when their scenes said something else."""
    known = {(telling.chapter_id, telling.told_of) for telling in tellings}
    return [
        chapter
        for chapter in outline.chapters
        if chapter.summary and (chapter.id, outline.told_of(chapter)) not in known
    ]


async def recall_tellings(tx: Transaction, story_id: UUID) -> None:
    """Let chapters whose scenes say again what they said before be called and summed up as they were then.

    What a person has called a chapter since stays.
    """
    outline = await tx.stories.load_outline(story_id)
    known = {(telling.chapter_id, telling.told_of): telling for telling in await tx.stories.list_tellings(story_id)}
    for chapter in outline.chapters:
        then = known.get((chapter.id, outline.told_of(chapter)))
        if then and chapter.summary not in {"", then.summary}:
            title = then.title if then.plan_title == chapter.plan_title else chapter.title
            await tx.stories.save_chapter(chapter.model_copy(update={"title": title, "summary": then.summary}))
