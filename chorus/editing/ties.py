"""A person says what one character is to another, from a scene on; what was before keeps its time."""

from uuid import UUID

from chorus.agents.names import is_named
from chorus.domain.edit import EditEffects, SceneUse
from chorus.domain.story import Character, Relationship
from chorus.editing.quiet import hold_still, tell
from chorus.editing.uses import use_of
from chorus.errors import InvalidInput, NotFound
from chorus.store import Transaction

LONGEST = 200


async def set_tie(
    tx: Transaction, story_id: UUID, who: UUID, whom: UUID, kind: str, scene: int = 0, *, dry: bool = False
) -> EditEffects:
    """Let ``who`` be ``kind`` to ``whom`` from a scene on (0: from before the story); empty: nothing any more.

    Answers with the scenes from there on in whose texts both are; ``dry``: nothing is changed.

    Raises:
        NotFound: there is no such story, or one of them is not in its cast.
        InvalidInput: both are the same, the story has no such scene, or the word is too long.
        Conflict: the story is being written.
    """
    run = None if dry else await hold_still(tx, story_id)
    one, other = await _both(tx, story_id, who, whom)
    said = " ".join(kind.split())
    if len(said) > LONGEST:
        raise InvalidInput(f"Say it in at most {LONGEST} characters.")
    uses = await _scenes_with_both(tx, one, other, scene)
    tied = f"From scene {scene} on, {one.name} is {said or 'nothing'} to {other.name}."
    effects = EditEffects(story_id=story_id, scene_number=scene or None, details=(tied,), uses=uses)
    if dry:
        return effects
    await _end(tx, story_id, who, whom, scene)
    if said:
        made = Relationship(story_id=story_id, character_id=who, other_id=whom, kind=said, valid_from=scene)
        await tx.stories.add_relationships([made])
    await tx.stories.touch(story_id)
    await tell(tx, run, "tie_edited", tied, scene or None, uses=[use.scene_number for use in uses])
    return effects


async def _both(tx: Transaction, story_id: UUID, who: UUID, whom: UUID) -> tuple[Character, Character]:
    await tx.stories.load(story_id)
    cast = {character.id: character for character in await tx.stories.list_characters(story_id)}
    missing = next((each for each in (who, whom) if each not in cast), None)
    if missing:
        raise NotFound(f"The story has no character {missing}.")
    if who == whom:
        raise InvalidInput("Somebody is no relation of their own: choose two people.")
    return cast[who], cast[whom]


async def _scenes_with_both(tx: Transaction, one: Character, other: Character, scene: int) -> tuple[SceneUse, ...]:
    outline = await tx.stories.load_outline(one.story_id)
    if not 0 <= scene <= len(outline.scenes):
        raise InvalidInput(
            f"The story has {len(outline.scenes)} scenes: choose one of them, or 0 for before the story."
        )
    book = await tx.stories.load_manuscript(one.story_id)
    texts = {each.number: each.text for chapter in book.chapters for each in chapter.scenes}
    return tuple(
        use_of(each, [f"{one.name} and {other.name} are both in it."])
        for each in outline.scenes
        if each.number >= max(1, scene)
        and all(is_named(texts.get(each.number, ""), person.name, person.aliases) for person in (one, other))
    )


async def _end(tx: Transaction, story_id: UUID, who: UUID, whom: UUID, scene: int) -> None:
    """End what holds between them at a scene; what began there or later makes way."""
    for tie in await tx.stories.list_relationships(story_id):
        if (tie.character_id, tie.other_id) != (who, whom):
            continue
        if tie.valid_from >= scene:
            await tx.stories.remove_relationship(tie.id)
        elif tie.valid_to is None or tie.valid_to >= scene:
            await tx.stories.end_relationship(tie.id, scene - 1)
