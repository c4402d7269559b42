"""What code says of a text before a model is asked: its faults are findings, and some are worth another text."""

from collections.abc import Sequence

from langgraph.runtime import Runtime

from chorus.agents.prompts.frame import tell_concept, tell_premise, tell_world
from chorus.agents.prompts.scene_generator import tells_in_past, wording
from chorus.continuity import Fault, Subject, look_over
from chorus.continuity.mending import is_due, pays
from chorus.domain.canon import Finding
from chorus.domain.context import ItemKind, SceneContext
from chorus.domain.story import Revision
from chorus.pipeline.desk import Desk
from chorus.pipeline.scene_context import load_context
from chorus.pipeline.sheet import Sheet
from chorus.pipeline.state import SceneState

FIRST_NUMBER = 10_001
"""Findings of code are numbered from here, a model's from 1: both may be written first."""

type Step = dict[str, object]


async def look_at_text(state: SceneState, runtime: Runtime[Desk]) -> Step:
    """Look for what code can see; it costs no call, and what it finds may spare some."""
    desk = runtime.context
    sheet = await desk.sheet_of(state["scene_number"])
    faults = await faults_of(desk, sheet, state)
    if not faults:
        return {"to_mend": 0}
    await note_faults(desk, sheet, state, faults)
    return {"to_mend": await worth_mending(desk, sheet, state, faults)}


async def faults_of(desk: Desk, sheet: Sheet, state: SceneState) -> list[Fault]:
    """What code sees in the newest text of a scene, by all that its sheet may know of."""
    shelf = await desk.shelf_of_story()
    subject = subject_of(sheet, await load_context(desk, sheet, state), sheet.revision(state["revisions"][-1]))
    before, after = shelf.text_before(sheet.scene, sheet.seen), shelf.text_of(sheet.scene.number + 1)
    return look_over(subject.model_copy(update={"before": before, "after": after}), shelf.echoes, sheet.seen + 1)


async def note_faults(desk: Desk, sheet: Sheet, state: SceneState, faults: Sequence[Fault]) -> None:
    """Keep faults as findings, and tell of them."""
    findings = sheet.numbered(findings_of(faults, sheet.revision(state["revisions"][-1])))
    async with desk.writing() as page:
        await page.tx.canon.add_findings(findings)
        for fault in faults:
            page.record(
                "finding",
                fault.description,
                sheet.scene.number,
                severity=fault.severity.value,
                check=fault.kind.value,
            )


async def mend_or_check(state: SceneState) -> list[str]:
    """Have a text written again before anybody is paid for reading it, or have it read."""
    return ["revise_scene"] if state["to_mend"] else ["coherence_check", "digest_scene"]


def subject_of(sheet: Sheet, context: SceneContext, revision: Revision) -> Subject:
    """A text with all that it must agree with."""
    frame, scene = sheet.frame, sheet.scene
    brief = scene.brief
    plan = tuple(part for part in (brief.purpose, *brief.beats, brief.entry, brief.exit) if part)
    told = [item.text for item in context.told(*ItemKind)]
    people = [f"{character.name}: {character.description} {character.voice}" for character in frame.characters]
    lore = [tell_premise(frame), tell_concept(frame), tell_world(frame), scene.title, brief.place, brief.story_time]
    return Subject(
        text=revision.text,
        language=frame.story.language,
        target_words=brief.target_words,
        in_past=tells_in_past(frame),
        cast=frame.characters,
        present=brief.cast,
        dead=sheet.dead,
        lore="\n".join([*lore, *people, *plan, *brief.plants, *brief.payoffs, *told]),
        brief=plan,
        asked=(*wording(frame, scene), *(item.text for item in context.told(ItemKind.STATE))),
    )


def findings_of(faults: Sequence[Fault], revision: Revision) -> list[Finding]:
    """Faults as findings about a text."""
    return [
        Finding(
            story_id=revision.story_id,
            scene_id=revision.scene_id,
            revision_id=revision.id,
            run_id=revision.run_id,
            number=number,
            category=fault.category,
            severity=fault.severity,
            description=fault.description,
            quote=fault.quote,
            other_quote=fault.other_quote,
            other_scene=fault.other_scene,
            origin="code",
            kind=fault.kind,
        )
        for number, fault in enumerate(faults, FIRST_NUMBER)
    ]


async def worth_mending(desk: Desk, sheet: Sheet, state: SceneState, faults: Sequence[Fault]) -> int:
    """How many kinds of faults are worth another text; none if no more may be written.

    Of the scene's own tries those count that led to this text, also if a run that was stopped had gone on from it.
    """
    kinds = {fault.kind for fault in faults if is_due(fault)}
    if not kinds or len(state["revisions"]) > desk.run.settings.most_revisions:
        return 0
    number, before = state["scene_number"], sheet.seen
    newest = sheet.revision(state["revisions"][-1]).number
    async with desk.reading() as tx:
        tries = [
            each
            for each in await tx.canon.list_tries(desk.run.id)
            if each.scene <= before or (each.scene == number and each.number <= newest)
        ]
    return sum(pays(kind, tries, number, unseen=number - 1 - before) for kind in kinds)
