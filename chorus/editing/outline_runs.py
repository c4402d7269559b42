"""Runs follow an outline that a person has changed: the one that writes the story, or a new one if it has none."""

from collections.abc import Sequence
from statistics import median
from uuid import UUID

from chorus.domain.run import Redo, Run, RunSettings, RunStatus, Stage
from chorus.domain.story import Outline
from chorus.editing.outline_change import OutlineChange
from chorus.editing.quiet import tell
from chorus.store import Transaction

WORDS = 700
STEP = 50
LEAST_WORDS, MOST_WORDS = 50, 5_000


async def follow_outline(
    tx: Transaction, story_id: UUID, before: Outline, change: OutlineChange, otherwise: RunSettings
) -> Run | None:
    """Let the run that writes a story go by its new outline; one that was complete has something to do again.

    A story that has none, or only cancelled ones, gets one if something is left to write: paused, with the settings of
    the run before it or ``otherwise``.
    """
    runs = await tx.runs.list_to_change(story_id)
    await _renumber(tx, runs, before, change.outline)
    scenes = change.outline.scenes
    left = any(scene.revision_id is None for scene in scenes)
    last = next((run for run in runs if run.settings.writes_story), None)
    if last is None or last.status is RunStatus.CANCELLED:
        if not left:
            return None
        run = await _begin(tx, story_id, change.outline, last, otherwise)
    else:
        await tx.runs.change_settings(last.id, last.settings.model_copy(update={"scenes": len(scenes)}))
        if left and last.status is RunStatus.COMPLETE:
            await tx.runs.return_to(last.id, Stage.SCENES)
        run = await tx.runs.load(last.id)
    said = f"The outline was edited. {change.words}"
    noted = change.model_dump(mode="json", exclude={"outline", "facts", "uses"})
    await tell(tx, run, "outline_edited", said, None, **noted, uses=[use.scene_number for use in change.uses])
    return run


def usual_words(outline: Outline) -> int:
    """The words most scenes are to have; where none was planned, about as many as those have that are written."""
    targets = [scene.brief.target_words for scene in outline.scenes if scene.brief.target_words]
    if targets:
        return max(set(targets), key=targets.count)
    written = [scene.words for scene in outline.scenes if scene.words]
    about = STEP * round(median(written) / STEP) if written else WORDS
    return min(max(about, LEAST_WORDS), MOST_WORDS)


async def _begin(tx: Transaction, story_id: UUID, outline: Outline, last: Run | None, otherwise: RunSettings) -> Run:
    asked = last.settings if last else otherwise.model_copy(update={"words": usual_words(outline)})
    run = Run(
        story_id=story_id,
        status=RunStatus.PAUSED,
        settings=asked.model_copy(update={"scenes": len(outline.scenes)}),
        stage=Stage.OUTLINE,
        take=last.take if last else 0,
    )
    await tx.runs.add(run)
    return run


async def _renumber(tx: Transaction, runs: Sequence[Run], before: Outline, after: Outline) -> None:
    """Let runs that are to write or to read certain scenes again find them where they stand now."""
    places = {scene.id: scene.number for scene in after.scenes}
    now = {scene.number: places.get(scene.id) for scene in before.scenes}
    for run in runs:
        redo, again = run.settings.redo, run.settings.read_again
        if run.status.is_over or not (redo or again):
            continue
        changes: dict[str, object] = {"read_again": _moved(again, now)}
        if redo:
            changes["redo"] = Redo(scenes=_moved(redo.scenes, now), note=redo.note)
        settings = run.settings.model_copy(update=changes)
        if settings != run.settings:
            await tx.runs.change_settings(run.id, settings)


def _moved(numbers: Sequence[int], now: dict[int, int | None]) -> tuple[int, ...]:
    return tuple(sorted(place for number in numbers if (place := now.get(number))))
