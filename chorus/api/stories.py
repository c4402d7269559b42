"""Stories: the library, one story, its text and its scenes; write one, import one."""

from contextlib import suppress
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Body, Query, Response

from chorus.api.asked import APage, AStudio, SceneNumber, StoryId
from chorus.api.bodies import NewManuscript, NewStory, SceneDetail, SceneRow, StoryDetail, StoryRow
from chorus.api.errors import answers
from chorus.api.examples import (
    ESTIMATE,
    IMPORTED,
    MANUSCRIPT,
    SCENE,
    SCENES,
    STORIES,
    STORY,
    SUMMARY,
    page_shown,
    shown,
)
from chorus.domain.estimate import Estimate
from chorus.domain.run import RunSummary
from chorus.domain.story import Manuscript
from chorus.errors import ChorusError
from chorus.studio import ImportSummary, Studio

Wait = Annotated[
    bool, Query(description="Whether to answer when meanings are searchable too; false: at once, when words are.")
]
router = APIRouter(prefix="/api/stories", tags=["stories"], responses=answers())


@router.get("", responses=page_shown(STORIES))
async def list_stories(studio: AStudio, page: APage) -> list[StoryRow]:
    """List stories, the latest first."""
    async with studio.store.reading() as tx:
        cards = await tx.stories.list_cards(page.one_more, page.offset)
    return [StoryRow.from_card(card) for card in page.of(cards)]


@router.post("", status_code=202, responses={**answers(400, 413), **shown(SUMMARY, 202)})
async def write_story(wanted: NewStory, studio: AStudio, response: Response) -> RunSummary:
    """Start a story; a worker writes it. Follow the run where `Location` says."""
    run = await studio.start_run(
        wanted.premise,
        title=wanted.title,
        language=wanted.language,
        style=wanted.style,
        style_sample=wanted.style_sample,
        avoid=wanted.avoid,
        settings=studio.default_settings(**wanted.chosen),
        dispatch=True,
        priority=wanted.priority,
    )
    response.headers["Location"] = f"/api/runs/{run.id}"
    return await studio.summarise(run.id)


@router.post("/estimate", responses={**answers(400, 413), **shown(ESTIMATE)})
async def estimate_story(wanted: NewStory, studio: AStudio) -> Estimate:
    """Foresee what a story would take in calls, tokens, cost and time; nothing is begun."""
    return await studio.estimate(studio.default_settings(**wanted.chosen))


@router.post(
    "/import",
    status_code=201,
    responses={**answers(400, 413), **shown(IMPORTED, 201)},
)
async def import_story(
    manuscript: NewManuscript, studio: AStudio, response: Response, later: BackgroundTasks, wait: Wait = True
) -> ImportSummary:
    """Make a story of a manuscript: chapters, scenes and memories, without any model."""
    imported = await studio.begin_import(manuscript.text, title=manuscript.title, language=manuscript.language)
    return await _finish(studio, imported, response, later, wait=wait)


@router.post(
    "/import/file",
    status_code=201,
    responses={**answers(400, 413), **shown(IMPORTED, 201)},
)
async def import_file(
    content: Annotated[
        bytes,
        Body(
            media_type="application/octet-stream",
            min_length=1,
            examples=["# The Lamp\n\n## One\n\nThe sea was quiet.\n"],
        ),
    ],
    studio: AStudio,
    response: Response,
    later: BackgroundTasks,
    name: Annotated[str, Query(max_length=255, description="The file's name, which helps to tell its format.")] = "",
    title: Annotated[str | None, Query(max_length=200, description="In place of the manuscript's own.")] = None,
    wait: Wait = True,
) -> ImportSummary:
    """Make a story of a manuscript's file: Word, EPUB, HTML, Markdown or plain text."""
    imported = await studio.begin_import(content, title=title, file_name=name or None)
    return await _finish(studio, imported, response, later, wait=wait)


async def _finish(
    studio: Studio, imported: ImportSummary, response: Response, later: BackgroundTasks, *, wait: bool
) -> ImportSummary:
    """See that an imported story gets its vectors, before or after it is answered that it is there."""
    response.headers["Location"] = f"/api/stories/{imported.story_id}"
    if wait:
        await studio.finish_import(imported.story_id)
    else:
        later.add_task(_make_vectors, studio, imported.story_id)
    return imported


async def _make_vectors(studio: Studio, story_id: UUID) -> None:
    with suppress(ChorusError):  # the workers make up for it
        await studio.finish_import(story_id)


@router.get("/{story_id}", responses={**answers(404), **shown(STORY)})
async def show_story(story_id: StoryId, studio: AStudio) -> StoryDetail:
    """Show a story with its plan: concept, world and cast."""
    async with studio.store.reading() as tx:
        story = await tx.stories.load(story_id)
        concepts = await tx.stories.list_concepts(story_id)
        world = await tx.stories.list_world(story_id)
        characters = await tx.stories.list_characters(story_id)
        run = await tx.runs.find_latest(story_id)
        summary = await tx.runs.summarise(run.id) if run else None
    selected = next((concept for concept in concepts if concept.selected), None)
    return StoryDetail.from_parts(story, selected, world, characters, summary)


@router.delete("/{story_id}", status_code=204, responses=answers(404, 409))
async def remove_story(story_id: StoryId, studio: AStudio) -> None:
    """Remove a story with all that belongs to it, for good; refused while it is being written. Forks of it stay."""
    await studio.remove_story(story_id)


@router.get("/{story_id}/manuscript", responses={**answers(404), **shown(MANUSCRIPT)})
async def read_manuscript(story_id: StoryId, studio: AStudio) -> Manuscript:
    """Read a story as a reader meets it: what is approved, in story order."""
    return await studio.load_manuscript(story_id)


@router.get("/{story_id}/scenes", responses={**answers(404), **page_shown(SCENES)})
async def list_scenes(story_id: StoryId, studio: AStudio, page: APage) -> list[SceneRow]:
    """List the scenes of a story, written or not, in story order."""
    async with studio.store.reading() as tx:
        await tx.stories.load(story_id)
        outline = await tx.stories.load_outline(story_id)
    numbers = {chapter.id: chapter.number for chapter in outline.chapters}
    return [SceneRow.from_scene(scene, numbers[scene.chapter_id]) for scene in page.cut(outline.scenes)]


@router.get("/{story_id}/scenes/{scene}", responses={**answers(404), **shown(SCENE)})
async def show_scene(story_id: StoryId, scene: SceneNumber, studio: AStudio) -> SceneDetail:
    """Show one scene by its number: its plan, and its text as far as there is one."""
    async with studio.store.reading() as tx:
        found = await tx.stories.load_scene(story_id, scene)
        chapters = (await tx.stories.load_outline(story_id)).chapters
        text = (await tx.stories.load_revision(found.revision_id)).text if found.revision_id else ""
    number = next(chapter.number for chapter in chapters if chapter.id == found.chapter_id)
    return SceneDetail.of({**dict(SceneRow.from_scene(found, number)), "text": text})
