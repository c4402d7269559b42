"""From approved scenes to a finished story: chapters put together, the whole looked over, the run closed."""

import asyncio
from collections.abc import Collection, Sequence
from uuid import UUID

from langgraph.runtime import Runtime

from chorus.domain.run import Stage
from chorus.domain.story import Chapter, Outline
from chorus.errors import EmbeddedError, EndpointError
from chorus.pipeline.chapters import list_stale, recall_tellings, telling_of
from chorus.pipeline.desk import Desk
from chorus.pipeline.late import catalogue_what_was_put_off, plan_to_catalogue
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
        stale = list_stale(outline, await tx.stories.list_tellings(desk.run.story_id))
    await _tell(desk, outline, [chapter for chapter in outline.chapters if not chapter.summary] + stale)
    return {}


async def mend_chapters(state: RunState, runtime: Runtime[Desk]) -> Step:
    """Make titles and summaries anew whose scenes were written or read again since; a book that is not whole waits."""
    desk = runtime.context
    async with desk.writing() as page:
        await recall_tellings(page.tx, desk.run.story_id)
        outline = await page.tx.stories.load_outline(desk.run.story_id)
        stale = list_stale(outline, await page.tx.stories.list_tellings(desk.run.story_id))
    if stale and all(scene.revision_id for scene in outline.scenes):
        await enter(desk, Stage.INTEGRATION)
        await _tell(desk, outline, stale)
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
    """Note that the story is finished, and queue what it did not wait for."""
    await plan_to_catalogue(runtime.context)
    await enter(runtime.context, Stage.FINISHED)
    return {}


async def _embed_the_rest(desk: Desk) -> None:
    """Wait for the last vectors; the story is whole without them, and `chorus memory reembed` makes up for them."""
    try:
        await desk.backlog.settle()
    except (EndpointError, EmbeddedError) as error:
        async with desk.writing() as page:
            page.record("embedding_put_off", f"Some memories can only be found by their words for now: {error}")


async def _tell(desk: Desk, outline: Outline, wanted: Sequence[Chapter]) -> None:
    """Let these chapters be titled and summed up, each asked about together with the same others as ever."""
    async with desk.reading() as tx:
        language = (await tx.stories.load(desk.run.story_id)).language
    written_here = {
        scene.chapter_id for scene in outline.scenes if scene.brief.purpose
    }  # imported ones keep their title
    written = [chapter for chapter in outline.chapters if chapter.id in written_here]
    groups = [written[at : at + MOST_TOGETHER] for at in range(0, len(written), MOST_TOGETHER)]
    ids = {chapter.id for chapter in wanted}
    open_groups = [group for group in groups if any(chapter.id in ids for chapter in group)]
    await asyncio.gather(*(_integrate(desk, language, outline, group, ids) for group in open_groups))


async def _integrate(
    desk: Desk, language: str, outline: Outline, chapters: Sequence[Chapter], wanted: Collection[UUID]
) -> None:
    planned = [chapter.model_copy(update={"title": chapter.plan_title or chapter.title}) for chapter in chapters]
    written = [(chapter, outline.summaries_in(chapter)) for chapter in planned]
    site = desk.site(f"chapter/{chapters[0].number}/integrate_chapters")
    finished = await desk.crew.editor.integrate_chapters(language, written, site)
    async with desk.writing() as page:
        for chapter in (chapter for chapter in finished if chapter.id in wanted):
            await page.tx.stories.save_chapter(chapter)
            await page.tx.stories.keep_tellings([telling_of(chapter, outline)])
            page.record("chapter_ready", f"Chapter {chapter.number} is “{chapter.title}”.", title=chapter.title)
