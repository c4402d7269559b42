"""What the studio can do with a story's plan: its concepts, and its outline with every version of it."""

from typing import Protocol
from uuid import UUID

from chorus.agents.outline_lint import LintProblem, lint_outline
from chorus.domain.outline_draft import OutlineDraft, draft_of
from chorus.domain.run import RunSettings
from chorus.domain.story import Concept, Outline, OutlineCause, OutlineVersion
from chorus.domain.value import Value
from chorus.editing.outline_change import (
    OutlineChange,
    change_outline,
    first_changed,
    first_touched,
    restored,
    these_are,
)
from chorus.editing.outline_effects import with_effects
from chorus.editing.outline_runs import follow_outline, usual_words
from chorus.editing.quiet import hold_still
from chorus.errors import Conflict, InvalidInput
from chorus.pipeline.concepts import choose_concept
from chorus.pipeline.rollback import roll_back
from chorus.store import Database, Transaction


class House(Protocol):
    """What these commands need of the studio."""

    store: Database

    def default_settings(self, **chosen: object) -> RunSettings:
        """The settings of a run as configured."""


class PlannedOutline(Value):
    """An outline as it stands: as a draft to change, with what is doubtful about it; ``version`` 0: none is kept."""

    story_id: UUID
    version: int
    draft: OutlineDraft
    doubts: tuple[LintProblem, ...]


class OutlineEdited(Value):
    """What became of an edit; ``run_id`` is the run that writes what is left by the new outline when it is resumed."""

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
                doubts=await _doubts(tx, story_id, outline),
            )

    async def preview_outline(self: House, story_id: UUID, wanted: OutlineDraft) -> OutlineChange:
        """Say what a draft would change, and which facts and written scenes it would touch; nothing is changed."""
        async with self.store.reading() as tx:
            await tx.stories.load(story_id)
            return await _change(tx, story_id, wanted)

    async def edit_outline(
        self: House, story_id: UUID, wanted: OutlineDraft, *, rewrite: bool = False, note: str = ""
    ) -> OutlineEdited:
        """Make the outline what a draft says, as a new version of it.

        A written scene whose plan changes keeps its text; ``change.uses`` lists what ``redo_scenes`` may write again.
        ``rewrite`` takes the story back to before the first written scene that is touched instead, so that it and all
        after it are written again. Where something is left to write, ``run_id`` names the run that will.

        Raises:
            InvalidInput: the draft makes no sense.
            Conflict: it changes a locked scene, or moves or removes a written one without ``rewrite``.
        """
        otherwise = self.default_settings()
        async with self.store.transaction() as tx:
            return await _edit(tx, story_id, wanted, OutlineCause.EDIT, rewrite=rewrite, note=note, otherwise=otherwise)

    async def restore_outline(self: House, story_id: UUID, version: int, *, rewrite: bool = False) -> OutlineEdited:
        """Bring an earlier version of the outline back, as a new version; raises as ``edit_outline`` does."""
        otherwise = self.default_settings()
        async with self.store.transaction() as tx:
            await hold_still(tx, story_id)
            earlier = await tx.outlines.load_version(story_id, version)
            wanted = restored(earlier.outline, await tx.stories.load_outline(story_id))
            note = f"Version {version} is back."
            return await _edit(
                tx, story_id, wanted, OutlineCause.RESTORE, rewrite=rewrite, note=note, otherwise=otherwise
            )

    async def list_outline_versions(self: House, story_id: UUID) -> list[OutlineVersion]:
        """List every outline the story has had, the first one first."""
        async with self.store.reading() as tx:
            await tx.stories.load(story_id)
            return await tx.outlines.list_versions(story_id)


async def _edit(
    tx: Transaction,
    story_id: UUID,
    wanted: OutlineDraft,
    cause: OutlineCause,
    *,
    rewrite: bool,
    note: str,
    otherwise: RunSettings,
) -> OutlineEdited:
    await hold_still(tx, story_id)
    before = await tx.stories.load_outline(story_id)
    change = await _change(tx, story_id, wanted)
    if change.displaced and not rewrite:
        raise Conflict(
            f"{these_are(change.displaced)} written already, and would move or go: say that the story is to be written "
            "again from there, or leave them where they are."
        )
    if change.touched and rewrite:
        await roll_back(tx, story_id, first_touched(change, before) - 1)
        again = await _change(tx, story_id, wanted)
        _refuse_unplanned(before, again.outline)
        change = change.model_copy(update={"outline": again.outline})
    run = None
    if change.outline != before:
        if not await tx.outlines.count_versions(story_id):
            await tx.outlines.add_version(story_id, before, OutlineCause.PLAN)
        await tx.outlines.replace(story_id, change.outline)
        await tx.outlines.add_version(story_id, change.outline, cause, note)
        await tx.outlines.leave_texts(story_id, first_changed(before, change.outline))
        await tx.stories.touch(story_id)
        run = await follow_outline(tx, story_id, before, change, otherwise)
    return OutlineEdited(
        story_id=story_id,
        version=await tx.outlines.count_versions(story_id),
        run_id=run.id if run and not run.status.is_over else None,
        change=change,
        doubts=await _doubts(tx, story_id, change.outline),
    )


async def _change(tx: Transaction, story_id: UUID, wanted: OutlineDraft) -> OutlineChange:
    outline = await tx.stories.load_outline(story_id)
    if not outline.scenes:
        raise InvalidInput("The story has no outline yet: its run makes one first.")
    cast = await tx.stories.list_characters(story_id)
    language = (await tx.stories.load(story_id)).language
    change = change_outline(outline, wanted, usual_words(outline), cast, language)
    return await with_effects(tx, story_id, outline, change)


def _refuse_unplanned(before: Outline, after: Outline) -> None:
    """Nobody could write a scene again that was imported and never planned."""
    written = {scene.id for scene in before.scenes if scene.revision_id}
    lost = [s.number for s in after.scenes if s.id in written and s.revision_id is None and not s.brief.purpose]
    if lost:
        raise InvalidInput(
            f"{these_are(lost)} imported and not planned, and cannot be written again: say what happens there."
        )


async def _doubts(tx: Transaction, story_id: UUID, outline: Outline) -> tuple[LintProblem, ...]:
    cast = [character.name for character in await tx.stories.list_characters(story_id)]
    return tuple(lint_outline(outline, cast, await tx.stories.list_world(story_id)))
