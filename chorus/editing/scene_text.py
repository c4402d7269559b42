"""A person edits the text of a scene: a new revision, its facts judged one by one, its memories made anew.

All of it is one transaction; the memories' vectors follow.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from chorus.continuity.seams import ending_of
from chorus.domain.canon import Fact, FactStatus
from chorus.domain.diff import diff_prose
from chorus.domain.edit import EditEffects, FactChange, FactDecision, Verdict
from chorus.domain.story import CharacterState, Revision, RevisionCause, Scene, SceneDigest, SceneStatus
from chorus.domain.value import new_id, storable
from chorus.domain.words import count_words
from chorus.editing.quiet import hold_still, load_written, refuse_locked, tell
from chorus.editing.uses import EditedScene, SceneTold, find_uses, says
from chorus.editing.verdicts import changed_details, exchange_words, judge_facts
from chorus.errors import Conflict, InvalidInput
from chorus.memory import remember_scene
from chorus.pipeline.chapters import recall_tellings
from chorus.pipeline.ties import retie
from chorus.store import Transaction

type Decisions = Mapping[UUID, FactDecision]

LONGEST_TEXT = 400_000
HOLDING = frozenset({FactStatus.ESTABLISHED, FactStatus.PROPOSED})
"""Facts that go with their text when it is edited."""


async def preview_edit(
    tx: Transaction, story_id: UUID, number: int, text: str, decisions: Decisions | None = None
) -> EditEffects:
    """Say what an edit will touch; nothing is changed. Raises as ``edit_scene`` does, except for Conflict."""
    scene = await load_written(tx, story_id, number)
    return await _foresee(tx, scene, _tidy(text), decisions)


async def edit_scene(
    tx: Transaction,
    story_id: UUID,
    number: int,
    text: str,
    decisions: Decisions | None = None,
    *,
    note: str = "",
    base: UUID | None = None,
) -> EditEffects:
    """Give a scene another text; one that is the same as before changes nothing. ``base``: the text that was edited.

    Raises:
        NotFound: there is no such story or scene.
        InvalidInput: the scene is not written yet, or the text is empty or too long.
        Conflict: the story is being written, the scene is locked, or ``base`` is not its text any more.
    """
    run = await hold_still(tx, story_id)
    scene = await load_written(tx, story_id, number)
    refuse_locked(scene)
    if base and base != scene.revision_id:
        raise Conflict(f"Scene {number} has been changed since you began: look at its text again.")
    effects = await _foresee(tx, scene, _tidy(text), decisions)
    if all(piece.kind == "same" for piece in effects.pieces):
        return effects
    old = await tx.stories.load_revision(_text_of(scene))
    revision = await _add_revision(tx, scene, old, _tidy(text), effects, note)
    await put_in_place(tx, scene, revision, kept_facts(effects.facts), await _states_of(tx, old))
    await tell(
        tx, run, "scene_edited", _said(effects), number, uses=[use.scene_number for use in effects.uses],
        facts=len(effects.changed_facts), revision=revision.number,
    )  # fmt: skip
    return effects.model_copy(update={"revision": revision})


async def put_in_place(
    tx: Transaction,
    scene: Scene,
    revision: Revision,
    facts: Sequence[Fact],
    states: Sequence[CharacterState],
) -> Scene:
    """Make a revision that is kept already the text of its scene, with copies of these facts and states, remembered.

    What was proposed stays proposed, everything else becomes canon; a text that waited for approval is approved by it.
    """
    proposed = set() if scene.awaits_approval else {FactStatus.PROPOSED}
    told = [
        fact.model_copy(
            update={
                "id": new_id(),
                "revision_id": revision.id,
                "number": n,
                "status": fact.status if fact.status in proposed else FactStatus.ESTABLISHED,
            }
        )
        for n, fact in enumerate(facts, 1)
    ]
    await tx.canon.add_facts(told)
    await tx.canon.add_states(
        [state.model_copy(update={"id": new_id(), "revision_id": revision.id}) for state in states]
    )
    await tx.canon.establish(scene.id, revision.id)
    for fact in told:
        if fact.status is FactStatus.PROPOSED:
            await tx.canon.save_fact(fact)
    if scene.revision_id:
        await tx.canon.carry_findings(scene.revision_id, revision)
        await tx.runs.hand_on_findings(scene.id, revision.id)
    summary = revision.digest.summary if revision.digest else ""
    changed = scene.model_copy(
        update={
            "revision_id": revision.id,
            "words": revision.words,
            "summary": summary,
            "status": SceneStatus.APPROVED,
        }
    )
    await tx.stories.save_scene(changed)
    await retie(tx, scene, revision)
    await tx.canon.follow_on(scene.story_id, scene.id)
    await remember_scene(tx, changed, revision)
    if summary != scene.summary:
        await recall_tellings(tx, scene.story_id)
    await tx.stories.touch(scene.story_id)
    return changed


def kept_facts(changes: Sequence[FactChange]) -> list[Fact]:
    """The facts that hold after an edit."""
    return [change.after for change in changes if change.after]


async def load_told(tx: Transaction, story_id: UUID, after: int) -> list[SceneTold]:
    """Read the written scenes after a scene, with what the prompts of their texts were told."""
    manifests = await tx.history.list_manifests(story_id, after)
    scenes = (await tx.stories.load_outline(story_id)).scenes
    return [
        SceneTold(scene, tuple(item for item in manifests.get(scene.id, {}).get("items", []) if item.get("included")))
        for scene in scenes
        if scene.number > after and scene.revision_id
    ]


async def find_effects(
    tx: Transaction, scene: Scene, old: Revision, text: str, changes: tuple[FactChange, ...], details: tuple[str, ...]
) -> EditEffects:
    """Gather what follows when a scene gets another text and these facts change."""
    summary = old.digest.summary if old.digest else ""
    ending = ending_of(old.text)
    edited = EditedScene(
        number=scene.number,
        text=old.text,
        ending_start=len(old.text) - len(ending),
        summary=summary,
        ending_changed=ending != ending_of(text),
    )
    gone = [change.before for change in changes if change.verdict is Verdict.RETRACTED and change.before]
    return EditEffects(
        story_id=scene.story_id,
        scene_number=scene.number,
        base_revision_id=old.id,
        pieces=diff_prose(old.text, text),
        facts=changes,
        details=details,
        uses=find_uses(changes, edited, await load_told(tx, scene.story_id, scene.number), details=details),
        words_before=old.words,
        words_after=count_words(text),
        stale_summary=any(says(summary, fact) for fact in gone),
    )


async def _foresee(tx: Transaction, scene: Scene, text: str, decisions: Decisions | None) -> EditEffects:
    old = await tx.stories.load_revision(_text_of(scene))
    facts = [fact for fact in await tx.canon.list_facts_of(old.id) if fact.status in HOLDING]
    changes = judge_facts(facts, old.text, text, decisions)
    names = [character.name for character in await tx.stories.list_characters(scene.story_id)]
    names += [element.name for element in await tx.stories.list_world(scene.story_id)]
    known = {word for name in names for word in name.split() if word[:1].isupper()}
    return await find_effects(tx, scene, old, text, changes, changed_details(old.text, text, known))


async def _add_revision(
    tx: Transaction, scene: Scene, old: Revision, text: str, effects: EditEffects, note: str
) -> Revision:
    revision = Revision(
        story_id=scene.story_id,
        scene_id=scene.id,
        number=await tx.stories.newest_revision(scene.id) + 1,
        parent_id=old.id,
        cause=RevisionCause.EDIT,
        text=text,
        words=count_words(text),
        note=note.strip(),
        digest=_digest_after(old.digest, effects.facts),
    )
    await tx.stories.add_revision(revision)
    return revision


def _digest_after(digest: SceneDigest | None, changes: Sequence[FactChange]) -> SceneDigest | None:
    """The digest with its summary told anew where a restated fact stands in it."""
    if digest is None:
        return None
    summary = digest.summary
    for change in changes:
        if change.verdict is Verdict.RESTATED and change.before and change.after and says(summary, change.before):
            summary = exchange_words(summary, change.before.statement, change.after.statement)
    return digest.model_copy(update={"summary": summary})


async def _states_of(tx: Transaction, revision: Revision) -> list[CharacterState]:
    return [state for _, state in await tx.canon.list_states_of(revision.id)]


def _text_of(scene: Scene) -> UUID:
    if scene.revision_id is None:
        raise InvalidInput(f"Scene {scene.number} is not written yet.")
    return scene.revision_id


def _tidy(text: str) -> str:
    tidy = storable(text).replace("\r\n", "\n").replace("\r", "\n").strip()
    if not tidy:
        raise InvalidInput("The text is empty: a scene needs at least a sentence.")
    if len(tidy) > LONGEST_TEXT:
        raise InvalidInput(f"The text has {len(tidy):,} characters, and a scene at most {LONGEST_TEXT:,}.")
    return tidy


def _said(effects: EditEffects) -> str:
    number, facts = effects.scene_number, len(effects.changed_facts)
    if effects.style_only:
        return f"Scene {number} was edited; no fact changed."
    used = ", ".join(str(use.scene_number) for use in effects.uses)
    return f"Scene {number} was edited: {facts} fact(s) changed, used by {f'scene(s) {used}' if used else 'no scene'}."
