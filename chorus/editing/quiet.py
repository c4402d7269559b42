"""Nobody edits a story while it is being written, and what is locked stays as it is."""

from uuid import UUID

from chorus.domain.run import Run, RunEvent
from chorus.domain.story import Scene
from chorus.errors import Conflict, InvalidInput
from chorus.pipeline.steer import is_worked_on
from chorus.store import Transaction


async def hold_still(tx: Transaction, story_id: UUID) -> Run | None:
    """Keep every run of a story from being taken up until this transaction ends; the newest one, if there is any.

    Raises:
        NotFound: there is no such story.
        Conflict: somebody writes it.
    """
    await tx.stories.load(story_id)
    runs = await tx.runs.list_to_change(story_id)
    for run in runs:
        if await is_worked_on(tx, run):
            raise Conflict("The story is being written: pause its run first.")
    return runs[0] if runs else None


async def load_written(tx: Transaction, story_id: UUID, number: int) -> Scene:
    """Read a scene that has a text.

    Raises:
        NotFound: the story has no such scene.
        InvalidInput: the scene is not written yet.
    """
    scene = await tx.stories.load_scene(story_id, number)
    if scene.revision_id is None:
        raise InvalidInput(f"Scene {number} is not written yet.")
    return scene


def refuse_locked(scene: Scene) -> None:
    """Raise Conflict if a scene is locked."""
    if scene.locked:
        raise Conflict(f"Scene {scene.number} is locked: unlock it first.")


async def tell(tx: Transaction, run: Run | None, kind: str, message: str, scene: int | None, **data: object) -> None:
    """Note in the newest run of a story what a person did; a story that was never run has nowhere to note it."""
    if run:
        event = RunEvent(
            run_id=run.id, story_id=run.story_id, scene_number=scene, kind=kind, message=message, data=data
        )
        await tx.runs.record(event)
