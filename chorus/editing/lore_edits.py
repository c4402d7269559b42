"""A person changes what a story is told with: a member of the cast, or something in its world."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from chorus.domain.context import ItemKind
from chorus.domain.edit import CanonSubject, EditEffects, SceneUse
from chorus.domain.run import Run
from chorus.domain.story import Character, Lore, WorldElement
from chorus.editing.canon_edits import note_change
from chorus.editing.naming import find_renamed, rename, scenes_that_name, with_alias, with_own_name
from chorus.editing.quiet import hold_still, tell
from chorus.editing.scene_text import load_told
from chorus.editing.uses import SceneTold, use_of
from chorus.errors import InvalidInput, NotFound
from chorus.memory import memories_of_lore
from chorus.store import Transaction

EDITABLE = frozenset({"name", "aliases", "role", "description", "want", "flaw", "voice"})
"""What may be edited of a character. Plans and facts follow another name, texts keep the old one as an alias."""
EDITABLE_IN_WORLD = frozenset({"name", "kind", "description"})
"""What may be edited of something in the world. Plans and facts follow another name, texts keep the old one."""


async def edit_character(
    tx: Transaction, story_id: UUID, character_id: UUID, changes: dict[str, Any], note: str, *, dry: bool = False
) -> EditEffects:
    """Change a member of the cast, and list the scenes that were told of them; ``dry``: only list.

    Raises:
        NotFound: there is no such story or character.
        InvalidInput: something else than ``EDITABLE`` is to be changed, or to nothing that fits.
        Conflict: the story is being written.
    """
    run = None if dry else await hold_still(tx, story_id)
    cast = await tx.stories.list_characters(story_id)
    before = _found(cast, character_id, "character")
    after = with_alias(before, _changed(before, changes, EDITABLE), cast)
    effects = await _effects(tx, before, after)
    if not dry and after != before:
        await tx.stories.save_characters([after])
        await _settle(tx, run, before, after, effects, note)
    return effects


async def edit_world_element(
    tx: Transaction, story_id: UUID, element_id: UUID, changes: dict[str, Any], note: str, *, dry: bool = False
) -> EditEffects:
    """Change something in the world, and list the scenes that were told of it; ``dry``: only list.

    Raises:
        NotFound: there is no such story or world element.
        InvalidInput: something else than ``EDITABLE_IN_WORLD`` is to be changed, or to nothing that fits.
        Conflict: the story is being written.
    """
    run = None if dry else await hold_still(tx, story_id)
    world = await tx.stories.list_world(story_id)
    before = _found(world, element_id, "world element")
    after = with_own_name(before, _changed(before, changes, EDITABLE_IN_WORLD), world)
    effects = await _effects(tx, before, after)
    if not dry and after != before:
        await tx.stories.save_world_element(after)
        await _settle(tx, run, before, after, effects, note)
    return effects


def _found[L: (Character, WorldElement)](those: Sequence[L], wanted: UUID, what: str) -> L:
    found = next((each for each in those if each.id == wanted), None)
    if found is None:
        raise NotFound(f"The story has no {what} {wanted}.")
    return found


def _changed[L: (Character, WorldElement)](before: L, changes: dict[str, Any], editable: frozenset[str]) -> L:
    if refused := sorted(set(changes) - editable):
        raise InvalidInput(f"Of this these are edited: {', '.join(sorted(editable))}; not {', '.join(refused)}.")
    try:
        return type(before).model_validate({**dict(before), **changes})
    except ValidationError as error:
        raise InvalidInput(f"{error.errors()[0]['loc'][0]}: {error.errors()[0]['msg']}.") from error


async def _settle(tx: Transaction, run: Run | None, before: Lore, after: Lore, effects: EditEffects, note: str) -> None:
    """Let plans, facts and memories follow somebody or something that was changed, and keep that it was."""
    story_id = before.story_id
    if after.name != before.name:
        await rename(tx, story_id, before.name, after.name)
    subject = CanonSubject.CHARACTER if isinstance(after, Character) else CanonSubject.WORLD_ELEMENT
    await note_change(tx, subject, before, after, note)
    story = await tx.stories.load(story_id)
    whole = [character for character in await tx.stories.list_characters(story_id) if not character.first_scene]
    await tx.memories.replace_lore(story_id, memories_of_lore(story, await tx.stories.list_world(story_id), whole))
    await tx.stories.touch(story_id)
    uses = [use.scene_number for use in effects.uses]
    await tell(tx, run, f"{subject.value}_edited", f"{after.name} was edited.", None, uses=uses)


async def _effects(tx: Transaction, before: Lore, after: Lore) -> EditEffects:
    renamed = after.name != before.name
    return EditEffects(
        story_id=before.story_id,
        scene_number=None,
        facts=await find_renamed(tx, before.story_id, before.name, after.name) if renamed else (),
        details=_details(before, after),
        uses=await _uses(tx, before, renamed=renamed) if after != before else (),
    )


def _details(before: Lore, after: Lore) -> tuple[str, ...]:
    editable = EDITABLE if isinstance(before, Character) else EDITABLE_IN_WORLD
    changed = [name for name in sorted(editable - {"name"}) if getattr(before, name) != getattr(after, name)]
    if after.name == before.name:
        return tuple(f"{before.name}'s {name} {'have' if name == 'aliases' else 'has'} changed" for name in changed)
    renamed = f"{before.name} is called {after.name} in every plan and fact; texts keep the old name"
    others = [name for name in changed if name != "aliases"]
    return (renamed, *(f"{after.name}'s {name} has changed" for name in others))


async def _uses(tx: Transaction, before: Lore, *, renamed: bool) -> tuple[SceneUse, ...]:
    """The scenes that were told of somebody or something, and those whose texts say a name that goes."""
    told = await load_told(tx, before.story_id, 0)
    named = await scenes_that_name(tx, before) if renamed else ()
    uses: dict[int, SceneUse] = {}
    for use in (*_scenes_told_of(before, told), *named):
        earlier = uses.get(use.scene_number)
        reasons = (*(earlier.reasons if earlier else ()), *use.reasons)
        uses[use.scene_number] = use.model_copy(update={"reasons": reasons})
    return tuple(uses[number] for number in sorted(uses))


def _scenes_told_of(lore: Lore, told: Sequence[SceneTold]) -> tuple[SceneUse, ...]:
    """The scenes whose texts were written with this in view."""
    found = [(scene.scene, _how_used(lore, scene)) for scene in told]
    return tuple(use_of(scene, [reason]) for scene, reason in found if reason)


def _how_used(lore: Lore, told: SceneTold) -> str:
    sources = {(item.get("kind"), item.get("source")) for item in told.items}
    brief = told.scene.brief
    if isinstance(lore, WorldElement):
        if (ItemKind.WORLD, f"world: {lore.name}") in sources:
            return f"It was told what {lore.name} is."
        if brief.place.casefold() == lore.name.casefold():
            return f"It happens there: {lore.name}."
        return f"Its brief names {lore.name}." if lore.name in (*brief.reads, *brief.writes) else ""
    if (ItemKind.CHARACTER, f"cast: {lore.name}") in sources:
        return f"It was told who {lore.name} is."
    return f"{lore.name} is in it." if lore.name in brief.cast else ""
