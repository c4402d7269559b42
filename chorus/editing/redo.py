"""Chosen scenes are written again, perhaps with an editor's note; every other scene stays as it is, byte by byte."""

from collections.abc import Sequence
from uuid import UUID

from chorus.domain.run import Redo, Run, RunSettings, Stage
from chorus.editing.quiet import hold_still, load_written, refuse_locked
from chorus.errors import InvalidInput
from chorus.store import Transaction

LONGEST_NOTE = 2_000


async def begin_redo(tx: Transaction, story_id: UUID, numbers: Sequence[int], note: str, otherwise: RunSettings) -> Run:
    """Keep a run that will write these scenes again, with the settings of the story's newest run or ``otherwise``.

    Raises:
        NotFound: there is no such story or scene.
        InvalidInput: no scene is named, one is not written yet, or the note is too long.
        Conflict: the story is being written, or one of the scenes is locked.
    """
    newest = await hold_still(tx, story_id)
    if not numbers:
        raise InvalidInput("Say which scenes to write again.")
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(f"The note has {len(note):,} characters, and at most {LONGEST_NOTE:,} are passed on.")
    for number in sorted(set(numbers)):
        scene = await load_written(tx, story_id, number)
        refuse_locked(scene)
        if not scene.brief.purpose:
            raise InvalidInput(f"Scene {number} was imported and has no plan to be written by: edit its text.")
    planned = len((await tx.stories.load_outline(story_id)).scenes)
    settings = (newest.settings if newest else otherwise).model_copy(
        update={
            "read_canon": False,
            "redo": Redo(scenes=tuple(sorted(set(numbers))), note=note.strip()),
            "scenes": planned,
        }
    )
    run = Run(
        story_id=story_id,
        settings=settings,
        stage=Stage.SCENES,
        take=await tx.history.find_last_take(story_id) + 1,
    )
    await tx.runs.add(run)
    return run
