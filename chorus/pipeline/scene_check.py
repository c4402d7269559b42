"""Reading a scene: what contradicts what is known, what later scenes need to know, and whether it is good enough."""

from langgraph.runtime import Runtime

from chorus.agents.continuity_editor import Check
from chorus.domain.canon import Severity
from chorus.domain.context import SceneContext
from chorus.domain.story import Revision
from chorus.errors import AnswerUnusable
from chorus.pipeline.catalogue import catalogue, keep_digest
from chorus.pipeline.desk import Desk
from chorus.pipeline.scene_context import within_reach
from chorus.pipeline.sheet import Sheet
from chorus.pipeline.state import SceneState

type Step = dict[str, object]


async def coherence_check(state: SceneState, runtime: Runtime[Desk]) -> Step:
    """Look for contradictions, each with its two quotes."""
    desk = runtime.context
    sheet = await desk.sheet_of(state["scene_number"])
    number = sheet.scene.number
    revision = sheet.revision(state["revisions"][-1])

    async def check_scene(context: SceneContext) -> Check:
        site = desk.site(f"coherence_check/{len(state['revisions'])}", number, context.manifest)
        return await desk.crew.editor.check_scene(sheet.frame, context, revision, site)

    try:
        check = await within_reach(desk, sheet, state, check_scene)
    except AnswerUnusable as error:
        await _say_unchecked(desk, sheet, revision, error)
        return {"major_findings": 0}
    sheet.note_checked(revision.id, True)
    if check.findings or check.dropped:
        async with desk.writing() as page:
            await page.tx.canon.add_findings(sheet.numbered(check.findings))
            for finding in check.findings:
                said = f"{finding.description} “{finding.quote}”"
                page.record("finding", said, number, severity=finding.severity.value)
            if check.dropped:
                page.record(
                    "finding_dropped",
                    f"{len(check.dropped)} finding(s) dropped: {'; '.join(dict.fromkeys(check.dropped))}.",
                    number,
                    dropped=len(check.dropped),
                    reasons=check.dropped,
                )
    return {"major_findings": sum(finding.severity is Severity.MAJOR for finding in check.findings)}


async def _say_unchecked(desk: Desk, sheet: Sheet, revision: Revision, error: AnswerUnusable) -> None:
    """A text whose check could not be had does not count as checked; the story goes on, and a person is asked."""
    number = sheet.scene.number
    async with desk.writing() as page:
        page.record("check_missed", f"Scene {number} could not be checked: {error}", number)
    sheet.note_checked(revision.id, False)


async def digest_scene(state: SceneState, runtime: Runtime[Desk]) -> Step:
    """Read out of the text what later scenes need; all of it is proposed until the scene is approved."""
    desk = runtime.context
    sheet = await desk.sheet_of(state["scene_number"])
    revision = sheet.revision(state["revisions"][-1])
    if revision.digest:
        return {}
    node = f"digest_scene/{len(state['revisions'])}"
    read = await catalogue(desk, sheet.frame, sheet.scene, revision, sheet.digests, node)
    if read:
        async with desk.writing() as page:
            await keep_digest(page, revision, read)
        sheet.replace(sheet.revision(str(revision.id)).model_copy(update={"digest": read.digest}))
    return {}


async def revise_or_finalize(state: SceneState, runtime: Runtime[Desk]) -> str:
    """After the last look as well, revise what a reader would notice."""
    return "revise_scene" if must_revise(state, runtime.context) else "finalize_scene"


def must_revise(state: SceneState, desk: Desk) -> bool:
    """Whether a reader would notice a contradiction; a scene is revised at most so often as the settings say."""
    return bool(state["major_findings"]) and len(state["revisions"]) <= desk.run.settings.most_revisions
