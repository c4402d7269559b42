"""What the studio can do with a story's plan: its concepts, and its outline with every version of it."""

from typing import Protocol
from uuid import UUID

from chorus.agents.outline_lint import LintProblem, lint_outline
from chorus.domain.outline_draft import OutlineDraft, draft_of
from chorus.domain.run import Run, RunStatus, Stage
from chorus.domain.story import Concept, Outline, OutlineCause, OutlineVersion
from chorus.domain.value import Value
from chorus.editing.outline_change import OutlineChange, change_outline, first_changed, first_touched, restored
from chorus.editing.quiet import hold_still, tell
from chorus.errors import Conflict, InvalidInput
from chorus.pipeline.concepts import choose_concept
from chorus.pipeline.rollback import roll_back
from chorus.store import Database, Transaction

WORDS = 700


class House(Protocol):
    """What these commands need of the studio."""

    store: Database


class PlannedOutline(Value):
    """An outline as it stands: as a draft to change, with what is doubtful about it; ``version`` 0: none is kept."""

    story_id: UUID
    version: int
    draft: OutlineDraft
    doubts: tuple[LintProblem, ...]


class OutlineEdited(Value):
    """What became of an edit; ``run_id`` is the run that goes on by the new outline when it is resumed."""

    story_id: UUID
    version: int
    run_id: UUID | None
    change: OutlineChange
    doubts: tuple[LintProblem, ...]


class Planning:
    """Commands on what is planned; each raises NotFound for what is not there, Conflict while a run writes."""

    # --- concepts

    async def list_concepts(self: House, story_id: UUID) -> list[Concept]:
        """List the concepts a story can follow, by number; the selected one is marked."""
        async with self.store.reading() as tx:
            await tx.stories.load(story_id)
            return await tx.stories.list_concepts(story_id)

    async def choose_concept(self: House, story_id: UUID, number: int) -> Concept:
        """Let a story follow one of its concepts; raises as ``pipeline.concepts.choose_concept`` does."""
        async with self.store.transaction() as tx:
            return await choose_concept(tx, story_id, number)

    # --- the outline

    async def load_outline(self: House, story_id: UUID) -> PlannedOutline:
        """Read the outline as a draft to change, with what is doubtful about it."""
        async with self.store.reading() as tx:
            await tx.stories.load(story_id)
            outline = await tx.stories.load_outline(story_id)
            return PlannedOutline(
                story_id=story_id,
                version=await tx.outlines.count_versions(story_id),
                draft=draft_of(outline),
                doubts=tuple(lint_outline(outline, await _cast(tx, story_id))),
            )

    async def preview_outline(self: House, story_id: UUID, wanted: OutlineDraft) -> OutlineChange:
        """Say what a draft would change, and which written scenes it would touch; nothing is changed."""
        async with self.store.reading() as tx:
            await tx.stories.load(story_id)
            return await _change(tx, story_id, wanted)

    async def edit_outline(
        self: House, story_id: UUID, wanted: OutlineDraft, *, rewrite: bool = False, note: str = ""
    ) -> OutlineEdited:
        """Make the outline what a draft says, as a new version of it.

        ``rewrite`` takes the story back to before the first written scene that is touched, so that it and all after it
        are written again.

        Raises:
            InvalidInput: the draft makes no sense.
            Conflict: it changes a locked scene, or touches what is written without ``rewrite``.
        """
        async with self.store.transaction() as tx:
            return await _edit(tx, story_id, wanted, OutlineCause.EDIT, rewrite=rewrite, note=note)

    async def restore_outline(self: House, story_id: UUID, version: int, *, rewrite: bool = False) -> OutlineEdited:
        """Bring an earlier version of the outline back, as a new version; raises as ``edit_outline`` does."""
        async with self.store.transaction() as tx:
            await hold_still(tx, story_id)
            earlier = await tx.outlines.load_version(story_id, version)
            wanted = restored(earlier.outline, await tx.stories.load_outline(story_id))
            note = f"Version {version} is back."
            return await _edit(tx, story_id, wanted, OutlineCause.RESTORE, rewrite=rewrite, note=note)

    async def list_outline_versions(self: House, story_id: UUID) -> list[OutlineVersion]:
        """List every outline the story has had, the first one first."""
        async with self.store.reading() as tx:
            await tx.stories.load(story_id)
            return await tx.outlines.list_versions(story_id)


async def _edit(
    tx: Transaction, story_id: UUID, wanted: OutlineDraft, cause: OutlineCause, *, rewrite: bool, note: str
) -> OutlineEdited:
    run = await hold_still(tx, story_id)
    before = await tx.stories.load_outline(story_id)
    change = await _change(tx, story_id, wanted)
    if change.touched:
        scenes = ", ".join(map(str, change.touched))
        if not rewrite:
            raise Conflict(
                f"Scene {scenes} is written already: say that it is to be written again, or leave it as it is."
            )
        await roll_back(tx, story_id, first_touched(change, before) - 1)
        change = (await _change(tx, story_id, wanted)).model_copy(update={"touched": change.touched})
    if change.outline != before:
        if not await tx.outlines.count_versions(story_id):
            await tx.outlines.add_version(story_id, before, OutlineCause.PLAN)
        await tx.outlines.replace(story_id, change.outline)
        await tx.outlines.add_version(story_id, change.outline, cause, note)
        await tx.outlines.leave_texts(story_id, first_changed(before, change.outline))
        await tx.stories.touch(story_id)
        await _tell_run(tx, run, change)
    return OutlineEdited(
        story_id=story_id,
        version=await tx.outlines.count_versions(story_id),
        run_id=run.id if run else None,
        change=change,
        doubts=tuple(lint_outline(change.outline, await _cast(tx, story_id))),
    )


async def _change(tx: Transaction, story_id: UUID, wanted: OutlineDraft) -> OutlineChange:
    outline = await tx.stories.load_outline(story_id)
    if not outline.scenes:
        raise InvalidInput("The story has no outline yet: its run makes one first.")
    return change_outline(outline, wanted, _usual_words(outline), await _cast(tx, story_id))


async def _tell_run(tx: Transaction, run: Run | None, change: OutlineChange) -> None:
    """Let the newest run go by the new outline; one that was complete has something to do again."""
    if run is None:
        return
    scenes = change.outline.scenes
    settings = run.settings.model_copy(update={"scenes": len(scenes), "redo": None})
    await tx.runs.change_settings(run.id, settings)
    if run.status is RunStatus.COMPLETE and any(scene.revision_id is None for scene in scenes):
        await tx.runs.return_to(run.id, Stage.SCENES)
    said = f"The outline was edited. {change.words}"
    await tell(tx, run, "outline_edited", said, None, **change.model_dump(mode="json", exclude={"outline"}))


async def _cast(tx: Transaction, story_id: UUID) -> list[str]:
    return [character.name for character in await tx.stories.list_characters(story_id)]


def _usual_words(outline: Outline) -> int:
    """The words most scenes are to have."""
    targets = [scene.brief.target_words for scene in outline.scenes if scene.brief.target_words]
    return max(set(targets), key=targets.count) if targets else WORDS
