"""When each scene is written: side by side within the window, committed in story order; a window of one is serial.

Scene k starts when scene k - window is committed and approved. An error ends the run when the turn of its scene has
come, so that whatever the timing was, the scenes before it are kept.
"""

import asyncio
from collections.abc import Sequence

from chorus.domain.run import ReviewKind, ReviewMode
from chorus.domain.story import Scene, SceneStatus
from chorus.errors import DatabaseUnavailable, LeaseLost
from chorus.pipeline.desk import Desk
from chorus.pipeline.pause import gate
from chorus.pipeline.scene import write_scene
from chorus.pipeline.scene_commit import approve_scene
from chorus.pipeline.turns import Turns


async def write_in_turn(desk: Desk, scenes: Sequence[Scene]) -> None:
    """Write all scenes that are not approved yet; raises what stopped the first scene that was stopped."""
    desk.turns = Turns(scene.number for scene in scenes)
    at_work = [asyncio.create_task(_write(desk, scene)) for scene in scenes]
    try:
        for writing in at_work:
            await writing
    except (LeaseLost, DatabaseUnavailable, asyncio.CancelledError):
        raise
    except Exception:
        await desk.stop.let_come_back()  # later scenes keep what they are answered
        raise
    finally:
        for writing in at_work:
            writing.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)


async def _write(desk: Desk, scene: Scene) -> None:
    number = scene.number
    if scene.status is SceneStatus.APPROVED or scene.awaits_approval:
        await desk.turns.until(number - 1)
    else:
        await desk.turns.until(number - desk.window - 1)  # its graph stands ready when its time comes
        await write_scene(desk, scene)
    asks = desk.run.settings.review is ReviewMode.SCENES
    if asks and await _is_to_be_approved(desk, scene):
        await gate(desk, ReviewKind.SCENE, f"Is scene {number} good? Resume the run to approve it.", scene.id)
    if (asks or scene.awaits_approval) and scene.status is not SceneStatus.APPROVED:
        await approve_scene(desk, scene)
    desk.turns.pass_on(number)
    if desk.window > 1:
        desk.backlog.start(number)


async def _is_to_be_approved(desk: Desk, scene: Scene) -> bool:
    """Whether a scene's text is this run's: not imported, written by another run, or a copy in a fork.

    What somebody was asked about stays a question until it is answered, whoever wrote the text that stands there now.
    """
    async with desk.reading() as tx:
        now = await tx.stories.load_scene(scene.story_id, scene.number)
        text = await tx.stories.load_revision(now.revision_id) if now.revision_id else None
        open_ones = await tx.runs.list_questions(story_id=scene.story_id)
    asked = any((item.run_id, item.scene_id) == (desk.run.id, scene.id) for item in open_ones)
    return asked or (text is not None and text.run_id == desk.run.id)
