"""Writing a scene: what it may be told, its first text, and a text without what was found wrong in the last one."""

import asyncio

from langgraph.runtime import Runtime

from chorus.agents.scene_generator import Prose
from chorus.continuity.seams import without_echo
from chorus.domain.canon import FaultKind, MemoryHit, MemoryKind, Severity
from chorus.domain.context import SceneContext
from chorus.domain.search import MemoryFilter, Weights
from chorus.domain.story import Revision, RevisionCause, Scene, SceneStatus
from chorus.domain.words import count_words
from chorus.errors import EmbeddedError, EndpointError
from chorus.pipeline.desk import Desk
from chorus.pipeline.scene_context import choose_lore, load_context, within_reach
from chorus.pipeline.sheet import Sheet
from chorus.pipeline.state import RecalledMemory, SceneState

RECALLED = 6
HEAD_START_S = 0.03
TOLD_BY_RECALL = (MemoryKind.SCENE_SUMMARY, MemoryKind.FACT)
"""Lore is told by the cast and the world of the brief; passages are for people: models copy them."""

type Step = dict[str, object]


async def lore_context(state: SceneState, runtime: Runtime[Desk]) -> Step:
    """Choose the world elements the scene is about, as soon as the scenes are canon that it is to know."""
    desk = runtime.context
    number = state["scene_number"]
    await desk.turns.until(number - desk.window)
    desk.sheets.pop(number, None)
    sheet = await desk.sheet_of(number)
    return {"lore": [str(element.id) for element in choose_lore(sheet.frame, sheet.scene)]}


async def retrieve_memory(state: SceneState, runtime: Runtime[Desk]) -> Step:
    """Recall what earlier scenes have to say to this one.

    The last scene that may be known is told by its summary; recall looks at everything before that, so that the answer
    does not depend on how fast the newest memories get their vectors.
    """
    desk = runtime.context
    number = state["scene_number"]
    await desk.turns.until(number - desk.window)
    hits = await (desk.foresight.pop(number, None) or _recall(desk, number))
    found = [
        RecalledMemory(memory_id=str(h.memory_id), score=round(h.score, 6), rank=h.rank, legs=h.legs) for h in hits
    ]
    return {"memories": found}


async def draft_scene(state: SceneState, runtime: Runtime[Desk]) -> Step:
    """Write the first text of the scene in this run."""
    desk = runtime.context
    number = state["scene_number"]
    sheet = await desk.sheet_of(state["scene_number"])
    await load_context(desk, sheet, state)
    if not sheet.written:
        due = await _as_long_as_due(desk, sheet)

        async def draft(context: SceneContext) -> Prose:
            return await desk.crew.generator.draft_scene(
                sheet.frame,
                due,
                desk.run.settings.scenes,
                context,
                desk.site("draft_scene", number, context.manifest),
                lambda piece: desk.hear(number, piece),
                note=redo.note if (redo := desk.run.settings.redo) else "",
            )

        prose, _ = await asyncio.gather(within_reach(desk, sheet, state, draft), _meanwhile(desk, sheet))
        await _keep(desk, sheet, prose, RevisionCause.DRAFT)
    return {"revisions": [str(sheet.written[0].id)], "major_findings": 0}


async def revise_scene(state: SceneState, runtime: Runtime[Desk]) -> Step:
    """Write the scene again without what was found wrong in it."""
    desk = runtime.context
    number = state["scene_number"]
    made = len(state["revisions"])
    sheet = await desk.sheet_of(state["scene_number"])
    await load_context(desk, sheet, state)
    before = sheet.revision(state["revisions"][-1])
    if len(sheet.written) <= made:
        async with desk.reading() as tx:
            findings = await tx.canon.list_findings(before.story_id, before.id)
        wrong = [f for f in findings if f.severity is Severity.MAJOR or f.kind is FaultKind.LENGTH]
        due = await _as_long_as_due(desk, sheet)

        async def revise(context: SceneContext) -> Prose:
            return await desk.crew.generator.revise_scene(
                sheet.frame,
                due,
                desk.run.settings.scenes,
                context,
                before.text,
                wrong,
                desk.site(f"revise_scene/{made}", number, context.manifest),
                lambda piece: desk.hear(number, piece),
            )

        prose = await within_reach(desk, sheet, state, revise)
        await _keep(desk, sheet, prose, RevisionCause.REVISION, before)
    return {"revisions": [*state["revisions"], str(sheet.written[made].id)], "major_findings": 0}


