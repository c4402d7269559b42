"""``canon STORY edit``: somebody, or something in the world, is other from now on."""

from typing import TYPE_CHECKING

from chorus.cli.history import document_of, tell_effects
from chorus.cli.loop import run
from chorus.cli.open import opened
from chorus.cli.reading import find_story
from chorus.cli.terminal import print_json, tell
from chorus.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from uuid import UUID

    from chorus.domain.edit import EditEffects
    from chorus.domain.story import Lore
    from chorus.studio import Studio


def edit(typed: str, name: str | None, given: list[str], *, note: str, preview: bool, as_json: bool) -> int:
    """Change what is known of somebody or something, or only say which scenes were told of it."""
    changes = traits_of(given)
    if not name or not changes:
        raise InvalidInput("Say of whom or what, and what is other: --of NAME --set description=TEXT.")
    effects = run(_edit(typed, name, changes, note, preview=preview))
    if as_json:
        print_json(document_of(effects))
    else:
        tell("Nothing is changed yet." if preview else "It is changed; texts stay as they are.")
    return 0


def traits_of(given: list[str]) -> dict[str, object]:
    """What was typed as TRAIT=TEXT, by trait; other names are told apart by commas."""
    pairs = [each.partition("=") for each in given]
    if wrong := next((trait for trait, equals, _ in pairs if not equals or not trait.strip()), None):
        raise InvalidInput(f"--set takes TRAIT=TEXT, as in description=TEXT: {wrong} has no text.")
    traits: dict[str, object] = {trait.strip(): text.strip() for trait, _, text in pairs}
    if "aliases" in traits:
        traits["aliases"] = tuple(part.strip() for part in str(traits["aliases"]).split(",") if part.strip())
    return traits


async def _edit(typed: str, name: str, changes: dict[str, object], note: str, *, preview: bool) -> "EditEffects":
    from chorus.domain.story import Character

    async with opened() as studio:
        story_id = await find_story(studio, typed)
        lore = await _find(studio, story_id, name)
        whose = (story_id, lore.id, changes)
        if isinstance(lore, Character):
            effects = await (studio.preview_character(*whose) if preview else studio.edit_character(*whose, note=note))
        elif preview:
            effects = await studio.preview_world_element(*whose)
        else:
            effects = await studio.edit_world_element(*whose, note=note)
        tell_effects(effects)
        return effects


async def _find(studio: "Studio", story_id: "UUID", name: str) -> "Lore":
    """Whoever or whatever is called so."""
    async with studio.store.reading() as tx:
        lore: list[Lore] = [*await tx.stories.list_characters(story_id), *await tx.stories.list_world(story_id)]
    found = next((each for each in lore if each.name.casefold() == name.strip().casefold()), None)
    if found is None:
        raise NotFound(f"The story has nobody and nothing called {name}.")
    return found
