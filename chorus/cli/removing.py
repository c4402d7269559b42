"""``remove``: a story goes for good."""

from uuid import UUID

from chorus.cli.ids import short
from chorus.cli.loop import run
from chorus.cli.open import opened
from chorus.cli.reading import find_story
from chorus.cli.terminal import counted, print_json, say, tell
from chorus.store import StoryProgress


def remove(typed: str, *, yes: bool, as_json: bool) -> int:
    """Remove a story, or only say how much would go."""
    story_id, title, far = run(_remove(typed, yes=yes))
    if as_json:
        print_json({"story_id": str(story_id), "title": title, "removed": yes, **far.model_dump(mode="json")})
        return 0
    much = f"{title or 'Untitled'}: {counted(far.scenes, 'scene')}, {counted(far.words, 'word')}"
    if yes:
        tell(f"{much}; removed.")
    else:
        tell(f"{much}. Nothing was removed.")
        say(f"Remove it for good with: chorus remove {short(story_id)} --yes", style="dim")
    return 0


async def _remove(typed: str, *, yes: bool) -> tuple[UUID, str, StoryProgress]:
    async with opened() as studio:
        story_id = await find_story(studio, typed)
        async with studio.store.transaction() as tx:
            story, far = await tx.stories.load(story_id), await tx.stories.measure_progress(story_id)
        if yes:
            await studio.remove_story(story_id)
        return story_id, story.title, far
