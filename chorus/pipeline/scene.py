"""The scene graph: recall, draft, check beside digest, revise at most twice, finalize. A clean scene costs three calls.

Every node finds out from the rows what is done already, so that a run that was killed goes on where it stood.
"""

import asyncio
from uuid import UUID

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from chorus.agents.scene_generator import Prose
from chorus.domain.canon import FindingStatus, MemoryHit, MemoryKind, Severity
from chorus.domain.run import ReviewKind
from chorus.domain.search import MemoryFilter
from chorus.domain.story import Revision, RevisionCause, Scene, SceneStatus
from chorus.errors import EndpointError
from chorus.memory import memories_of_scene
from chorus.pipeline.catalogue import catalogue, keep_digest, newcomers_of
from chorus.pipeline.desk import Desk, Page
from chorus.pipeline.pause import ask
from chorus.pipeline.scene_context import choose_lore, load_context
from chorus.pipeline.sheet import Sheet, read_sheet
from chorus.pipeline.state import RecalledMemory, SceneState
from chorus.store import Transaction

MOST_REVISIONS = 2
RECALLED = 6
HEAD_START_S = 0.03
TOLD_BY_RECALL = (MemoryKind.SCENE_SUMMARY, MemoryKind.FACT)
"""Lore is told by the cast and the world of the brief; passages are for people: models copy them."""

type Step = dict[str, object]


async def lore_context(state: SceneState, runtime: Runtime[Desk]) -> Step:
    """Choose the world elements the scene is about."""
    desk = runtime.context
    desk.sheet = desk.context = None
    sheet = await _sheet(desk, state)
    return {"lore": [str(element.id) for element in choose_lore(sheet.frame, sheet.scene)]}


async def retrieve_memory(state: SceneState, runtime: Runtime[Desk]) -> Step:
    """Recall what earlier scenes have to say to this one.

    The scene just before is told by its ending and its summary; recall looks at everything before that, so that the
    answer does not depend on how fast the newest memories get their vectors.
    """
    desk = runtime.context
    number = state["scene_number"]
    hits = await (desk.foresight.pop(number, None) or _recall(desk, number))
    found = [
        RecalledMemory(memory_id=str(h.memory_id), score=round(h.score, 6), rank=h.rank, legs=h.legs) for h in hits
    ]
    return {"memories": found}


async def draft_scene(state: SceneState, runtime: Runtime[Desk]) -> Step:
    """Write the first text of the scene in this run."""
    desk = runtime.context
    number = state["scene_number"]
    sheet = await _sheet(desk, state)
    context = await load_context(desk, sheet, state)
    if not sheet.written:
        draft = desk.crew.generator.draft_scene(
            sheet.frame,
            sheet.scene,
            desk.run.settings.scenes,
            context,
            desk.site("draft_scene", number, context.manifest),
            lambda piece: desk.hear(number, piece),
            note=redo.note if (redo := desk.run.settings.redo) else "",
        )
        prose, _ = await asyncio.gather(draft, _meanwhile(desk, sheet))
        await _keep(desk, sheet, prose, RevisionCause.DRAFT)
    return {"revisions": [str(sheet.written[0].id)], "major_findings": 0}


async def coherence_check(state: SceneState, runtime: Runtime[Desk]) -> Step:
    """Look for contradictions, each with its two quotes."""
    desk = runtime.context
    sheet = await _sheet(desk, state)
    number = sheet.scene.number
    context = await load_context(desk, sheet, state)
    revision = sheet.revision(state["revisions"][-1])
    site = desk.site(f"coherence_check/{len(state['revisions'])}", number, context.manifest)
    check = await desk.crew.editor.check_scene(sheet.frame, context, revision, site)
    if check.findings or check.dropped:
        async with desk.writing() as page:
            await page.tx.canon.add_findings(check.findings)
            for finding in check.findings:
                page.record("finding", finding.description, number, severity=finding.severity.value)
            if check.dropped:
                page.record(
                    "finding_dropped",
                    f"{check.dropped} finding(s) dropped: what they quote is not in the text.",
                    number,
                    dropped=check.dropped,
                )
    return {"major_findings": sum(finding.severity is Severity.MAJOR for finding in check.findings)}


