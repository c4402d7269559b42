"""Read a story's rows for its report."""

from uuid import UUID

from chorus.domain.report import StoryReport, report_on
from chorus.pipeline.chapters import list_stale
from chorus.pipeline.questions import open_questions
from chorus.store import Transaction


async def load_report(tx: Transaction, story_id: UUID) -> StoryReport:
    """Look a story over as it stands."""
    outline = await tx.stories.load_outline(story_id)
    last = len(outline.scenes)
    return report_on(
        outline,
        await tx.stories.list_characters(story_id),
        await tx.canon.list_states(story_id, 0),
        await tx.canon.list_states(story_id, last),
        open_questions(await tx.stories.list_digests(story_id, last + 1)),
        await tx.canon.list_findings(story_id),
        list_stale(outline, await tx.stories.list_tellings(story_id)),
    )
