"""``rollback``: a story taken back to the end of a scene."""

from chorus.cli.ids import short
from chorus.cli.loop import run
from chorus.cli.open import opened
from chorus.cli.reading import find_story
from chorus.cli.terminal import counted, print_json, say, tell
from chorus.domain.run import Run
from chorus.store import StoryProgress


def roll_back(typed: str, to_scene: int, *, as_json: bool) -> int:
    """Take a story back, and say how to go on."""
    paused, far = run(_roll_back(typed, to_scene))
    if as_json:
        print_json({"run_id": str(paused.id) if paused else None, **far.model_dump(mode="json")})
        return 0
    tell(f"{counted(far.scenes, 'scene')} of {far.scenes_planned} kept, {counted(far.words, 'word')}.")
    if paused:
        say(f"Write on from there with: chorus resume {short(paused.id)}", style="dim")
    return 0


async def _roll_back(typed: str, to_scene: int) -> tuple[Run | None, StoryProgress]:
    async with opened() as studio:
        story_id = await find_story(studio, typed)
        paused = await studio.roll_back(story_id, to_scene)
        async with studio.store.reading() as tx:
            return paused, await tx.stories.measure_progress(story_id)