async def _as_long_as_due(desk: Desk, sheet: Sheet) -> Scene:
    """The scene with the words to ask for, which make up for what earlier scenes have too many or too few."""
    scene, shelf = sheet.scene, await desk.shelf_of_story()
    words = shelf.words_to_ask_for(scene, desk.run.settings.scenes, sheet.seen)
    return scene.model_copy(update={"brief": scene.brief.model_copy(update={"target_words": words})})


async def _recall(desk: Desk, number: int) -> list[MemoryHit]:
    as_of = max(number - desk.window - 1, 0)
    if as_of == 0:  # what is told by recall is of scenes
        return []
    async with desk.reading() as tx:
        brief = (await tx.stories.load_scene(desk.run.story_id, number)).brief
    query = " ".join([brief.purpose, brief.place, *brief.beats])
    within = MemoryFilter(story_id=desk.run.story_id, as_of=as_of, kinds=TOLD_BY_RECALL)
    try:
        await desk.backlog.settle(as_of)
        return await desk.recall.search(
            query, k=RECALLED, within=within, weights=desk.run.settings.weights or Weights()
        )
    except (EndpointError, EmbeddedError) as error:
        async with desk.writing() as page:
            page.record("recall_missed", f"Scene {number} is written without recall: {error}", number)
        return []


async def _meanwhile(desk: Desk, sheet: Sheet) -> None:
    """While a scene is written: say so, embed what the scene before left behind, and recall for the next one.

    What the next scene may see is there already; the question to the model goes out first.
    """
    await asyncio.sleep(HEAD_START_S)
    await _begin(desk, sheet)
    number = sheet.scene.number
    desk.backlog.start(sheet.seen)
    following = number + 1
    is_next = following <= desk.run.settings.scenes and not desk.run.settings.redo
    if is_next and following not in desk.foresight:
        desk.foresight[following] = asyncio.create_task(_recall(desk, following))


async def _begin(desk: Desk, sheet: Sheet) -> None:
    scene = sheet.scene
    async with desk.writing() as page:
        await page.tx.stories.save_scene(scene.model_copy(update={"status": _status(scene, SceneStatus.DRAFTING)}))
        message = f"Writing scene {scene.number}: {scene.title}"
        page.record("scene_started", message, scene.number, title=scene.title)


async def _keep(desk: Desk, sheet: Sheet, prose: Prose, cause: RevisionCause, parent: Revision | None = None) -> None:
    scene = sheet.scene
    before = (await desk.shelf_of_story()).text_before(scene, sheet.seen)
    text = without_echo(before, prose.text)
    words = prose.words if text == prose.text else count_words(text)
    await desk.scribe.rest(scene.number)
    async with desk.writing() as page:
        revision = Revision(
            story_id=scene.story_id,
            scene_id=scene.id,
            number=sheet.newest + 1,
            parent_id=parent.id if parent else None,
            cause=cause,
            text=text,
            words=words,
            run_id=desk.run.id,
            call_id=prose.call_id,
        )
        await page.tx.stories.add_revision(revision)
        await desk.scribe.show(scene.number, text, page.tx)
        await page.tx.stories.save_scene(scene.model_copy(update={"status": _status(scene, SceneStatus.IN_REVIEW)}))
        said = "Drafted" if cause is RevisionCause.DRAFT else "Revised"
        message = f"{said} scene {scene.number}: {words} words."
        page.record("revision", message, scene.number, words=words)
    sheet.add(revision)


def _status(scene: Scene, on_the_way: SceneStatus) -> SceneStatus:
    """A scene that is written again stays approved: until the new text is done, the old one holds."""
    return scene.status if scene.revision_id else on_the_way
