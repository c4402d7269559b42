"""An earlier text of a scene comes back as a new revision, with the facts, states and memories it had."""

from collections.abc import Sequence
from uuid import UUID

from chorus.domain.canon import Fact, FactStatus
from chorus.domain.edit import CanonSubject, EditEffects, FactChange, Verdict
from chorus.domain.story import Revision, RevisionCause, Scene
from chorus.domain.value import new_id
from chorus.domain.value import now as this_moment
from chorus.editing.quiet import hold_still, refuse_locked, tell
from chorus.editing.scene_text import HOLDING, find_effects, kept_facts, put_in_place
from chorus.editing.verdicts import judge_facts
from chorus.errors import NotFound
from chorus.store import Transaction


async def restore(tx: Transaction, story_id: UUID, number: int, revision_number: int) -> EditEffects:
    """Bring an earlier text back; it becomes the newest revision, the ones between stay in the history.

    That of a scene that a roll back has opened again too.

    Raises:
        NotFound: there is no such story, scene or revision.
        Conflict: the story is being written, or the scene is locked.
    """
    run = await hold_still(tx, story_id)
    scene = await tx.stories.load_scene(story_id, number)
    refuse_locked(scene)
    wanted = await find_revision(tx, scene, revision_number)
    now = await find_revision(tx, scene, None) if scene.revision_id else wanted
    if scene.revision_id == wanted.id:
        return EditEffects(story_id=story_id, scene_number=number, base_revision_id=now.id)
    changes = await _changes(tx, now, wanted)
    effects = await find_effects(tx, scene, now, wanted.text, changes, ())
    revision = wanted.model_copy(
        update={
            "id": new_id(),
            "number": await tx.stories.newest_revision(scene.id) + 1,
            "parent_id": now.id,
            "cause": RevisionCause.RESTORE,
            "run_id": None,
            "note": f"Revision {wanted.number} again.",
            "created_at": this_moment(),
            "digest": wanted.digest or now.digest,  # a summary that is a little off says more than none
        }
    )
    await tx.stories.add_revision(revision)
    states = [state for _, state in await tx.canon.list_states_of((wanted if wanted.digest else now).id)]
    await put_in_place(tx, scene, revision, kept_facts(changes), states)
    said = f"Scene {number} is again as revision {wanted.number} was."
    await tell(tx, run, "scene_restored", said, number, revision=revision.number, restored=wanted.number)
    return effects.model_copy(update={"revision": revision})


async def find_revision(tx: Transaction, scene: Scene, number: int | None) -> Revision:
    """Read a text of a scene by its number; None: the one that holds. Raises NotFound if there is none."""
    for revision in await tx.stories.list_revisions(scene.id):
        if revision.number == number or (number is None and revision.id == scene.revision_id):
            return revision
    raise NotFound(f"Scene {scene.number} has no revision {number}.")


async def _changes(tx: Transaction, now: Revision, wanted: Revision) -> tuple[FactChange, ...]:
    """What of today's facts stays, goes and comes back.

    Where nothing is known any more of what was read out of the wanted text, today's facts are judged by its words.
    """
    today = [fact for fact in await tx.canon.list_facts_of(now.id) if fact.status in HOLDING]
    if wanted.digest is None:
        return judge_facts(today, now.text, wanted.text)
    then = [fact for fact in await tx.canon.list_facts_of(wanted.id) if not await _was_withdrawn(tx, fact)]
    return (*_going(today, then), *_coming(today, then))


def _going(today: Sequence[Fact], then: Sequence[Fact]) -> list[FactChange]:
    said = {fact.statement for fact in then}
    return [
        FactChange(verdict=Verdict.RETRACTED, reason="the restored text does not say it", before=fact)
        for fact in today
        if fact.statement not in said
    ]


def _coming(today: Sequence[Fact], then: Sequence[Fact]) -> list[FactChange]:
    held = {fact.statement: fact for fact in today}
    return [
        FactChange(verdict=Verdict.KEPT, reason="both texts say it", before=held[fact.statement], after=fact)
        if fact.statement in held
        else FactChange(verdict=Verdict.ADDED, reason="the restored text says it", after=fact)
        for fact in then
    ]


async def _was_withdrawn(tx: Transaction, fact: Fact) -> bool:
    """Whether a person retracted this fact itself, and not only the text it stood in."""
    changes = await tx.history.list_changes(fact.story_id, fact.id)
    last = next((change for change in reversed(changes) if change.subject is CanonSubject.FACT), None)
    return last is not None and last.after.get("status") == FactStatus.RETRACTED
