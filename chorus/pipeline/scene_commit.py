"""Committing a scene: its best text takes its place, and becomes canon as soon as nobody has a say in that any more."""

from uuid import UUID

from langgraph.runtime import Runtime

from chorus.continuity.length import how_far
from chorus.domain.canon import FindingStatus, Severity
from chorus.domain.run import ReviewKind, ReviewMode
from chorus.domain.story import Revision, Scene, SceneStatus
from chorus.memory import memories_of_scene
from chorus.pipeline.catalogue import welcome
from chorus.pipeline.desk import Desk, Page
from chorus.pipeline.pause import ask
from chorus.pipeline.state import SceneState
from chorus.pipeline.ties import retie
from chorus.store import Transaction

type Step = dict[str, object]


async def finalize_scene(state: SceneState, runtime: Runtime[Desk]) -> Step:
    """Put the text with the fewest contradictions in its place, and make it canon unless a person is to approve it."""
    desk = runtime.context
    sheet = await desk.sheet_of(state["scene_number"])
    scene = sheet.scene
    async with desk.writing() as page:
        tx = page.tx
        written = [sheet.revision(revision_id) for revision_id in state["revisions"]]
        best, left = await _choose(tx, scene, [r for r in written if r.checked is not None])
        facts = await tx.canon.list_facts_of(best.id)
        digest = best.digest
        waits = _waits_for_approval(desk, scene)
        settled = scene.model_copy(
            update={
                "status": SceneStatus.IN_REVIEW if waits else SceneStatus.APPROVED,
                "revision_id": best.id,
                "summary": digest.summary if digest else "",
                "words": best.words,
            }
        )
        await tx.stories.save_scene(settled)
        if waits:
            await tx.canon.note_checked(best.id, checked=best.checked)
        else:
            await tx.canon.establish(scene.id, best.id, checked=best.checked)
        is_newest = sheet.seen == scene.number - 1 and not desk.run.settings.redo
        frame = sheet.frame if is_newest else await desk.load_frame(tx)
        newcomers = await welcome(tx, frame, scene, best)
        await retie(tx, scene, best)
        states = await tx.canon.list_states_of(best.id)
        remembered = memories_of_scene(settled, best, facts, states)
        if scene.revision_id:
            await tx.memories.replace(scene.id, remembered)
            await tx.canon.settle_findings(scene.revision_id, FindingStatus.RESOLVED)
            await tx.runs.withdraw_findings(scene.id, best.id)
        else:
            await tx.memories.add(remembered)
        if not waits and (scene.revision_id or any(fact.aspect for fact in facts)):
            await tx.canon.follow_on(scene.story_id, scene.id)
        await desk.scribe.forget(scene.number, tx)
        await _settle_findings(page, scene, [UUID(r) for r in state["revisions"]], best, left)
        await _announce(page, settled, revisions=len(state["revisions"]) - 1, seen=sheet.seen)
    if newcomers:
        desk.forget_frame()
    desk.before = (scene.number, best.text)
    (await desk.shelf_of_story()).put(scene, best)
    desk.sheets.pop(scene.number, None)
    desk.changes.pop(scene.number - desk.window, None)
    return {}


async def approve_scene(desk: Desk, scene: Scene) -> None:
    """Make the text of a scene canon that a person has had a say in; nothing happens to one that is canon already."""
    async with desk.writing() as page:
        now = await page.tx.stories.load_scene(scene.story_id, scene.number)
        if not now.awaits_approval or now.revision_id is None:
            return
        approved = now.model_copy(update={"status": SceneStatus.APPROVED})
        await page.tx.stories.save_scene(approved)
        await page.tx.canon.establish(now.id, now.revision_id)
        await page.tx.canon.follow_on(now.story_id, now.id)
        far = await page.tx.stories.note_progress(now.story_id)
        said = f"Scene {now.number} of {far.scenes_planned} is approved: {now.title}"
        page.record("scene_approved", said, now.number, scenes_done=far.scenes, scenes_planned=far.scenes_planned)


def _waits_for_approval(desk: Desk, scene: Scene) -> bool:
    """Whether a person is to approve the text; one that was approved once and is written again stays so."""
    settings = desk.run.settings
    return scene.awaits_approval or (settings.review is ReviewMode.SCENES and scene.status is not SceneStatus.APPROVED)


async def _choose(tx: Transaction, scene: Scene, revisions: list[Revision]) -> tuple[Revision, int]:
    """Of the texts that were read, the one with the fewest major findings, then of the best length, then the newest.

    Gives the text and how many it has, whoever found them, and at whichever look.
    """
    counted: list[tuple[int, float, int, Revision]] = []
    for order, revision in enumerate(revisions):
        findings = await tx.canon.list_findings(revision.story_id, revision.id)
        major = sum(f.severity is Severity.MAJOR for f in findings)
        counted.append((major, how_far(revision.words, scene.brief.target_words), -order, revision))
    left, _, _, best = min(counted, key=lambda entry: entry[:3])
    return best, left


async def _settle_findings(page: Page, scene: Scene, revision_ids: list[UUID], best: Revision, left: int) -> None:
    for revision_id in revision_ids:
        if revision_id != best.id:
            await page.tx.canon.settle_findings(revision_id, FindingStatus.RESOLVED)
    question = _question(scene, best, left, len(revision_ids) - 1)
    if question:
        await ask(page, ReviewKind.FINDING, question, scene.id, revision_id=str(best.id), findings=left)


def _question(scene: Scene, best: Revision, left: int, revisions: int) -> str:
    """What a person is asked about a text that is not clean, or that nobody has checked."""
    number = scene.number
    if best.checked is False:
        return f"Scene {number} could not be checked for contradictions. Is it good as it is?"
    if left:
        return f"Scene {number} still has {left} serious finding(s) after {revisions} revision(s). Is it good as it is?"
    return ""


async def _announce(page: Page, scene: Scene, revisions: int, seen: int) -> None:
    far = await page.tx.stories.note_progress(scene.story_id)
    page.record(
        "scene_committed",
        f"Scene {scene.number} of {far.scenes_planned} is written: {scene.title}",
        scene.number,
        words=scene.words,
        total_words=far.words,
        scenes_done=far.scenes,
        scenes_planned=far.scenes_planned,
        revisions=revisions,
        seen=seen,
    )
