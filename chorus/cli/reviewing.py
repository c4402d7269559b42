"""``review``: what is asked of a person, and the answers."""

from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from chorus.cli.history import read_text
from chorus.cli.ids import resolve, short
from chorus.cli.loop import run
from chorus.cli.open import opened
from chorus.cli.reading import find_story
from chorus.cli.terminal import print_json, say, shown, tell
from chorus.domain.run import ReviewItem, ReviewStatus
from chorus.errors import Conflict

if TYPE_CHECKING:
    from chorus.domain.story import Revision
    from chorus.editing import Answered, ReviewContext
    from chorus.studio import Studio


def list_questions(typed: str | None, *, as_json: bool) -> int:
    """List the questions that wait, the oldest first."""
    items = run(_list(typed))
    if as_json:
        print_json([{"review_id": str(item.id), **item.model_dump(mode="json", exclude={"id"})} for item in items])
        return 0
    for item in items:
        tell(f"{short(item.id)}  {item.kind.value:<8} {shown(item.question)}")
    if not items:
        tell("Nothing waits for an answer.")
    return 0


async def _list(typed: str | None) -> list[ReviewItem]:
    async with opened() as studio:
        story_id = await find_story(studio, typed) if typed else None
        async with studio.store.reading() as tx:
            return await tx.runs.list_questions(story_id=story_id)


def show(typed: str, *, as_json: bool) -> int:
    """Show a question with what it is about."""
    asked = run(_show(typed))
    if as_json:
        print_json(asked.model_dump(mode="json"))
        return 0
    tell(shown(asked.item.question), style="bold")
    for quoted in asked.findings:
        finding = quoted.finding
        tell(f"{finding.severity.value}, {finding.status.value}: {shown(finding.description)}")
        tell(f"  … {shown(quoted.before)} [{shown(finding.quote)}] {shown(quoted.after)} …")
        if finding.other_quote:
            tell(f"  But: “{shown(finding.other_quote)}”")
    return 0


async def _show(typed: str) -> "ReviewContext":
    async with opened() as studio:
        return await studio.load_review(await _find(studio, typed))


def answer(
    typed: str,
    decision: str,
    note: str,
    file: Path | None,
    made_from: int | None,
    budget: tuple[int | None, float | None],
    *,
    as_json: bool,
) -> int:
    """Answer a question, and say what goes on because of it."""
    text = read_text(file) if file else ""
    answered = run(_answer(typed, decision, note, (text, made_from), budget))
    if as_json:
        run_id = str(answered.run.id) if answered.run else None
        status = answered.item.status.value
        print_json({"review_id": str(answered.item.id), "status": status, "run_id": run_id})
        return 0
    still = answered.item.status is ReviewStatus.OPEN
    tell("The question stays open until you have seen the new text." if still else "Answered.")
    if answered.run:
        say(f"Run {answered.run.id} is {answered.run.status.value}: chorus resume goes on with it here.", style="dim")
    return 0


async def _answer(
    typed: str, decision: str, note: str, edited: tuple[str, int | None], budget: tuple[int | None, float | None]
) -> "Answered":
    from chorus.editing import Decision

    async with opened() as studio:
        item_id = await _find(studio, typed)
        text, made_from = edited
        base = await base_of(studio, item_id, made_from) if text else None
        tokens, usd = budget
        return await studio.answer_review(
            item_id, Decision(decision), text=text, base=base, note=note, budget_tokens=tokens, budget_usd=usd
        )


async def base_of(studio: "Studio", item_id: UUID, made_from: int | None = None) -> UUID | None:
    """The text that an edit replaces: what the question was asked about, or what somebody says it was made from.

    Raises:
        Conflict: the scene has another text by now.
    """
    item = (asked := await studio.load_review(item_id)).item
    if asked.scene_number is None:
        return None
    async with studio.store.reading() as tx:
        scene = await tx.stories.load_scene(item.story_id, asked.scene_number)
        held = await tx.stories.load_revision(scene.revision_id) if scene.revision_id else None
    if held and not _is_meant(held, item, made_from):
        raise Conflict(
            f"Scene {scene.number} has a newer text than the one yours was made from: read it (`chorus diff` "
            f"compares them), then say --revision {held.number}."
        )
    return held.id if held else None


def _is_meant(held: "Revision", item: ReviewItem, made_from: int | None) -> bool:
    """Whether an edit is one of the text that holds; a question that names no text is about the one it found."""
    if made_from is not None:
        return held.number == made_from
    about = item.details.get("revision_id")
    return str(held.id) == about if about else held.created_at <= item.created_at


async def _find(studio: "Studio", typed: str) -> UUID:
    async def page(limit: int, offset: int) -> list[UUID]:
        async with studio.store.reading() as tx:
            return [item.id for item in await tx.runs.list_questions(status=None, limit=limit, offset=offset)]

    return await resolve(typed, "question", "chorus review list", page)
