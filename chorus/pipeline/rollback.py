"""Take a story back to how it stood after a scene, so that it can go on from there.

What was read out of later scenes (facts, states, findings, memories) goes; their texts stay in the history, and every
answer stays in the ledger: going on unchanged asks the endpoint for nothing.
"""

from uuid import UUID

from chorus.domain.run import Run, RunEvent, Stage
from chorus.domain.story import Outline, RevisionCause, Scene
from chorus.errors import Conflict, InvalidInput
from chorus.pipeline.ties import untie_after
from chorus.store import Transaction


async def roll_back(tx: Transaction, story_id: UUID, to_scene: int) -> Run | None:
    """Restore text, canon and memory as of the end of scene ``to_scene`` (0: nothing but the plan).

    Returns the run that writes the story, paused and ready to go on; None if it has none.

    Raises:
        NotFound: there is no such story.
        InvalidInput: the story has no such scene.
        Conflict: a run of it is at work, or a scene that would go is locked.
    """
    await tx.stories.load(story_id)
    outline = await tx.stories.load_outline(story_id)
    if not 0 <= to_scene <= len(outline.scenes) or not outline.scenes:
        raise InvalidInput(f"The story has {len(outline.scenes)} scenes: choose a scene from 0 to that.")
    run = await _take_from_its_writers(tx, story_id)
    undone = [scene for scene in outline.scenes if scene.number > to_scene]
    if locked := [str(scene.number) for scene in undone if scene.locked]:
        raise Conflict(f"Scene {', '.join(locked)} would go and is locked: unlock it first.")
    await untie_after(tx, story_id, to_scene)
    await tx.canon.forget_after(story_id, to_scene)
    await tx.memories.forget_after(story_id, to_scene)
    await tx.runs.withdraw_questions_about([scene.id for scene in undone])
    await tx.stories.reopen_scenes(story_id, to_scene)
    await tx.stories.touch(story_id)
    if run:
        await tx.runs.record(_said(run, to_scene, undone))
    return run


async def refuse_unplanned(tx: Transaction, story_id: UUID) -> Outline:
    """Read the outline; raises InvalidInput if a scene waits in it that was imported: nobody has said what happens."""
    outline = await tx.stories.load_outline(story_id)
    waiting = [scene for scene in outline.scenes if scene.revision_id is None and not scene.brief.purpose.strip()]
    revisions = [(scene, await tx.stories.list_revisions(scene.id)) for scene in waiting]
    unplanned = [str(s.number) for s, texts in revisions if any(t.cause is RevisionCause.IMPORT for t in texts)]
    if unplanned:
        raise InvalidInput(
            f"Scene {', '.join(unplanned)} was imported and never planned, so nobody can write it again: say in the "
            "outline what happens there, restore its text, or fork the story before it."
        )
    return outline


async def _take_from_its_writers(tx: Transaction, story_id: UUID) -> Run | None:
    """The newest run that writes the story, and not only some of its scenes again, back at its scenes."""
    runs = await tx.runs.list_to_change(story_id)
    for run in runs:
        if await tx.runs.holds_lease(run.id):
            raise Conflict("The story is being written: pause its run first.")
    writing = next((run for run in runs if run.settings.writes_story), None)
    if writing is None:
        return None
    await tx.runs.return_to(writing.id, Stage.SCENES)
    return await tx.runs.load(writing.id)


def _said(run: Run, to_scene: int, undone: list[Scene]) -> RunEvent:
    place = f"Back to the end of scene {to_scene}" if to_scene else "Back to the outline"
    return RunEvent(
        run_id=run.id,
        story_id=run.story_id,
        scene_number=to_scene or None,
        kind="rolled_back",
        message=f"{place}: {len(undone)} scene(s) will be written again.",
        data={"to_scene": to_scene, "scenes": [scene.number for scene in undone]},
    )
