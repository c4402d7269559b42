"""``continue`` and ``canon``: more scenes after the last one, the canon of what is there, and how people changed it."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from chorus.cli.history import document_of, tell_effects, work_on_begun
from chorus.cli.ids import resolve
from chorus.cli.loop import run
from chorus.cli.open import opened
from chorus.cli.reading import find_story
from chorus.cli.terminal import counted, print_json, shown, tell
from chorus.cli.watch import onlooker
from chorus.cli.writing import report
from chorus.errors import InvalidInput

if TYPE_CHECKING:
    from chorus.domain.canon import Fact
    from chorus.domain.edit import CanonChange, EditEffects
    from chorus.domain.run import RunSummary
    from chorus.studio import Studio


def continue_story(typed: str, scenes: int, chosen: dict[str, Any], *, detach: bool, as_json: bool) -> int:
    """Plan and write more scenes, here or in the background."""
    return report(run(_continue(typed, scenes, chosen, detach=detach)), as_json=as_json)


async def _continue(typed: str, scenes: int, chosen: dict[str, Any], *, detach: bool) -> "RunSummary":
    with onlooker() as looking_on:
        async with opened(looking_on) as studio:
            story_id = await find_story(studio, typed)
            begun = await studio.continue_story(story_id, scenes, chosen=chosen, dispatch=detach)
            return await work_on_begun(studio, begun, looking_on, detach=detach)


def read_canon(typed: str, again: list[int], *, as_json: bool) -> int:
    """Read a story into the canon, or some of its scenes again; what is found stays proposed."""
    return report(run(_read(typed, again)), as_json=as_json)


async def _read(typed: str, again: list[int]) -> "RunSummary":
    with onlooker() as looking_on:
        async with opened(looking_on) as studio:
            begun = await studio.read_canon(await find_story(studio, typed), again=again)
            return await work_on_begun(studio, begun, looking_on, detach=False)


def settle(typed: str, what: str, given: list[str], *, as_json: bool) -> int:
    """List, approve or refuse proposed facts."""
    facts = run(_settle(typed, what, given))
    if as_json:
        print_json([{"fact_id": str(fact.id), **fact.model_dump(mode="json", exclude={"id"})} for fact in facts])
        return 0
    for fact in facts:
        tell(f"{fact.id}  scene {fact.valid_from}  {shown(fact.statement)}")
    done = {"approve": "approved", "refuse": "refused"}.get(what, "proposed")
    tell(f"{counted(len(facts), 'fact')} {done}.")
    return 0


async def _settle(typed: str, what: str, given: list[str]) -> "list[Fact]":
    async with opened() as studio:
        story_id = await find_story(studio, typed)
        if what == "list":
            return await studio.list_proposals(story_id)
        wanted = await _found(studio, story_id, given) if given else None
        return await (studio.approve_facts if what == "approve" else studio.refuse_facts)(story_id, wanted)


def list_changes(typed: str, *, as_json: bool) -> int:
    """List how people changed facts and characters, the oldest change first."""
    changes = run(_list_changes(typed))
    if as_json:
        print_json([{"change_id": str(c.id), **c.model_dump(mode="json", exclude={"id"})} for c in changes])
        return 0
    for change in changes:
        subject = change.before.get("statement") or change.before.get("name")
        said = f"  {shown(change.note)}" if change.note else ""
        tell(f"{change.id}  {change.created_at:%Y-%m-%d %H:%M}  {change.subject.value}  {shown(str(subject))}{said}")
    tell(f"{counted(len(changes), 'change')}.")
    return 0


async def _list_changes(typed: str) -> "list[CanonChange]":
    async with opened() as studio:
        return await studio.list_changes(await find_story(studio, typed))


def restore_canon(typed: str, change: str | None, *, as_json: bool) -> int:
    """Let a fact or a character be as it was before a change."""
    if not change:
        raise InvalidInput("Say which change: --change ID; `chorus canon STORY changes` lists them.")
    effects = run(_restore_canon(typed, change))
    if as_json:
        print_json(document_of(effects))
    else:
        tell("It is again as it was before that change.")
    return 0


async def _restore_canon(typed: str, change: str) -> "EditEffects":
    async with opened() as studio:
        story_id = await find_story(studio, typed)

        async def page(limit: int, offset: int) -> list[UUID]:
            return [each.id for each in await studio.list_changes(story_id)][offset : offset + limit]

        change_id = await resolve(change, "change", "chorus canon STORY changes", page)
        effects = await studio.restore_canon(story_id, change_id)
        tell_effects(effects)
        return effects


async def _found(studio: "Studio", story_id: UUID, given: list[str]) -> list[UUID]:
    """The proposals whose ids begin as somebody typed."""
    proposals = await studio.list_proposals(story_id)
    found = [fact.id for fact in proposals if str(fact.id).startswith(tuple(typed.strip().lower() for typed in given))]
    if len(found) < len(given):
        raise InvalidInput("Not every --fact is the id of a proposal: `chorus canon STORY` lists them.")
    return found
