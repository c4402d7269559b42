"""A member of the cast gets another name: plans and canon follow, texts keep the old one, which stays an alias."""

from collections.abc import Sequence
from uuid import UUID

from chorus.agents.names import is_named
from chorus.domain.edit import SceneUse
from chorus.domain.story import Character, Scene
from chorus.editing.uses import use_of
from chorus.errors import InvalidInput
from chorus.store import Transaction


def with_alias(before: Character, after: Character, cast: Sequence[Character]) -> Character:
    """Keep the old name of somebody who gets another one as an alias.

    Raises:
        InvalidInput: the name is empty, or somebody else's.
    """
    if after.name == before.name:
        return after
    name = " ".join(after.name.split())
    if not name:
        raise InvalidInput("The name is empty.")
    if any(name.casefold() == other.name.casefold() for other in cast if other.id != before.id):
        raise InvalidInput(f"Somebody else is called {name}.")
    known = dict.fromkeys((*after.aliases, before.name))
    aliases = tuple(alias for alias in known if alias.casefold() != name.casefold())
    return after.model_copy(update={"name": name, "aliases": aliases})


async def rename(tx: Transaction, story_id: UUID, old: str, new: str) -> None:
    """Call somebody by the new name in every plan, in every fact, and in what is remembered of them."""
    for scene in (await tx.stories.load_outline(story_id)).scenes:
        renamed = _planned(scene, old, new)
        if renamed != scene:
            await tx.stories.save_scene(renamed)
    for fact in await tx.history.list_all_facts(story_id):
        subject = new if fact.subject == old else fact.subject
        known_by = tuple(new if name == old else name for name in fact.known_by)
        if (subject, known_by) != (fact.subject, fact.known_by):
            await tx.canon.save_fact(fact.model_copy(update={"subject": subject, "known_by": known_by}))
    await tx.memories.rename(story_id, old, new)


async def scenes_that_name(tx: Transaction, before: Character) -> tuple[SceneUse, ...]:
    """List the scenes whose texts have the name that goes."""
    outline = await tx.stories.load_outline(before.story_id)
    book = await tx.stories.load_manuscript(before.story_id)
    texts = {scene.number: scene.text for chapter in book.chapters for scene in chapter.scenes}
    return tuple(
        use_of(scene, [f"Its text says {before.name}."])
        for scene in outline.scenes
        if is_named(texts.get(scene.number, ""), before.name)
    )


def _planned(scene: Scene, old: str, new: str) -> Scene:
    brief = scene.brief
    changes = {
        name: tuple(new if each == old else each for each in getattr(brief, name))
        for name in ("cast", "reads", "writes")
    }
    return scene.model_copy(update={"brief": brief.model_copy(update=changes)})
