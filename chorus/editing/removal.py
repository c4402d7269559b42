"""A story is removed, with everything that belongs to it. There is no way back."""

from uuid import UUID

from chorus.domain.story import Story
from chorus.editing.quiet import hold_still
from chorus.store import Transaction


async def remove_story(tx: Transaction, story_id: UUID) -> Story:
    """Remove a story with its texts, canon, memories, runs and calls; the answer is what it was.

    Forks of it stay, and ask anew what they would have found in its calls. So does a trial of an experiment: one that
    is complete keeps its measures, any other is written anew when the experiment goes on.

    Raises:
        NotFound: there is no such story.
        Conflict: it is being written.
    """
    story = await tx.stories.load(story_id)
    await hold_still(tx, story_id)
    for run in await tx.runs.list_to_change(story_id):
        await tx.jobs.withdraw(run.id)
    await tx.stories.remove(story_id)
    return story
