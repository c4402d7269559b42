"""A scene's turn to be committed: what came before is canon now, and may have changed what it took for granted."""

from langgraph.runtime import Runtime

from chorus.agents.prompts.continuity_editor import KNOWN
from chorus.continuity.seams import echoes
from chorus.domain.canon import FaultKind
from chorus.pipeline.changes import Change, changed_ties, changes_outside, reasons_to_look_again
from chorus.pipeline.desk import Desk
from chorus.pipeline.scene_check import coherence_check, must_revise
from chorus.pipeline.scene_context import dead_before, load_context, load_text_before
from chorus.pipeline.scene_look import faults_of, note_faults, worth_mending
from chorus.pipeline.sheet import Sheet
from chorus.pipeline.state import SceneState
from chorus.store import Transaction

_HANGS_ON_CANON = frozenset({FaultKind.DEAD, FaultKind.ABSENT, FaultKind.REPETITION})
"""What a text that is good by itself may still be guilty of, by what was told before it."""

type Step = dict[str, object]


async def take_turn(state: SceneState, runtime: Runtime[Desk]) -> Step:
    """Wait until all scenes before are committed, then gather the reasons, if there are any, to look at this one again.

    What has to be revised anyway waits for nobody. What code can see now is looked for first, since it costs nothing.
    """
    desk, number = runtime.context, state["scene_number"]
    if must_revise(state, desk):
        return {"reasons": 0, "to_mend": 0}
    await desk.turns.until(number - 1)
    sheet = await desk.sheet_of(number)
    if sheet.seen >= number - 1:
        return {"reasons": 0, "to_mend": 0}
    if to_mend := await _see_with_what_came_between(desk, sheet, state):
        return {"reasons": 0, "to_mend": to_mend}
    text = sheet.revision(state["revisions"][-1]).text
    async with desk.reading() as tx:
        changes = [c for other in range(sheet.seen + 1, number) for c in await _changes_of(desk, tx, other)]
        before = await load_text_before(desk, tx, sheet.scene)
    known = [item.text for item in (await load_context(desk, sheet, state)).told(*KNOWN)]
    missed = reasons_to_look_again(changes, sheet.scene.brief, text, known)
    reasons = [f"{change.about} (scene {change.scene_number})" for change in missed]
    reasons += [f"the seam: “{echo}”" for echo in echoes(before, text)]
    if reasons:
        await _tell(desk, sheet, list(dict.fromkeys(reasons)), changes)
    return {"reasons": len(reasons), "to_mend": 0}


async def revise_or_go_on(state: SceneState, runtime: Runtime[Desk]) -> str:
    """Revise what has to be, and ask the editor again only if there is a reason to."""
    if must_revise(state, runtime.context) or state["to_mend"]:
        return "revise_scene"
    return "look_again" if state["reasons"] else "finalize_scene"


async def look_again(state: SceneState, runtime: Runtime[Desk]) -> Step:
    """Check the text once more, now against everything before it, with the true ending of the scene before."""
    await runtime.context.sheet_anew(state["scene_number"])
    return await coherence_check(state, runtime)


async def _see_with_what_came_between(desk: Desk, sheet: Sheet, state: SceneState) -> int:
    """Look with code for what could not be seen before: who died meanwhile, what was told meanwhile.

    Gives how much of that is worth another text, which is then written with all that is canon now.
    """
    number = sheet.scene.number
    seen = {(fault.kind, fault.quote) for fault in await faults_of(desk, sheet, state)}
    now = await desk.sheet_of_turn(number)
    found = [fault for fault in await faults_of(desk, now, state) if fault.kind in _HANGS_ON_CANON]
    faults = [fault for fault in found if (fault.kind, fault.quote) not in seen]
    if not faults:
        return 0
    await note_faults(desk, now, state, faults)
    to_mend = await worth_mending(desk, now, state, faults)
    if to_mend:
        desk.sheets[number] = now
    return to_mend


async def _changes_of(desk: Desk, tx: Transaction, number: int) -> list[Change]:
    """What a committed scene changed outside its contract; read once for all the scenes of a window."""
    if number not in desk.changes:
        story_id = desk.run.story_id
        scene = await tx.stories.load_scene(story_id, number)
        if scene.revision_id is None:
            return []
        frame = await desk.load_frame(tx)
        facts = await tx.canon.list_facts_of(scene.revision_id)
        states = await tx.canon.list_states_of(scene.revision_id)
        text = (await tx.stories.load_revision(scene.revision_id)).text
        newcomers = [c for c in frame.characters if c.first_scene == number]
        shown = [t for t in await tx.stories.list_relationships(story_id) if t.revision_id == scene.revision_id]
        dead = await dead_before(tx, frame, scene)
        desk.changes[number] = [
            *changes_outside(scene, frame.as_of(number), facts, states, newcomers, text, dead),
            *changed_ties(number, frame.characters, shown),
        ]
    return desk.changes[number]


async def _tell(desk: Desk, sheet: Sheet, reasons: list[str], changes: list[Change]) -> None:
    number = sheet.scene.number
    async with desk.writing() as page:
        page.record(
            "look_again",
            f"Scene {number} is checked again: it was written before it could know of {', '.join(reasons)}.",
            number,
            seen=sheet.seen,
            reasons=reasons,
            changes=[change.model_dump() for change in changes],
        )