async def digest_scene(state: SceneState, runtime: Runtime[Desk]) -> Step:
    """Read out of the text what later scenes need; all of it is proposed until the scene is approved."""
    desk = runtime.context
    sheet = await _sheet(desk, state)
    revision = sheet.revision(state["revisions"][-1])
    if revision.digest:
        return {}
    node = f"digest_scene/{len(state['revisions'])}"
    read = await catalogue(desk, sheet.frame, sheet.scene, revision, sheet.digests, node)
    if read:
        async with desk.writing() as page:
            await keep_digest(page, revision, read)
        sheet.replace(revision.model_copy(update={"digest": read.digest}))
    return {}


def revise_or_finalize(state: SceneState) -> str:
    """Revise while a reader would notice a contradiction, and at most twice."""
    may_revise = len(state["revisions"]) <= MOST_REVISIONS
    return "revise_scene" if state["major_findings"] and may_revise else "finalize_scene"


async def decide(state: SceneState, runtime: Runtime[Desk]) -> Step:
    """Wait for check and digest; what follows is ``revise_or_finalize``'s to say."""
    return {}


async def revise_scene(state: SceneState, runtime: Runtime[Desk]) -> Step:
    """Write the scene again without what was found wrong in it."""
    desk = runtime.context
    number = state["scene_number"]
    made = len(state["revisions"])
    sheet = await _sheet(desk, state)
    context = await load_context(desk, sheet, state)
    before = sheet.revision(state["revisions"][-1])
    if len(sheet.written) <= made:
        async with desk.reading() as tx:
            findings = await tx.canon.list_findings(before.story_id, before.id)
        major = [finding for finding in findings if finding.severity is Severity.MAJOR]
        prose = await desk.crew.generator.revise_scene(
            sheet.frame,
            sheet.scene,
            desk.run.settings.scenes,
            context,
            before.text,
            major,
            desk.site(f"revise_scene/{made}", number, context.manifest),
            lambda piece: desk.hear(number, piece),
        )
        await _keep(desk, sheet, prose, RevisionCause.REVISION, before)
    return {"revisions": [*state["revisions"], str(sheet.written[made].id)], "major_findings": 0}


async def finalize_scene(state: SceneState, runtime: Runtime[Desk]) -> Step:
    """Approve the text with the fewest contradictions and make it canon, in one transaction."""
    desk = runtime.context
    sheet = await _sheet(desk, state)
    scene = sheet.scene
    async with desk.writing() as page:
        tx = page.tx
        best, left = await _choose(tx, [sheet.revision(revision_id) for revision_id in state["revisions"]])
        facts = await tx.canon.list_facts_of(best.id)
        digest = best.digest
        approved = scene.model_copy(
            update={
                "status": SceneStatus.APPROVED,
                "revision_id": best.id,
                "summary": digest.summary if digest else "",
                "words": best.words,
            }
        )
        await tx.stories.save_scene(approved)
        await tx.canon.establish(scene.id, best.id)
        frame = await desk.load_frame(tx) if desk.run.settings.redo else sheet.frame
        if digest and (newcomers := newcomers_of(digest, frame, scene)):
            await tx.stories.add_characters(newcomers)
            desk.frame = None
        states = await tx.canon.list_states_of(best.id)
        remembered = memories_of_scene(approved, best, facts, states)
        if scene.revision_id:
            await tx.memories.replace(scene.id, remembered)
            await tx.canon.settle_findings(scene.revision_id, FindingStatus.RESOLVED)
        else:
            await tx.memories.add(remembered)
        await tx.stories.touch(scene.story_id)
        await desk.scribe.forget(scene.number, tx)
        await _settle_findings(page, scene, [UUID(r) for r in state["revisions"]], best, left)
        await _announce(page, approved, revisions=len(state["revisions"]) - 1)
    desk.before = (scene.number, best.text)
    return {}


