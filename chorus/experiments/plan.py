"""A plan carried over to another story: concept, world, cast, ties, chapters and scene briefs, and no prose."""

from uuid import UUID

from chorus.domain.story import Outline, SceneStatus, Story
from chorus.domain.value import new_id
from chorus.store import Transaction


async def copy_plan(tx: Transaction, plan_id: UUID, story: Story) -> None:
    """Give a new story the plan of another; its set-up then finds everything there and asks nobody."""
    stories = tx.stories
    new = {"story_id": story.id}
    concepts = await stories.list_concepts(plan_id)
    await stories.add_concepts([each.model_copy(update={**new, "id": new_id()}) for each in concepts])
    world = await stories.list_world(plan_id)
    await stories.add_world([each.model_copy(update={**new, "id": new_id()}) for each in world])
    cast = await stories.list_characters(plan_id)
    ids = {each.id: new_id() for each in cast}
    await stories.add_characters([each.model_copy(update={**new, "id": ids[each.id]}) for each in cast])
    ties = await stories.list_relationships(plan_id)
    await stories.add_relationships(
        [
            tie.model_copy(
                update={
                    **new,
                    "id": new_id(),
                    "character_id": ids[tie.character_id],
                    "other_id": ids[tie.other_id],
                    "valid_to": None,
                }
            )
            for tie in ties
            if tie.revision_id is None and not tie.valid_from  # nothing that a text has shown
        ]
    )
    await stories.add_outline(_copied(await stories.load_outline(plan_id), story.id))


def _copied(outline: Outline, story_id: UUID) -> Outline:
    """The outline with ids of its own and nothing written."""
    ids = {chapter.id: new_id() for chapter in outline.chapters}
    chapters = [
        chapter.model_copy(update={"story_id": story_id, "id": ids[chapter.id]}) for chapter in outline.chapters
    ]
    unwritten = {"story_id": story_id, "status": SceneStatus.QUEUED, "revision_id": None, "summary": "", "words": 0}
    scenes = [
        scene.model_copy(update={**unwritten, "id": new_id(), "chapter_id": ids[scene.chapter_id]})
        for scene in outline.scenes
    ]
    return Outline(chapters=tuple(chapters), scenes=tuple(scenes))
