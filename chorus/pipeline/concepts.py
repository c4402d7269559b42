"""Which concept a story follows: chosen by score or by a person, as long as nothing has been planned by it."""

from uuid import UUID

from chorus.domain.run import ReviewKind, RunEvent
from chorus.domain.story import Concept
from chorus.errors import Conflict, InvalidInput
from chorus.store import Transaction


async def choose_concept(tx: Transaction, story_id: UUID, number: int) -> Concept:
    """Let a story follow the concept with this number, and answer the question about it if it was asked.

    Raises:
        NotFound: there is no such story.
        InvalidInput: it has no such concept.
        Conflict: cast and world are made already by another one, or it is just being planned.
    """
    await tx.stories.load(story_id)
    concepts = await tx.stories.list_concepts(story_id)
    chosen = next((concept for concept in concepts if concept.number == number), None)
    if chosen is None:
        there_are = f"choose a number from 1 to {len(concepts)}" if concepts else "none is worked out yet"
        raise InvalidInput(f"The story has no concept {number}: {there_are}.")
    if chosen.selected:
        return chosen
    run = await tx.runs.find_latest(story_id)
    if await tx.stories.list_characters(story_id):
        raise Conflict("Cast and world follow another concept already: start another story to follow this one.")
    if run and await tx.runs.holds_lease(run.id):
        raise Conflict("The story is just being planned: pause its run first.")
    message = await settle_concept(tx, chosen)
    if run:
        await tx.runs.answer_questions(run.id, ReviewKind.CONCEPT, {"decision": "chosen", "concept": number})
        event = RunEvent(
            run_id=run.id,
            story_id=story_id,
            kind="concept_selected",
            message=message,
            data={"title": chosen.title, "number": number, "by": "person"},
        )
        await tx.runs.record(event)
    return chosen.model_copy(update={"selected": True})


async def settle_concept(tx: Transaction, concept: Concept) -> str:
    """Select a concept; a story without a title takes its title. Returns what to say of it."""
    await tx.stories.select_concept(concept)
    story = await tx.stories.load(concept.story_id)
    if not story.title:
        await tx.stories.retitle(story.id, concept.title)
    return f"The story will be “{concept.title}”: {concept.logline}"
