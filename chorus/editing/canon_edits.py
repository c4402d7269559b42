"""A person changes a fact; what it was before is kept beside it. Cast and world are left to ``lore_edits``."""

from uuid import UUID

from chorus.continuity.seams import ending_of
from chorus.domain.canon import Fact, FactStatus
from chorus.domain.edit import CanonChange, CanonSubject, EditEffects, FactChange, Verdict
from chorus.domain.story import Lore, Scene
from chorus.domain.value import Value
from chorus.editing.quiet import hold_still, tell
from chorus.editing.scene_text import load_told
from chorus.editing.uses import EditedScene, find_uses
from chorus.errors import InvalidInput, NotFound
from chorus.memory import remember_scene
from chorus.store import Transaction


async def edit_fact(tx: Transaction, story_id: UUID, fact_id: UUID, statement: str | None, note: str) -> EditEffects:
    """Let a fact say something else, or nothing any more (None); the text it was read out of stays as it is.

    One that was taken back, or is only proposed, holds again if it is said again.

    Raises:
        NotFound: there is no such story or fact.
        InvalidInput: the statement is empty, or the fact was read out of a text that does not hold any more.
        Conflict: the story is being written.
    """
    await hold_still(tx, story_id)
    fact = await load_fact(tx, story_id, fact_id)
    return await change_fact(tx, fact, _said(fact, statement), note)


async def change_fact(tx: Transaction, fact: Fact, after: Fact, note: str) -> EditEffects:
    """Let a fact be so from now on; raises as ``edit_fact`` does."""
    run = await hold_still(tx, fact.story_id)
    effects = await _effects(tx, fact, after)
    if after == fact:
        return effects
    await tx.canon.save_fact(after)
    await note_change(tx, CanonSubject.FACT, fact, after, note)
    await _remember_anew(tx, after)
    said = f"A fact was {effects.facts[0].verdict.value}: {fact.statement}"
    await tell(tx, run, "fact_edited", said, effects.scene_number, uses=[use.scene_number for use in effects.uses])
    return effects


async def preview_fact(tx: Transaction, story_id: UUID, fact_id: UUID, statement: str | None) -> EditEffects:
    """Say which scenes used a fact; nothing is changed. Raises as ``edit_fact`` does, except for Conflict."""
    await tx.stories.load(story_id)
    fact = await load_fact(tx, story_id, fact_id)
    return await _effects(tx, fact, _said(fact, statement))


async def load_fact(tx: Transaction, story_id: UUID, fact_id: UUID) -> Fact:
    """Read a fact of a story, or raise NotFound."""
    fact = await tx.canon.find_fact(fact_id)
    if fact is None or fact.story_id != story_id:
        raise NotFound(f"The story has no fact {fact_id}.")
    return fact


async def _effects(tx: Transaction, fact: Fact, after: Fact) -> EditEffects:
    scene = await scene_of(tx, fact)
    if scene and fact.revision_id and fact.revision_id != scene.revision_id:
        raise InvalidInput(
            f"The fact was read out of a text of scene {scene.number} that does not hold any more: "
            "restore that text, or change a fact of today's."
        )
    change = _change_of(fact, after)
    used = [change] if change.verdict is not Verdict.ADDED else []
    told = await load_told(tx, fact.story_id, scene.number if scene else 0)
    return EditEffects(
        story_id=fact.story_id,
        scene_number=scene.number if scene else None,
        base_revision_id=fact.revision_id,
        facts=(change,),
        uses=find_uses(used, await _edited(tx, scene), told),
    )


def _said(fact: Fact, statement: str | None) -> Fact:
    """A fact as a person says that it is."""
    if statement is None:
        return fact.model_copy(update={"status": FactStatus.RETRACTED})
    said = " ".join(statement.split())
    if not said:
        raise InvalidInput("The statement is empty: say what is true, or retract the fact.")
    return fact.model_copy(update={"statement": said, "status": FactStatus.ESTABLISHED})


def _change_of(fact: Fact, after: Fact) -> FactChange:
    if after == fact:
        return FactChange(verdict=Verdict.KEPT, reason="it says the same", before=fact, after=fact)
    if after.status is not FactStatus.ESTABLISHED:
        return FactChange(verdict=Verdict.RETRACTED, reason="a person takes it back", before=fact)
    if fact.status is not FactStatus.ESTABLISHED:
        return FactChange(verdict=Verdict.ADDED, reason="a person says that it holds", before=fact, after=after)
    return FactChange(verdict=Verdict.RESTATED, reason="a person says so", before=fact, after=after)


async def scene_of(tx: Transaction, fact: Fact) -> Scene | None:
    """The scene that a fact was read out of."""
    scenes = (await tx.stories.load_outline(fact.story_id)).scenes
    return next((scene for scene in scenes if scene.id == fact.scene_id), None)


async def _edited(tx: Transaction, scene: Scene | None) -> EditedScene:
    """The scene of a fact as one whose canon changes and whose text does not."""
    if scene is None or scene.revision_id is None:
        return EditedScene(number=0, text="", ending_start=0)
    text = (await tx.stories.load_revision(scene.revision_id)).text
    start = len(text) - len(ending_of(text))
    return EditedScene(number=scene.number, text=text, ending_start=start, summary=scene.summary)


async def _remember_anew(tx: Transaction, fact: Fact) -> None:
    """Let a changed fact be remembered, and end what held before it, or let that hold again."""
    scene = await scene_of(tx, fact)
    if scene is None or scene.revision_id is None:
        return
    await tx.canon.follow_on(fact.story_id, scene.id)
    await remember_scene(tx, scene, await tx.stories.load_revision(scene.revision_id))
    await tx.stories.touch(fact.story_id)


async def note_change(tx: Transaction, subject: CanonSubject, before: Fact | Lore, after: Value, note: str) -> None:
    """Keep that a person has changed a fact, a character or something in the world."""
    change = CanonChange(
        story_id=before.story_id,
        subject=subject,
        subject_id=before.id,
        number=await tx.history.count_changes(before.id) + 1,
        before=before.model_dump(mode="json"),
        after=after.model_dump(mode="json"),
        note=note,
    )
    await tx.history.note([change])
