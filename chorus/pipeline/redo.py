"""A run that writes only chosen scenes again: each from the canon as it stands before it, the others untouched."""

from langgraph.runtime import Runtime

from chorus.domain.run import Stage
from chorus.domain.story import Scene
from chorus.errors import Conflict
from chorus.pipeline.desk import Desk
from chorus.pipeline.scene import write_scene
from chorus.pipeline.stages import enter
from chorus.pipeline.state import RunState

type Step = dict[str, object]


async def choose_work(_state: RunState, runtime: Runtime[Desk]) -> str:
    """Whether a run writes a story, writes scenes of it again, or reads it into the canon."""
    settings = runtime.context.run.settings
    if settings.read_canon:
        return "read_canon"
    return "redo_scenes" if settings.redo else "set_up"


async def redo_scenes(state: RunState, runtime: Runtime[Desk]) -> Step:
    """Write the chosen scenes again, in story order; those that are done already stay."""
    desk = runtime.context
    redo = desk.run.settings.redo
    await enter(desk, Stage.SCENES)
    async with desk.reading() as tx:
        scenes = (await tx.stories.load_outline(desk.run.story_id)).scenes
    wanted = [scene for scene in scenes if redo and scene.number in redo.scenes]
    for scene in wanted:
        if not await _is_done(desk, scene):
            await _write(desk, scene)
    desk.backlog.start(len(scenes))
    return {"scenes_done": len(wanted)}


async def _is_done(desk: Desk, scene: Scene) -> bool:
    """Whether the scene's text is this run's, or there is none any more that could be written again."""
    if scene.revision_id is None:
        return True
    async with desk.reading() as tx:
        return (await tx.stories.load_revision(scene.revision_id)).run_id == desk.run.id


async def _write(desk: Desk, scene: Scene) -> None:
    if scene.locked:
        raise Conflict(f"Scene {scene.number} was locked meanwhile: unlock it, or cancel this run.")
    desk.forget_frame()  # the scene before may have brought somebody new
    await write_scene(desk, scene)
