"""When each scene is written: side by side within the window, committed in story order; a window of one is serial.

Scene k starts when scene k - window is committed and approved. An error ends the run when the turn of its scene has
come, so that whatever the timing was, the scenes before it are kept.
"""

import asyncio
import time
from collections.abc import Sequence

from chorus.domain.run import ReviewKind, ReviewMode
from chorus.domain.story import Scene, SceneStatus
from chorus.errors import DatabaseUnavailable, LeaseLost
from chorus.pipeline.desk import Desk
from chorus.pipeline.pause import gate
from chorus.pipeline.scene import write_scene
from chorus.pipeline.turns import Turns

PATIENCE_S = 60.0
"""How long calls on their way are waited for when a scene before them has stopped the run."""


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
        await _let_come_back(desk)
        raise
    finally:
        for writing in at_work:
            writing.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)


async def _write(desk: Desk, scene: Scene) -> None:
    number = scene.number
    if scene.status is SceneStatus.APPROVED:
        await desk.turns.until(number - 1)
    else:
        await desk.turns.until(number - desk.window)
        await write_scene(desk, scene)
    if desk.run.settings.review is ReviewMode.SCENES:
        await gate(desk, ReviewKind.SCENE, f"Is scene {number} good? Resume the run to approve it.", scene.id)
    desk.turns.pass_on(number)
    if desk.window > 1:
        desk.backlog.start(number)


async def _let_come_back(desk: Desk) -> None:
    """Begin no more calls, and wait for those of later scenes that are on their way: they are paid for."""
    desk.stop.door.shut()
    give_up_s = time.monotonic() + PATIENCE_S
    while desk.stop.door.out and time.monotonic() < give_up_s:  # noqa: ASYNC110 - others move it
        await asyncio.sleep(0.02)
