"""Catalogue scenes late that could not be catalogued when they were written: when all are, and once more a while after.

No story waits for it: what cannot be had the second time either is left to ``chorus canon STORY read``.
"""

from contextlib import suppress
from uuid import UUID

from chorus.agents.continuity_editor import Digest
from chorus.domain.canon import MemoryKind
from chorus.domain.context import StoryFrame
from chorus.domain.run import RunStatus
from chorus.domain.story import Revision, Scene, SceneDigest, SceneStatus
from chorus.errors import AnswerUnusable, ChorusError, EmbeddedError, EndpointError
from chorus.memory import memories_of_scene
from chorus.pipeline.catalogue import catalogue, keep_digest, read_scene, welcome
from chorus.pipeline.desk import Desk, Page
from chorus.pipeline.steer import is_worked_on
from chorus.pipeline.ties import retie
from chorus.store import Transaction

LATER_S = 600.0
"""After the end of a run, so that an endpoint with a bad hour has another one."""
AGAIN_S = 3600.0
"""After the beginning of that, if by then it has not come to its end: whoever was at it has been killed."""
MOST_TIMES = 2
PLANNED, BEGUN, ENDED = "catalogue_later", "catalogue_again", "catalogue_ended"
"""The events that tell of the second time; the first of them names the scenes."""


async def catalogue_what_was_put_off(desk: Desk) -> None:
    """Try again to catalogue the scenes that were approved without it."""
    async with desk.reading() as tx:
        outline = await tx.stories.load_outline(desk.run.story_id)
    for scene in outline.scenes:
        if not scene.summary and scene.brief.purpose:  # imported ones are read if asked for
            await _catalogue_late(desk, scene)


async def _catalogue_late(desk: Desk, scene: Scene) -> None:
    if known := await _open_text(desk, scene):
        frame, revision, before = known
        if read := await catalogue(desk, frame, scene, revision, before, "digest_scene/late"):
            async with desk.writing() as page:
                await _keep(page, frame, scene, revision, read)
            desk.forget_frame()
            desk.backlog.start(scene.number)


async def plan_to_catalogue(desk: Desk) -> None:
    """Queue another try for the scenes that this run leaves without; once in a run, and in no experiment's."""
    settings = desk.run.settings
    async with desk.writing() as page:
        left = await _left_by(page)
        if not left or settings.fresh or settings.read_canon:
            return
        await page.tx.jobs.enqueue_late(desk.run.id, LATER_S)
        numbers = ", ".join(str(scene.number) for scene in left)
        within = ", within what is left of the budget" if settings.budget else ""
        message = f"Not catalogued: scene {numbers}. A worker tries once more in {LATER_S / 60:.0f} minutes{within}."
        page.record(PLANNED, message, scenes=[str(scene.id) for scene in left])


async def _left_by(page: Page) -> list[Scene]:
    """The scenes that the run has failed to catalogue; none if another try was planned already."""
    run, runs = page.run, page.tx.runs
    put_off = {event.scene_number for event in await runs.list_events_of_kind(run.id, "catalogue_put_off")}
    if not put_off or await runs.list_events_of_kind(run.id, PLANNED):
        return []
    scenes = (await page.tx.stories.load_outline(run.story_id)).scenes
    return [scene for scene in scenes if scene.number in put_off and await _text_without(page.tx, scene)]


