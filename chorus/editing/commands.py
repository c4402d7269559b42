"""What the studio can do with a story's past and with what is asked of a person; each command one transaction."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol
from uuid import UUID

from chorus.domain.canon import Fact
from chorus.domain.diff import Piece, diff_prose
from chorus.domain.edit import CanonChange, EditEffects, FactDecision
from chorus.domain.run import Run, RunSettings
from chorus.domain.story import Revision, Scene, Story
from chorus.editing import (
    canon_edits,
    canon_restore,
    continuing,
    lore_edits,
    redo,
    removal,
    restore,
    reviews,
    scene_text,
    ties,
)
from chorus.editing import fork as forks
from chorus.editing.fork import Fork
from chorus.editing.quiet import hold_still
from chorus.editing.reviews import Answered, Decision, ReviewAnswer, ReviewContext
from chorus.errors import ChorusError
from chorus.pipeline import steer
from chorus.store import Database


class House(Protocol):
    """What these commands need of the studio."""

    store: Database

    def default_settings(self, **chosen: object) -> RunSettings:
        """The settings of a run as configured."""

    async def embed_memories(self, story_id: UUID | None = None) -> int:
        """Give memories their vectors."""

    async def foretell(self, run: Run) -> Run:
        """Keep with a run what it will take."""


class Editing:
    """Commands on what is written already; each raises NotFound for what is not there, Conflict while a run writes."""

    # --- the text of a scene

    async def preview_edit(
        self: House, story_id: UUID, scene: int, text: str, *, decisions: Mapping[UUID, FactDecision] | None = None
    ) -> EditEffects:
        """Say what an edit of a scene will touch: facts, and the scenes that used them; nothing is changed."""
        async with self.store.transaction() as tx:
            return await scene_text.preview_edit(tx, story_id, scene, text, decisions)

    async def edit_scene(
        self: House,
        story_id: UUID,
        scene: int,
        text: str,
        *,
        decisions: Mapping[UUID, FactDecision] | None = None,
        note: str = "",
        base: UUID | None = None,
    ) -> EditEffects:
        """Give a scene another text as a new revision; no other scene is touched.

        ``decisions``, by fact id, count more than what code says of a fact. ``base`` is the revision that was edited.

        Raises:
            InvalidInput: the scene is not written yet, or the text is empty.
            Conflict: the scene is locked, or no longer what ``base`` says.
        """
        async with self.store.transaction() as tx:
            effects = await scene_text.edit_scene(tx, story_id, scene, text, decisions, note=note, base=base)
        await _embed(self, story_id)
        return effects

    async def restore(self: House, story_id: UUID, scene: int, revision: int) -> EditEffects:
        """Bring an earlier text of a scene back, with its facts, states and memories, as a new revision.

        Raises:
            Conflict: the scene is locked.
        """
        async with self.store.transaction() as tx:
            effects = await restore.restore(tx, story_id, scene, revision)
        await _embed(self, story_id)
        return effects

    async def lock(self: House, story_id: UUID, scene: int) -> Scene:
        """Keep the text of a scene from every change."""
        return await _lock(self.store, story_id, scene, locked=True)

    async def unlock(self: House, story_id: UUID, scene: int) -> Scene:
        """Allow a scene to be changed again."""
        return await _lock(self.store, story_id, scene, locked=False)

    async def list_revisions(self: House, story_id: UUID, scene: int) -> list[Revision]:
        """List the texts a scene has had, the first one first."""
        async with self.store.reading() as tx:
            return await tx.stories.list_revisions((await tx.stories.load_scene(story_id, scene)).id)

    async def load_revision(self: House, story_id: UUID, scene: int, revision: int) -> Revision:
        """Read one text of a scene by its number."""
        async with self.store.reading() as tx:
            return await restore.find_revision(tx, await tx.stories.load_scene(story_id, scene), revision)

    async def diff(self: House, story_id: UUID, scene: int, before: int, after: int | None = None) -> tuple[Piece, ...]:
        """Tell two texts of a scene apart, word by word; by their numbers, None: the one that holds."""
        async with self.store.reading() as tx:
            found = await tx.stories.load_scene(story_id, scene)
            old = await restore.find_revision(tx, found, before)
            new = await restore.find_revision(tx, found, after)
        return diff_prose(old.text, new.text)

    async def redo_scenes(
        self: House, story_id: UUID, scenes: Sequence[int], note: str = "", *, dispatch: bool = False
    ) -> Run:
        """Begin a run that writes only these scenes again, with an editor's note if there is one.

        ``dispatch`` hands it to the workers; else ``work_on`` it.

        Raises:
            InvalidInput: no scene is named, or one is not written yet.
            Conflict: one of them is locked.
        """
        async with self.store.transaction() as tx:
            run = await redo.begin_redo(tx, story_id, scenes, note, self.default_settings())
            run = await steer.dispatch(tx, run.id) if dispatch else run
        return await _foretold(self, run)

    async def fork(
        self: House,
        story_id: UUID,
        after: int,
        *,
        chosen: Mapping[str, Any] | None = None,
        title: str = "",
        borrow: bool = True,
        dispatch: bool = False,
    ) -> Fork:
        """Copy a story as it stands at the end of scene ``after``; its run goes on with the settings ``chosen`` anew.

        Recorded answers are replayed where the same is asked again, unless not ``borrow``.

        Raises:
            InvalidInput: there is no such scene, or not all scenes up to it are written.
        """
        async with self.store.transaction() as tx:
            made = await forks.fork(tx, story_id, after, dict(chosen or {}), title, borrow=borrow)
            run = await steer.dispatch(tx, made.run.id) if made.run and dispatch else made.run
        return made.model_copy(update={"run": await _foretold(self, run) if run else None})

    # --- going on

    async def read_canon(
        self: House,
        story_id: UUID,
        *,
        again: Sequence[int] = (),
        chosen: Mapping[str, Any] | None = None,
        dispatch: bool = False,
    ) -> Run:
        """Begin a run that reads what is written into the canon, as proposals; one call for each scene.

        ``again``: these scenes instead of those not read yet, as after an edit that code could not judge.

        Raises:
            InvalidInput: nothing is written, or one of these scenes is not.
        """
        async with self.store.transaction() as tx:
            run = await continuing.begin_reading(tx, story_id, self.default_settings(**(chosen or {})), again)
            return await steer.dispatch(tx, run.id) if dispatch else run

    async def continue_story(
        self: House, story_id: UUID, scenes: int, *, chosen: Mapping[str, Any] | None = None, dispatch: bool = False
    ) -> Run:
        """Begin a run that plans and writes so many scenes after the last one; with the settings ``chosen`` anew.

        Raises:
            InvalidInput: it would get too many scenes, or one of those it has is not written.
        """
        async with self.store.transaction() as tx:
            otherwise = self.default_settings()
            run = await continuing.begin_continuing(tx, story_id, scenes, otherwise, dict(chosen or {}))
            run = await steer.dispatch(tx, run.id) if dispatch else run
        return await _foretold(self, run)

    async def remove_story(self: House, story_id: UUID) -> Story:
        """Remove a story with everything that belongs to it, for good; the answer is what it was."""
        async with self.store.transaction() as tx:
            return await removal.remove_story(tx, story_id)

    # --- the canon

    async def preview_fact(self: House, story_id: UUID, fact_id: UUID, statement: str | None) -> EditEffects:
        """Say which scenes used a fact that will say something else, or nothing any more (None)."""
        async with self.store.reading() as tx:
            return await canon_edits.preview_fact(tx, story_id, fact_id, statement)

    async def edit_fact(self: House, story_id: UUID, fact_id: UUID, statement: str, *, note: str = "") -> EditEffects:
        """Let a fact say something else, or hold again if it was taken back; list the scenes that used it.

        Raises:
            InvalidInput: the statement is empty, or the fact was read out of a text that does not hold any more.
        """
        async with self.store.transaction() as tx:
            effects = await canon_edits.edit_fact(tx, story_id, fact_id, statement, note)
        await _embed(self, story_id)
        return effects

    async def retract_fact(self: House, story_id: UUID, fact_id: UUID, *, note: str = "") -> EditEffects:
        """Take a fact back, and list the scenes that used it."""
        async with self.store.transaction() as tx:
            return await canon_edits.edit_fact(tx, story_id, fact_id, None, note)

    async def preview_character(
        self: House, story_id: UUID, character_id: UUID, changes: Mapping[str, Any]
    ) -> EditEffects:
        """Say which scenes were told of a character that is to be changed."""
        async with self.store.reading() as tx:
            return await lore_edits.edit_character(tx, story_id, character_id, dict(changes), "", dry=True)

    async def edit_character(
        self: House, story_id: UUID, character_id: UUID, changes: Mapping[str, Any], *, note: str = ""
    ) -> EditEffects:
        """Change what is known of a character (``lore_edits.EDITABLE``), and list the scenes that were told of them.

        Raises:
            InvalidInput: something else is to be changed, or to a value that does not fit.
        """
        async with self.store.transaction() as tx:
            effects = await lore_edits.edit_character(tx, story_id, character_id, dict(changes), note)
        await _embed(self, story_id)
        return effects

    async def preview_world_element(
        self: House, story_id: UUID, element_id: UUID, changes: Mapping[str, Any]
    ) -> EditEffects:
        """Say which scenes were told of something in the world that is to be changed."""
        async with self.store.reading() as tx:
            return await lore_edits.edit_world_element(tx, story_id, element_id, dict(changes), "", dry=True)

    async def edit_world_element(
        self: House, story_id: UUID, element_id: UUID, changes: Mapping[str, Any], *, note: str = ""
    ) -> EditEffects:
        """Change something in the world (``lore_edits.EDITABLE_IN_WORLD``), and list the scenes that were told of it.

        Raises:
            InvalidInput: something else is to be changed, or to a value that does not fit.
        """
        async with self.store.transaction() as tx:
            effects = await lore_edits.edit_world_element(tx, story_id, element_id, dict(changes), note)
        await _embed(self, story_id)
        return effects

    async def preview_tie(
        self: House, story_id: UUID, who: UUID, whom: UUID, kind: str, *, scene: int = 0
    ) -> EditEffects:
        """Say in which scenes two people are who are to be something else to each other."""
        async with self.store.reading() as tx:
            return await ties.set_tie(tx, story_id, who, whom, kind, scene, dry=True)

    async def set_tie(self: House, story_id: UUID, who: UUID, whom: UUID, kind: str, *, scene: int = 0) -> EditEffects:
        """Say what one character is to another from a scene on; raises as ``ties.set_tie`` does."""
        async with self.store.transaction() as tx:
            return await ties.set_tie(tx, story_id, who, whom, kind, scene)

    async def list_proposals(self: House, story_id: UUID) -> list[Fact]:
        """List the facts that were read out of the text and wait for a person's word."""
        async with self.store.reading() as tx:
            return await continuing.list_proposals(tx, story_id)

    async def approve_facts(self: House, story_id: UUID, fact_ids: Collection[UUID] | None = None) -> list[Fact]:
        """Make proposed facts canon; None: all of them."""
        async with self.store.transaction() as tx:
            settled = await continuing.settle_proposals(tx, story_id, fact_ids, approve=True)
        await _embed(self, story_id)
        return settled

    async def refuse_facts(self: House, story_id: UUID, fact_ids: Collection[UUID] | None = None) -> list[Fact]:
        """Refuse proposed facts; None: all of them."""
        async with self.store.transaction() as tx:
            return await continuing.settle_proposals(tx, story_id, fact_ids, approve=False)

    async def list_changes(self: House, story_id: UUID, subject_id: UUID | None = None) -> list[CanonChange]:
        """List how people changed the canon, or one fact, character or world element of it, the oldest change first."""
        async with self.store.reading() as tx:
            await tx.stories.load(story_id)
            return await tx.history.list_changes(story_id, subject_id)

    async def restore_canon(self: House, story_id: UUID, change_id: UUID) -> EditEffects:
        """Let a fact, somebody or something be as it was before one of its changes, and list the scenes that were told.

        Raises:
            InvalidInput: the fact was read out of a text that does not hold any more, or the name is now another's.
        """
        async with self.store.transaction() as tx:
            effects = await canon_restore.restore_canon(tx, story_id, change_id)
        await _embed(self, story_id)
        return effects

    # --- questions

    async def load_review(self: House, item_id: UUID) -> ReviewContext:
        """Read a question with the scene it is about, and its findings with their quotes in context."""
        async with self.store.reading() as tx:
            return await reviews.load_context(tx, item_id)

    async def answer_review(
        self: House,
        item_id: UUID,
        decision: Decision,
        *,
        text: str = "",
        base: UUID | None = None,
        note: str = "",
        budget_tokens: int | None = None,
        budget_usd: float | None = None,
        dispatch: bool = True,
    ) -> Answered:
        """Answer a question: accept what it is about, edit it (``text``), redraft it (``note``), dismiss it (``note``).

        ``base`` is the revision that ``text`` was made from, as ``load_review`` gave it.
        A question about the budget is accepted with another one. The run goes on as soon as nothing else holds it up.

        Raises:
            InvalidInput: the answer does not fit the question, or lacks what it needs.
            Conflict: it is answered already, the story is being written, or the scene is no longer what ``base`` says.
        """
        answer = ReviewAnswer(
            decision=decision, text=text, base=base, note=note, budget_tokens=budget_tokens, budget_usd=budget_usd
        )
        async with self.store.transaction() as tx:
            answered = await reviews.answer_review(tx, item_id, answer, self.default_settings(), dispatch=dispatch)
        if decision is Decision.EDIT:
            await _embed(self, answered.item.story_id)
        if decision is Decision.REDRAFT and answered.run:
            return answered.model_copy(update={"run": await _foretold(self, answered.run)})
        return answered


async def _lock(store: Database, story_id: UUID, number: int, *, locked: bool) -> Scene:
    async with store.transaction() as tx:
        await hold_still(tx, story_id)
        scene = (await tx.stories.load_scene(story_id, number)).model_copy(update={"locked": locked})
        await tx.stories.save_scene(scene)
        return scene


async def _foretold(house: House, run: Run) -> Run:
    """A run that was just begun with what it will take; where that cannot be told it goes on without."""
    with suppress(ChorusError):
        return await house.foretell(run)
    return run


async def _embed(house: House, story_id: UUID) -> None:
    """Give changed memories their vectors; where that fails they are found by their words until it is made up for."""
    with suppress(ChorusError):
        await house.embed_memories(story_id)
