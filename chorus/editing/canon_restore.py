"""What people changed in the canon comes back: a fact, somebody or something stands again as before a change."""

from uuid import UUID

from chorus.domain.canon import Fact
from chorus.domain.edit import CanonChange, CanonSubject, EditEffects
from chorus.domain.story import Character, WorldElement
from chorus.editing.canon_edits import change_fact, load_fact, scene_of
from chorus.editing.lore_edits import EDITABLE, EDITABLE_IN_WORLD, edit_character, edit_world_element
from chorus.editing.quiet import hold_still
from chorus.errors import NotFound
from chorus.store import Transaction


async def restore_canon(tx: Transaction, story_id: UUID, change_id: UUID) -> EditEffects:
    """Let what was changed be as it was before that change; that is a change of its own, which may be undone too.

    Raises:
        NotFound: there is no such story or change, or what was changed is gone.
        InvalidInput: the fact was read out of a text that does not hold any more, or the name is now somebody else's.
        Conflict: the story is being written.
    """
    await hold_still(tx, story_id)
    change = await tx.history.find_change(change_id)
    if change is None or change.story_id != story_id:
        raise NotFound(f"Nobody has made a change {change_id} to the canon of this story.")
    note = f"As before change {change.number}."
    if change.subject is CanonSubject.FACT:
        return await _restore_fact(tx, change, note)
    if change.subject is CanonSubject.WORLD_ELEMENT:
        element = WorldElement.model_validate(change.before)
        traits = {name: getattr(element, name) for name in EDITABLE_IN_WORLD}
        return await edit_world_element(tx, story_id, change.subject_id, traits, note)
    before = Character.model_validate(change.before)
    traits = {name: getattr(before, name) for name in EDITABLE}
    return await edit_character(tx, story_id, change.subject_id, traits, note)


async def _restore_fact(tx: Transaction, change: CanonChange, note: str) -> EditEffects:
    before = Fact.model_validate(change.before)
    fact = await _today(tx, await load_fact(tx, change.story_id, change.subject_id))
    after = fact.model_copy(update={"statement": before.statement, "status": before.status})
    return await change_fact(tx, fact, after, note)


async def _today(tx: Transaction, fact: Fact) -> Fact:
    """The same fact in the text that holds, if its scene has got another text since."""
    scene = await scene_of(tx, fact)
    if scene is None or scene.revision_id is None or scene.revision_id == fact.revision_id:
        return fact
    todays = await tx.canon.list_facts_of(scene.revision_id)
    said = (fact.subject, fact.statement)
    return next((each for each in todays if (each.subject, each.statement) == said), fact)
