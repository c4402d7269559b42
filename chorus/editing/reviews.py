"""A person answers a question: what is asked about stays, is edited, is written again or is waved through.

An answer that lets a run go on hands it to the workers, unless another question still holds it up.
"""

from enum import StrEnum
from uuid import UUID

from chorus.domain.budget import Scope
from chorus.domain.canon import Finding, FindingStatus
from chorus.domain.run import ReviewItem, ReviewKind, ReviewStatus, Run, RunSettings
from chorus.domain.story import Scene, SceneStatus
from chorus.domain.value import Value
from chorus.editing.redo import begin_redo
from chorus.editing.scene_text import edit_scene
from chorus.errors import Conflict, InvalidInput
from chorus.pipeline import steer
from chorus.store import Transaction

BLOCKING = frozenset({ReviewKind.CONCEPT, ReviewKind.OUTLINE, ReviewKind.SCENE, ReviewKind.BUDGET, ReviewKind.FAILURE})
"""Questions that a run waits for; the others are asked beside it."""


AROUND = 200
"""Characters told around a quote."""


class Decision(StrEnum):
    """What a person answers to a question."""

    ACCEPT = "accept"
    EDIT = "edit"
    REDRAFT = "redraft"
    DISMISS = "dismiss"


class ReviewAnswer(Value):
    """An answer with what it needs: a text to EDIT, a note for REDRAFT, a reason to DISMISS, a budget to go on with.

    ``base`` is the revision that ``text`` was made from.
    """

    decision: Decision
    text: str = ""
    base: UUID | None = None
    note: str = ""
    budget_tokens: int | None = None
    budget_usd: float | None = None


class QuotedFinding(Value):
    """A finding with what stands around its quote in the scene."""

    finding: Finding
    before: str
    after: str


class ReviewContext(Value):
    """A question with all that is needed to answer it."""

    item: ReviewItem
    scene_number: int | None = None
    revision_id: UUID | None = None
    text: str = ""
    findings: tuple[QuotedFinding, ...] = ()


class Answered(Value):
    """A question after it was answered; ``run`` goes on or was begun by the answer, None: nothing runs for it."""

    item: ReviewItem
    run: Run | None = None


async def answer_review(
    tx: Transaction, item_id: UUID, answer: ReviewAnswer, otherwise: RunSettings, *, dispatch: bool = True
) -> Answered:
    """Act on an answer and keep it; ``dispatch`` False leaves the run paused for whoever resumes it.

    Raises:
        NotFound: there is no such question.
        InvalidInput: the answer does not fit the question, or lacks what it needs.
        Conflict: it is answered already, the story is being written, or the text was changed since ``base``.
    """
    item = await tx.runs.load_question(item_id)
    if item.status is not ReviewStatus.OPEN:
        raise Conflict("The question is answered already.")
    _fits(item, answer)
    if answer.decision is Decision.REDRAFT:
        return await _redraft(tx, item, answer, otherwise, dispatch=dispatch)
    if answer.decision is Decision.EDIT:
        scene = await _scene_of(tx, item)
        await edit_scene(tx, item.story_id, scene.number, answer.text, note=answer.note, base=answer.base)
    await _settle(tx, item, answer)
    run = await _go_on(tx, item, answer, dispatch=dispatch)
    return Answered(item=await tx.runs.load_question(item_id), run=run)


async def load_context(tx: Transaction, item_id: UUID) -> ReviewContext:
    """Read a question with the scene it is about and the findings that led to it; raises NotFound."""
    item = await tx.runs.load_question(item_id)
    if item.scene_id is None:
        return ReviewContext(item=item)
    scene = await _scene_of(tx, item)
    about = item.details.get("revision_id") or scene.revision_id
    if about is None:
        return ReviewContext(item=item, scene_number=scene.number)
    revision = await tx.stories.load_revision(UUID(str(about)))
    found = await tx.canon.list_findings(item.story_id, revision.id)
    return ReviewContext(
        item=item,
        scene_number=scene.number,
        revision_id=revision.id,
        text=revision.text,
        findings=tuple(_quoted(finding, revision.text) for finding in found),
    )


def _quoted(finding: Finding, text: str) -> QuotedFinding:
    start = text.find(finding.quote)
    if start < 0:
        return QuotedFinding(finding=finding, before="", after="")
    end = start + len(finding.quote)
    return QuotedFinding(finding=finding, before=text[max(0, start - AROUND) : start], after=text[end : end + AROUND])


def _fits(item: ReviewItem, answer: ReviewAnswer) -> None:
    if answer.decision in (Decision.EDIT, Decision.REDRAFT) and item.scene_id is None:
        raise InvalidInput("The question is not about a scene: accept or dismiss it.")
    if answer.decision is Decision.EDIT and not answer.text.strip():
        raise InvalidInput("The text is empty: send the scene as it should read.")
    if answer.decision is Decision.DISMISS and not answer.note.strip():
        raise InvalidInput("Say why it is dismissed.")
    if (answer.budget_tokens or answer.budget_usd) and item.kind is not ReviewKind.BUDGET:
        raise InvalidInput("A budget answers only a question about the budget.")


async def _redraft(
    tx: Transaction, item: ReviewItem, answer: ReviewAnswer, otherwise: RunSettings, *, dispatch: bool
) -> Answered:
    """Begin to write the scene again. A run that waits for its approval waits on, for a person to see the new text."""
    scene = await _scene_of(tx, item)
    run = await begin_redo(tx, item.story_id, [scene.number], answer.note, otherwise)
    if scene.awaits_approval:
        await tx.stories.save_scene(scene.model_copy(update={"status": SceneStatus.REJECTED}))
    if item.kind is not ReviewKind.SCENE:
        await _settle(tx, item, answer)
    if dispatch:
        run = await steer.dispatch(tx, run.id)
    return Answered(item=await tx.runs.load_question(item.id), run=run)


async def _settle(tx: Transaction, item: ReviewItem, answer: ReviewAnswer) -> None:
    """Keep the answer, and give the findings it is about their end."""
    said = {"decision": answer.decision.value, "by": "person"}
    await tx.runs.answer(item.id, said | ({"note": answer.note.strip()} if answer.note.strip() else {}))
    about = item.details.get("revision_id")
    if item.kind is ReviewKind.FINDING and about and answer.decision in (Decision.ACCEPT, Decision.DISMISS):
        await tx.canon.settle_findings(UUID(str(about)), FindingStatus.DISMISSED)


async def _go_on(tx: Transaction, item: ReviewItem, answer: ReviewAnswer, *, dispatch: bool) -> Run | None:
    """Let the run of an answered question go on, if nothing else holds it up."""
    if item.run_id is None or item.kind not in BLOCKING:
        return None
    if answer.budget_tokens or answer.budget_usd:
        scope = Scope(item.details.get("budget", Scope.RUN))
        await steer.grant(tx, item.run_id, tokens=answer.budget_tokens, usd=answer.budget_usd, scope=scope)
    open_ones = await tx.runs.list_questions(story_id=item.story_id)
    waits = any(other.run_id == item.run_id and other.kind in BLOCKING for other in open_ones)
    run = await tx.runs.load(item.run_id)
    if waits or run.status.is_over or run.status.is_open or not dispatch:
        return run
    return await steer.dispatch(tx, item.run_id, approving=False)


async def _scene_of(tx: Transaction, item: ReviewItem) -> Scene:
    scenes = (await tx.stories.load_outline(item.story_id)).scenes
    for scene in scenes:
        if scene.id == item.scene_id:
            return scene
    raise InvalidInput("The scene of this question is no longer in the story: dismiss it.")
