"""From approved scenes to a finished story: chapters put together, the whole looked over, the run closed."""

import asyncio
from collections.abc import Sequence

from langgraph.runtime import Runtime

from chorus.domain.run import Stage
from chorus.domain.story import Chapter, Outline
from chorus.errors import EmbeddedError, EndpointError
from chorus.pipeline.catalogue import catalogue_what_was_put_off
from chorus.pipeline.desk import Desk
from chorus.pipeline.report import load_report
from chorus.pipeline.stages import enter
from chorus.pipeline.state import RunState

MOST_TOGETHER = 4
"""Chapters that one question is about: always the same ones, so that what is done anew costs nothing."""

type Step = dict[str, object]


async def integrate_chapters(state: RunState, runtime: Runtime[Desk]) -> Step:
    """Give every chapter the title and the summary that fit what was written; some at once, and these side by side."""
    desk = runtime.context
    await enter(desk, Stage.INTEGRATION)
    await catalogue_what_was_put_off(desk)
    async with desk.reading() as tx:
        outline = await tx.stories.load_outline(desk.run.story_id)
        language = (await tx.stories.load(desk.run.story_id)).language
    written_here = {
        scene.chapter_id for scene in outline.scenes if scene.brief.purpose
    }  # imported ones keep their title
    written = [chapter for chapter in outline.chapters if chapter.id in written_here]
    groups = [written[at : at + MOST_TOGETHER] for at in range(0, len(written), MOST_TOGETHER)]
    open_groups = [group for group in groups if not all(chapter.summary for chapter in group)]
    await asyncio.gather(*(_integrate(desk, language, outline, group) for group in open_groups))
    return {}


async def validate_story(state: RunState, runtime: Runtime[Desk]) -> Step:
    """Look the whole over and keep the report: scenes, length, threads, arcs, findings left."""
    desk = runtime.context
    await _embed_the_rest(desk)
    async with desk.writing() as page:
        report = await load_report(page.tx, desk.run.story_id)
        page.record(
            "story_validated",
            report.words,
            scenes=report.scenes,
            words=report.book.words,
            open_findings=sum(report.findings.values()),
            facts=await page.tx.canon.count_facts(desk.run.story_id),
            report=report.model_dump(mode="json"),
        )
    return {"scenes_done": report.scenes}


async def finalize_story(state: RunState, runtime: Runtime[Desk]) -> Step:
    """Note that the story is finished."""
    await enter(runtime.context, Stage.FINISHED)
    return {}


async def _embed_the_rest(desk: Desk) -> None:
    """Wait for the last vectors; the story is whole without them, and `chorus memory reembed` makes up for them."""
    try:
        await desk.backlog.settle()
    except (EndpointError, EmbeddedError) as error:
        async with desk.writing() as page:
            page.record("embedding_put_off", f"Some memories can only be found by their words for now: {error}")


async def _integrate(desk: Desk, language: str, outline: Outline, chapters: Sequence[Chapter]) -> None:
    planned = [chapter.model_copy(update={"title": chapter.plan_title or chapter.title}) for chapter in chapters]
    written = [(c, [scene.summary for scene in outline.scenes if scene.chapter_id == c.id]) for c in planned]
    site = desk.site(f"chapter/{chapters[0].number}/integrate_chapters")
    finished = await desk.crew.editor.integrate_chapters(language, written, site)
    unfinished = {chapter.id for chapter in chapters if not chapter.summary}
    async with desk.writing() as page:
        for chapter in (chapter for chapter in finished if chapter.id in unfinished):
            await page.tx.stories.save_chapter(chapter)
            page.record("chapter_ready", f"Chapter {chapter.number} is “{chapter.title}”.", title=chapter.title)
