from collections.abc import AsyncIterator

import pytest_asyncio

from chorus.domain.run import Run
from chorus.domain.story import Chapter, Outline, Scene, SceneBrief, Story
from chorus.store import Database


@pytest_asyncio.fixture
async def store(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url.replace("postgresql:", "postgresql+psycopg:"))
    yield database
    await database.close()


def outline_of(story: Story, scenes: int = 2) -> Outline:
    chapter = Chapter(story_id=story.id, number=1, title="One")
    numbered = [
        Scene(story_id=story.id, chapter_id=chapter.id, number=n, title=f"S{n}", brief=SceneBrief(purpose="p"))
        for n in range(1, scenes + 1)
    ]
    return Outline(chapters=(chapter,), scenes=tuple(numbered))


async def add_story(store: Database, title: str = "T", scenes: int = 2) -> tuple[Story, Outline, Run]:
    story = Story(title=title, premise="P")
    outline, run = outline_of(story, scenes), Run(story_id=story.id)
    async with store.transaction() as tx:
        await tx.stories.add(story)
        await tx.stories.add_outline(outline)
        await tx.runs.add(run)
    return story, outline, run
