"""Keep what people are to one another in step with the texts that hold."""

from collections.abc import Sequence
from uuid import UUID

from chorus.domain.story import Relationship, Revision, Scene
from chorus.domain.ties import shown_ties, with_new, without
from chorus.store import Transaction


async def retie(tx: Transaction, scene: Scene, revision: Revision) -> list[Relationship]:
    """Let the ties that a text shows hold from its scene on, in place of those that the scene's text before showed.

    Gives those of them that say something new.
    """
    if scene.revision_id is None and not (revision.digest and revision.digest.ties):
        return []
    before = await tx.stories.list_relationships(scene.story_id)
    gone = {tie.id for tie in before if tie.revision_id and tie.valid_from == scene.number}
    new = shown_ties(revision, scene.number, await tx.stories.list_characters(scene.story_id))
    after = with_new(without(before, gone), new)
    await _keep(tx, before, after)
    return [tie for tie in after if tie.revision_id == revision.id]


async def untie_after(tx: Transaction, story_id: UUID, scene_number: int) -> None:
    """Forget the ties that later scenes showed; what they had ended holds again."""
    before = await tx.stories.list_relationships(story_id)
    gone = {tie.id for tie in before if tie.revision_id and tie.valid_from > scene_number}
    if gone:
        await _keep(tx, before, without(before, gone))


async def _keep(tx: Transaction, before: Sequence[Relationship], after: Sequence[Relationship]) -> None:
    kept, known = {tie.id for tie in after}, {tie.id: tie for tie in before}
    for tie in before:
        if tie.id not in kept:
            await tx.stories.remove_relationship(tie.id)
    for tie in after:
        if tie.id in known and tie.valid_to != known[tie.id].valid_to:
            await tx.stories.end_relationship(tie.id, tie.valid_to)
    await tx.stories.add_relationships([tie for tie in after if tie.id not in known])