async def catalogue_once_more(desk: Desk) -> None:
    """Read the scenes for which that was planned, once in a run; while the story is being written it waits on.

    What goes wrong is told and asks nobody; the calls count in the run's own budget. Whoever is killed at it is
    followed by another, who finds in the ledger what was answered.
    """
    async with desk.writing() as page:
        planned = await page.tx.runs.list_events_of_kind(desk.run.id, PLANNED)
        begun = await page.tx.runs.list_events_of_kind(desk.run.id, BEGUN)
        ended = len(begun) == MOST_TIMES or await page.tx.runs.list_events_of_kind(desk.run.id, ENDED)
        if desk.run.status is not RunStatus.COMPLETE or not planned or ended:
            return
        if await _is_being_written(page.tx, desk.run.story_id):
            await page.tx.jobs.enqueue_late(desk.run.id, LATER_S)
            return
        await page.tx.jobs.enqueue_late(desk.run.id, AGAIN_S)
        page.record(BEGUN, "The scenes that could not be catalogued are read once more.")
    wanted = set(planned[-1].data["scenes"])
    async with desk.reading() as tx:
        scenes = (await tx.stories.load_outline(desk.run.story_id)).scenes
    try:
        for scene in scenes:
            if str(scene.id) in wanted:
                await _read_once_more(desk, scene)
        with suppress(EndpointError, EmbeddedError):  # the workers make up for vectors too
            await desk.backlog.settle()
    except ChorusError as error:
        await _give_up(desk, f"No more is catalogued: {error}")
    finally:
        await desk.clear()
    async with desk.writing() as page:
        page.record(ENDED, "What could be catalogued is catalogued.")


async def _read_once_more(desk: Desk, scene: Scene) -> None:
    if not (known := await _open_text(desk, scene)):
        return
    frame, revision, before = known
    try:
        read = await read_scene(desk, frame, scene, revision, before, "digest_scene/once_more")
    except AnswerUnusable as error:
        await _give_up(desk, f"Scene {scene.number} could not be catalogued: {error}", scene.number)
        return
    async with desk.writing() as page:
        if await _is_being_written(page.tx, scene.story_id) or not await _still(page.tx, scene):
            page.record("catalogue_put_off", f"Scene {scene.number} was changed while it was read.", scene.number)
            return
        await _keep(page, frame, scene, revision, read)
    desk.forget_frame()
    desk.backlog.start(scene.number)


async def _give_up(desk: Desk, why: str, scene_number: int | None = None) -> None:
    async with desk.writing() as page:
        page.record("catalogue_put_off", f"{why} `chorus canon STORY read` tries again.", scene_number)


async def _is_being_written(tx: Transaction, story_id: UUID) -> bool:
    """Whether a run of the story is at work; none begins, and nobody edits, until this transaction ends."""
    return any([await is_worked_on(tx, run) for run in await tx.runs.list_to_change(story_id)])


async def _still(tx: Transaction, scene: Scene) -> bool:
    """Whether the scene is where it was, with the same text."""
    scenes = (await tx.stories.load_outline(scene.story_id)).scenes
    return any((s.id, s.number, s.revision_id) == (scene.id, scene.number, scene.revision_id) for s in scenes)


async def _open_text(desk: Desk, scene: Scene) -> tuple[StoryFrame, Revision, list[tuple[int, SceneDigest]]] | None:
    """What is asked about a scene that is canon and was not catalogued; None if it is, or is none."""
    async with desk.reading() as tx:
        revision = await _text_without(tx, scene)
        if revision is None:
            return None
        return await desk.load_frame(tx), revision, await tx.stories.list_digests(scene.story_id, scene.number)


async def _text_without(tx: Transaction, scene: Scene) -> Revision | None:
    """The text of a scene that is canon, if nothing was read out of it yet."""
    if scene.status is not SceneStatus.APPROVED or scene.revision_id is None:
        return None
    revision = await tx.stories.load_revision(scene.revision_id)
    return None if revision.digest else revision


async def _keep(page: Page, frame: StoryFrame, scene: Scene, revision: Revision, read: Digest) -> None:
    summed_up = scene.model_copy(update={"summary": read.digest.summary})
    told = revision.model_copy(update={"digest": read.digest})
    await keep_digest(page, revision, read)
    await page.tx.canon.establish(scene.id, revision.id)
    await page.tx.stories.save_scene(summed_up)
    await welcome(page.tx, frame, scene, told)
    await retie(page.tx, scene, told)
    states = await page.tx.canon.list_states_of(revision.id)
    remembered = memories_of_scene(summed_up, told, list(read.facts), states)
    await page.tx.memories.add([memory for memory in remembered if memory.kind is not MemoryKind.PASSAGE])
    await page.tx.canon.follow_on(scene.story_id, scene.id)
    page.record("catalogued", f"Scene {scene.number} is catalogued after all.", scene.number)
