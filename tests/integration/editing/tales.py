"""Stories whose every sentence is a fact of the canon: “The key was silver.” is about how the key is."""

from collections.abc import Sequence
from uuid import UUID

from chorus.domain.canon import Fact, FactStatus, MemoryKind
from chorus.domain.prose import sentences
from chorus.domain.story import Revision, Scene, SceneBrief, SceneDigest
from chorus.editing.scene_text import put_in_place
from chorus.studio import Studio


async def tell(studio: Studio, *texts: str, title: str = "Book", status: FactStatus = FactStatus.ESTABLISHED) -> UUID:
    """Import a story of these scenes, and read its canon as a model would have; ``status`` of what is read."""
    manuscript = "# Chapter\n\n" + "\n\n".join(f"## Scene {n}\n\n{text}" for n, text in enumerate(texts, 1))
    story_id = (await studio.import_manuscript(f"# Book\n\n{manuscript}", title=title)).story_id
    async with studio.store.transaction() as tx:
        for scene in (await tx.stories.load_outline(story_id)).scenes:
            assert scene.revision_id
            revision = await tx.stories.load_revision(scene.revision_id)
            read = revision.model_copy(update={"digest": SceneDigest(summary=f"Scene {scene.number} of the book.")})
            await tx.stories.save_digest(read)
            planned = scene.model_copy(update={"brief": SceneBrief(purpose="To go on.")})
            facts = [fact.model_copy(update={"status": status}) for fact in facts_of(scene, read)]
            await put_in_place(tx, planned, read, facts, [])
    return story_id


def facts_of(scene: Scene, revision: Revision) -> list[Fact]:
    """What each sentence says, word for word; what it is about is its second word."""
    return [
        Fact(
            story_id=scene.story_id,
            scene_id=scene.id,
            revision_id=revision.id,
            subject=revision.text[start:end].split()[1],
            aspect="condition",
            statement=revision.text[start:end],
            evidence=revision.text[start:end],
            span_start=start,
            span_end=end,
            valid_from=scene.number,
        )
        for start, end in sentences(revision.text)
    ]


async def ends_of(studio: Studio, story_id: UUID) -> dict[tuple[int, str], int | None]:
    """Up to when each fact of the canon holds, by scene and statement; its memory must say the same."""
    async with studio.store.reading() as tx:
        facts = await tx.canon.list_facts(story_id)
        memories = [memory for memory in await tx.memories.list_of(story_id) if memory.kind is MemoryKind.FACT]
    ends = {(fact.valid_from, fact.statement): fact.valid_to for fact in facts}
    assert {(memory.scene_number, memory.text): memory.valid_to for memory in memories} == ends
    return ends


def expected_ends(facts: Sequence[Fact]) -> list[int | None]:
    """Up to when each fact ought to hold: until the next scene that says something about the same."""
    said = [(fact.valid_from, fact.subject) for fact in facts]
    later = [[at for at, subject in said if subject == fact.subject and at > fact.valid_from] for fact in facts]
    return [min(after) - 1 if after else None for after in later]


async def fact_saying(studio: Studio, story_id: UUID, statement: str) -> Fact:
    """The fact of this statement in a text that holds, whatever its status."""
    async with studio.store.reading() as tx:
        texts = {scene.revision_id for scene in (await tx.stories.load_outline(story_id)).scenes}
        facts = await tx.history.list_all_facts(story_id)
    return next(fact for fact in facts if fact.statement == statement and fact.revision_id in texts)
