"""Somebody or something gets another name: plans and canon follow, texts keep the old one."""

from collections.abc import Sequence
from uuid import UUID

from chorus.agents.names import is_named
from chorus.domain.canon import Fact
from chorus.domain.edit import FactChange, SceneUse, Verdict
from chorus.domain.story import Character, Lore, Scene, WorldElement
from chorus.editing.scene_text import HOLDING
from chorus.editing.uses import use_of
from chorus.errors import InvalidInput
from chorus.store import Transaction


def with_own_name[L: (Character, WorldElement)](before: L, after: L, others: Sequence[L], who: str = "Something") -> L:
    """Tidy another name; it must be nobody else's: ``who`` says so in the message.

    Raises:
        InvalidInput: the name is empty, or somebody else's.
    """
    if after.name == before.name:
        return after
    name = " ".join(after.name.split())
    if not name:
        raise InvalidInput("The name is empty.")
    if any(name.casefold() == other.name.casefold() for other in others if other.id != before.id):
        raise InvalidInput(f"{who} else is called {name}.")
    return after.model_copy(update={"name": name})


def with_alias(before: Character, after: Character, cast: Sequence[Character]) -> Character:
    """Keep the old name of somebody who gets another one as an alias; raises as ``with_own_name`` does."""
    called = with_own_name(before, after, cast, "Somebody")
    if called.name == before.name:
        return called
    known = dict.fromkeys((*called.aliases, before.name))
    aliases = tuple(alias for alias in known if alias.casefold() != called.name.casefold())
    return called.model_copy(update={"aliases": aliases})


async def rename(tx: Transaction, story_id: UUID, old: str, new: str) -> None:
    """Call somebody or something by the new name in every plan and every fact, and in what is remembered of them."""
    for scene in (await tx.stories.load_outline(story_id)).scenes:
        renamed = _planned(scene, old, new)
        if renamed != scene:
            await tx.stories.save_scene(renamed)
    for fact in await tx.history.list_all_facts(story_id):
        about = _about(fact, old, new)
        if about != fact:
            await tx.canon.save_fact(about)
    await tx.memories.rename(story_id, old, new)


async def find_renamed(tx: Transaction, story_id: UUID, old: str, new: str) -> tuple[FactChange, ...]:
    """List the facts of texts that hold which will be about, or known by, the new name."""
    texts = {None, *(scene.revision_id for scene in (await tx.stories.load_outline(story_id)).scenes)}
    facts = [f for f in await tx.history.list_all_facts(story_id) if f.status in HOLDING and f.revision_id in texts]
    pairs = [(fact, _about(fact, old, new)) for fact in facts]
    return tuple(
        FactChange(verdict=Verdict.RESTATED, reason=_reason(before, after, new), before=before, after=after)
        for before, after in pairs
        if after != before
    )


def _about(fact: Fact, old: str, new: str) -> Fact:
    known_by = tuple(new if name == old else name for name in fact.known_by)
    return fact.model_copy(update={"subject": new if fact.subject == old else fact.subject, "known_by": known_by})


def _reason(before: Fact, after: Fact, new: str) -> str:
    return f"it is about {new} now" if before.subject != after.subject else f"who knows it is called {new} now"


async def scenes_that_name(tx: Transaction, before: Lore) -> tuple[SceneUse, ...]:
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
    place = new if brief.place.casefold() == old.casefold() else brief.place
    return scene.model_copy(update={"brief": brief.model_copy(update={**changes, "place": place})})
