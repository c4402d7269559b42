"""What was written is changed: revisions, restores, locks, scenes written again, forks, and the way back."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from chorus.api.asked import LARGEST_INT, APage, AStudio, SceneNumber, StoryId
from chorus.api.bodies import SceneRow
from chorus.api.errors import answers
from chorus.api.examples import SUMMARY, page_shown, shown
from chorus.api.past_bodies import (
    Effects,
    Forked,
    MoreScenes,
    NewFork,
    NewText,
    RevisionDetail,
    RevisionRow,
    WantedPlace,
    WantedRevision,
    WantedScenes,
)
from chorus.api.past_examples import DIFF, EFFECTS, FORESEEN, FORKED, LOCKED, REVISION, REVISIONS
from chorus.domain.diff import Piece
from chorus.domain.run import RunSummary
from chorus.domain.story import Scene
from chorus.studio import Studio

router = APIRouter(prefix="/api/stories/{story_id}", tags=["history"], responses=answers())
RevisionNumber = Annotated[int, Path(ge=1, le=LARGEST_INT, description="Number of a text of the scene.", examples=[1])]
Against = Annotated[
    int | None, Query(ge=1, le=LARGEST_INT, description="The text to compare with; the one that holds.")
]
_scene = "/scenes/{scene}"


@router.get(_scene + "/revisions", responses={**answers(404), **page_shown(REVISIONS)})
async def list_revisions(story_id: StoryId, scene: SceneNumber, studio: AStudio, page: APage) -> list[RevisionRow]:
    """List the texts that a scene has had, the first one first."""
    return [RevisionRow.from_revision(each) for each in page.cut(await studio.list_revisions(story_id, scene))]


@router.get(_scene + "/revisions/{revision}", responses={**answers(404), **shown(REVISION)})
async def show_revision(
    story_id: StoryId, scene: SceneNumber, revision: RevisionNumber, studio: AStudio
) -> RevisionDetail:
    """Read one text of a scene."""
    return RevisionDetail.from_revision(await studio.load_revision(story_id, scene, revision))


@router.get(_scene + "/revisions/{revision}/diff", responses={**answers(404), **shown(DIFF)})
async def diff_revisions(
    story_id: StoryId, scene: SceneNumber, revision: RevisionNumber, studio: AStudio, against: Against = None
) -> list[Piece]:
    """Tell a text of a scene apart from a later one, word by word."""
    return list(await studio.diff(story_id, scene, revision, against))


@router.post(_scene + "/preview", responses={**answers(400, 404), **shown(FORESEEN)})
async def preview_edit(story_id: StoryId, scene: SceneNumber, wanted: NewText, studio: AStudio) -> Effects:
    """Say what an edit would touch: facts, and the scenes that used them. Nothing is changed."""
    effects = await studio.preview_edit(story_id, scene, wanted.text, decisions=wanted.decided)
    return Effects.from_effects(effects)


@router.post(_scene + "/revisions", status_code=201, responses={**answers(400, 404, 409, 413), **shown(EFFECTS, 201)})
async def edit_scene(
    story_id: StoryId, scene: SceneNumber, wanted: NewText, studio: AStudio, response: Response
) -> Effects:
    """Give a scene another text. No other scene is touched; those that used a changed fact are listed."""
    effects = await studio.edit_scene(
        story_id, scene, wanted.text, decisions=wanted.decided, note=wanted.note, base=wanted.base_revision_id
    )
    response.headers["Location"] = f"/api/stories/{story_id}/scenes/{scene}/revisions"
    return Effects.from_effects(effects)


@router.post(_scene + "/restore", responses={**answers(400, 404, 409), **shown(EFFECTS)})
async def restore_revision(story_id: StoryId, scene: SceneNumber, wanted: WantedRevision, studio: AStudio) -> Effects:
    """Bring an earlier text of a scene back, with its facts, states and memories, as a new revision."""
    return Effects.from_effects(await studio.restore(story_id, scene, wanted.revision))


@router.post(_scene + "/lock", responses={**answers(404, 409), **shown(LOCKED)})
async def lock_scene(story_id: StoryId, scene: SceneNumber, studio: AStudio) -> SceneRow:
    """Keep the text of a scene from every change."""
    return await _row(studio, await studio.lock(story_id, scene))


@router.post(_scene + "/unlock", responses={**answers(404, 409), **shown(LOCKED)})
async def unlock_scene(story_id: StoryId, scene: SceneNumber, studio: AStudio) -> SceneRow:
    """Allow a scene to be changed again."""
    return await _row(studio, await studio.unlock(story_id, scene))


@router.post("/redo", status_code=202, responses={**answers(400, 404, 409), **shown(SUMMARY, 202)})
async def redo_scenes(story_id: StoryId, wanted: WantedScenes, studio: AStudio, response: Response) -> RunSummary:
    """Let a worker write these scenes again; every other scene stays as it is."""
    run = await studio.redo_scenes(story_id, wanted.scenes, wanted.note, dispatch=True)
    response.headers["Location"] = f"/api/runs/{run.id}"
    return await studio.summarise(run.id)


@router.post("/continue", status_code=202, responses={**answers(400, 404, 409), **shown(SUMMARY, 202)})
async def continue_story(story_id: StoryId, wanted: MoreScenes, studio: AStudio, response: Response) -> RunSummary:
    """Let a worker plan and write more scenes after the last one, of a story written here or imported."""
    run = await studio.continue_story(story_id, wanted.scenes, chosen=wanted.chosen, dispatch=True)
    response.headers["Location"] = f"/api/runs/{run.id}"
    return await studio.summarise(run.id)


@router.post("/rollback", responses={**answers(400, 404, 409), **shown(SUMMARY)})
async def roll_back_story(story_id: StoryId, wanted: WantedPlace, studio: AStudio) -> RunSummary | None:
    """Take a story back to the end of a scene; its run is paused there. null: it was never run."""
    run = await studio.roll_back(story_id, wanted.to_scene)
    return await studio.summarise(run.id) if run else None


@router.post("/fork", status_code=201, responses={**answers(400, 404, 409), **shown(FORKED, 201)})
async def fork_story(story_id: StoryId, wanted: NewFork, studio: AStudio, response: Response) -> Forked:
    """Copy a story as it stands at the end of a scene, to go on from there with other settings.

    What is asked again unchanged is answered from the record.
    """
    made = await studio.fork(story_id, wanted.after, title=wanted.title, chosen=wanted.chosen, dispatch=wanted.start)
    response.headers["Location"] = f"/api/stories/{made.story.id}"
    return Forked(
        story_id=made.story.id,
        title=made.story.title,
        forked_after=made.story.forked_after,
        run=await studio.summarise(made.run.id) if made.run else None,
    )


async def _row(studio: Studio, scene: Scene) -> SceneRow:
    async with studio.store.reading() as tx:
        chapters = (await tx.stories.load_outline(scene.story_id)).chapters
    return SceneRow.from_scene(scene, next(c.number for c in chapters if c.id == scene.chapter_id))