def scene_graph() -> CompiledStateGraph[SceneState, Desk, SceneState, SceneState]:
    """Wire one scene."""
    graph = StateGraph(SceneState, context_schema=Desk)
    nodes = {
        "lore_context": lore_context,
        "retrieve_memory": retrieve_memory,
        "draft_scene": draft_scene,
        "coherence_check": coherence_check,
        "digest_scene": digest_scene,
        "decide": decide,
        "revise_scene": revise_scene,
        "finalize_scene": finalize_scene,
    }
    for name, node in nodes.items():
        graph.add_node(name, node)
    graph.add_edge(START, "lore_context")
    graph.add_edge(START, "retrieve_memory")
    graph.add_edge(["lore_context", "retrieve_memory"], "draft_scene")
    for writer in ("draft_scene", "revise_scene"):
        graph.add_edge(writer, "coherence_check")
        graph.add_edge(writer, "digest_scene")
    graph.add_edge(["coherence_check", "digest_scene"], "decide")
    graph.add_conditional_edges("decide", revise_or_finalize, ["revise_scene", "finalize_scene"])
    graph.add_edge("finalize_scene", END)
    return graph.compile()


async def _sheet(desk: Desk, state: SceneState) -> Sheet:
    """What is known of the scene at work."""
    if desk.sheet is None:
        async with desk.reading() as tx:
            frame = desk.frame or await desk.load_frame(tx)
            if desk.run.settings.redo:
                frame = frame.as_of(state["scene_number"])
            desk.sheet = await read_sheet(tx, frame, state["scene_number"], desk.run.id)
    return desk.sheet


async def _recall(desk: Desk, number: int) -> list[MemoryHit]:
    async with desk.reading() as tx:
        brief = (await tx.stories.load_scene(desk.run.story_id, number)).brief
    as_of = max(number - 2, 0)
    query = " ".join([brief.purpose, brief.place, *brief.beats])
    within = MemoryFilter(story_id=desk.run.story_id, as_of=as_of, kinds=TOLD_BY_RECALL)
    try:
        await desk.backlog.settle(as_of)
        return await desk.recall.search(query, k=RECALLED, within=within)
    except EndpointError as error:
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
    desk.backlog.start(number - 1)
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
    await desk.scribe.rest(scene.number)
    async with desk.writing() as page:
        revision = Revision(
            story_id=scene.story_id,
            scene_id=scene.id,
            number=await page.tx.stories.count_revisions(scene.id) + 1,
            parent_id=parent.id if parent else None,
            cause=cause,
            text=prose.text,
            words=prose.words,
            run_id=desk.run.id,
            call_id=prose.call_id,
        )
        await page.tx.stories.add_revision(revision)
        await desk.scribe.show(scene.number, prose.text, page.tx)
        await page.tx.stories.save_scene(scene.model_copy(update={"status": _status(scene, SceneStatus.IN_REVIEW)}))
        said = "Drafted" if cause is RevisionCause.DRAFT else "Revised"
        message = f"{said} scene {scene.number}: {prose.words} words."
        page.record("revision", message, scene.number, words=prose.words)
    sheet.written.append(revision)


def _status(scene: Scene, on_the_way: SceneStatus) -> SceneStatus:
    """A scene that is written again stays approved: until the new text is done, the old one holds."""
    return scene.status if scene.revision_id else on_the_way


async def _choose(tx: Transaction, revisions: list[Revision]) -> tuple[Revision, int]:
    """The text with the fewest major findings, the newest of them, and how many it has."""
    if len(revisions) == 1:
        return revisions[0], 0
    counted: list[tuple[int, int, Revision]] = []
    for order, revision in enumerate(revisions):
        findings = await tx.canon.list_findings(revision.story_id, revision.id)
        counted.append((sum(f.severity is Severity.MAJOR for f in findings), -order, revision))
    left, _, best = min(counted, key=lambda entry: entry[:2])
    return best, left


async def _settle_findings(page: Page, scene: Scene, revision_ids: list[UUID], best: Revision, left: int) -> None:
    for revision_id in revision_ids:
        if revision_id != best.id:
            await page.tx.canon.settle_findings(revision_id, FindingStatus.RESOLVED)
    if left:
        question = f"Scene {scene.number} still contradicts what came before after {len(revision_ids) - 1} revisions."
        await ask(page, ReviewKind.FINDING, question, scene.id, revision_id=str(best.id), findings=left)


async def _announce(page: Page, scene: Scene, revisions: int) -> None:
    far = await page.tx.stories.measure_progress(scene.story_id)
    page.record(
        "scene_committed",
        f"Scene {scene.number} of {far.scenes_planned} is written: {scene.title}",
        scene.number,
        words=scene.words,
        total_words=far.words,
        scenes_done=far.scenes,
        scenes_planned=far.scenes_planned,
        revisions=revisions,
    )
