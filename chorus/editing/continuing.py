"""Going on with a story that is there, imported or written: its canon is read, more scenes come after the last."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from chorus.domain.canon import Fact, FactStatus
from chorus.domain.edit import CanonSubject
from chorus.domain.run import Run, RunSettings, Stage
from chorus.editing.canon_edits import note_change
from chorus.editing.quiet import hold_still, load_written, tell
from chorus.errors import InvalidInput
from chorus.memory import remember_scene
from chorus.pipeline.rollback import refuse_unplanned
from chorus.store import Transaction

MOST_SCENES = 500


async def begin_reading(tx: Transaction, story_id: UUID, settings: RunSettings, again: Collection[int] = ()) -> Run:
    """Keep a run that reads what is written into the canon, as proposals; one call for each scene not read yet.

    ``again``: these scenes instead, though they were read before, as after an edit.

    Raises:
        NotFound: there is no such story.
        InvalidInput: nothing is written.
        Conflict: it is being written.
    """
    await hold_still(tx, story_id)
    scenes = (await tx.stories.load_outline(story_id)).scenes
    if not any(scene.revision_id for scene in scenes):
        raise InvalidInput("Nothing of the story is written: there is nothing to read.")
    for number in again:
        await load_written(tx, story_id, number)
    wanted = {"read_canon": True, "read_again": tuple(sorted(set(again))), "redo": None, "scenes": len(scenes)}
    asked = settings.model_copy(update=wanted)
    run = Run(story_id=story_id, settings=asked, stage=Stage.SCENES)
    await tx.runs.add(run)
    return run


async def begin_continuing(
    tx: Transaction, story_id: UUID, more: int, otherwise: RunSettings, chosen: dict[str, Any]
) -> Run:
    """Keep a run that plans and writes ``more`` scenes after the last; with the newest run's settings and ``chosen``.

    Raises:
        NotFound: there is no such story.
        InvalidInput: it would get too many scenes, or one of those it has is not written.
        Conflict: it is being written.
    """
    await hold_still(tx, story_id)
    scenes = (await tx.stories.load_outline(story_id)).scenes
    await refuse_unplanned(tx, story_id)
    missing = next((scene.number for scene in scenes if scene.revision_id is None), None)
    if missing or not scenes:
        raise InvalidInput(f"Scene {missing or 1} is not written yet: resume the story's run, or restore the scene.")
    if not 1 <= more <= MOST_SCENES - len(scenes):
        raise InvalidInput(f"A story has at most {MOST_SCENES} scenes, and this one has {len(scenes)}.")
    runs = [run for run in await tx.runs.list_to_change(story_id) if run.settings.writes_story]
    asked = (runs[0].settings if runs else otherwise).model_dump()
    settings = RunSettings.model_validate({**asked, **chosen, "scenes": len(scenes) + more})
    run = Run(story_id=story_id, settings=settings, stage=Stage.OUTLINE, take=runs[0].take if runs else 0)
    await tx.runs.add(run)
    return run


async def list_proposals(tx: Transaction, story_id: UUID) -> list[Fact]:
    """List the facts that were read out of texts that hold, and that nobody has approved or refused."""
    await tx.stories.load(story_id)
    scenes = (await tx.stories.load_outline(story_id)).scenes
    texts = {scene.revision_id for scene in scenes if not scene.awaits_approval}
    facts = await tx.history.list_all_facts(story_id)
    return [fact for fact in facts if fact.status is FactStatus.PROPOSED and fact.revision_id in texts]


async def settle_proposals(
    tx: Transaction, story_id: UUID, fact_ids: Collection[UUID] | None, *, approve: bool
) -> list[Fact]:
    """Make proposals canon, or refuse them; None: all. Answers with those it settled, as they now stand.

    Raises:
        NotFound: there is no such story.
        Conflict: it is being written.
    """
    run = await hold_still(tx, story_id)
    wanted = [f for f in await list_proposals(tx, story_id) if fact_ids is None or f.id in set(fact_ids)]
    status = FactStatus.ESTABLISHED if approve else FactStatus.RETRACTED
    settled = [fact.model_copy(update={"status": status}) for fact in wanted]
    for fact in settled:
        await tx.canon.save_fact(fact)
    if not approve:  # so that they do not come back with their text
        for before, after in zip(wanted, settled, strict=True):
            await note_change(tx, CanonSubject.FACT, before, after, "Refused.")
    if approve:
        await _make_canon(tx, story_id, {fact.scene_id for fact in settled})
    if settled:
        await tell(tx, run, "canon_settled", f"{len(settled)} fact(s) {status.value} by a person.", None)
    return settled


async def _make_canon(tx: Transaction, story_id: UUID, scene_ids: Collection[UUID | None]) -> None:
    """Let what these scenes now say end what held before, and be remembered."""
    scenes = [scene for scene in (await tx.stories.load_outline(story_id)).scenes if scene.id in scene_ids]
    await tx.canon.follow_on(story_id, *(scene.id for scene in scenes))
    for scene in scenes:
        if scene.revision_id:
            await remember_scene(tx, scene, await tx.stories.load_revision(scene.revision_id))
