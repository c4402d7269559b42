"""The measures of a finished trial, read from its rows."""

from uuid import UUID

from chorus.domain.run import Method
from chorus.metrics import MeasuredScene, MeasuredStory, measure_story
from chorus.store import Transaction


async def measure_trial(tx: Transaction, story_id: UUID, run_id: UUID) -> dict[str, float]:
    """Measure what a run wrote and what it took; what could not be measured is left out."""
    summary = await tx.runs.summarise(run_id)
    took = {
        "tokens": float(summary.prompt_tokens + summary.completion_tokens),
        "calls": float(summary.llm_calls),
        "cost_usd": None if summary.cost_usd is None else float(summary.cost_usd),
        "active_s": summary.wall_s,
    }
    looked = (await tx.runs.load(run_id)).settings.method is Method.CREW
    measured = {**measure_story(await read_measured(tx, story_id, looked=looked)), **took}
    return {name: value for name, value in measured.items() if value is not None}


async def read_measured(tx: Transaction, story_id: UUID, *, looked: bool = True) -> MeasuredStory:
    """Read a story as the measures see it; where no code ``looked`` for findings, having none says nothing."""
    manuscript = await tx.stories.load_manuscript(story_id)
    targets = {scene.number: scene.brief.target_words for scene in (await tx.stories.load_outline(story_id)).scenes}
    cast = await tx.stories.list_characters(story_id)
    findings = await tx.canon.list_findings(story_id)
    return MeasuredStory(
        scenes=tuple(
            MeasuredScene(text=scene.text, target_words=targets.get(scene.number, 0))
            for chapter in manuscript.chapters
            for scene in chapter.scenes
        ),
        cast=tuple(name for member in cast for name in (member.name, *member.aliases)),
        findings=sum(finding.origin == "code" for finding in findings) if looked else None,
    )
