"""What is true in a story: facts, how characters stand, and what the continuity check found."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    FromClause,
    Select,
    Update,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    cast,
    delete,
    func,
    literal,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from chorus.domain.canon import Fact, FactStatus, FaultKind, Finding, FindingStatus, MemoryKind, Severity, Try
from chorus.domain.story import CharacterState, Revision, SceneStatus
from chorus.store import tables as t
from chorus.store.direct import Fixed
from chorus.store.memories import told
from chorus.store.rows import add_all, fetch_all, fetch_one, row_of

_CHECKED = (
    update(t.revision)
    .where(t.revision.c.id == bindparam("approved"))
    .values(checked=func.coalesce(bindparam("checked", type_=Boolean), t.revision.c.checked))
)
_NOTE_CHECKED = Fixed(_CHECKED)


def _establish() -> Update:
    """What stands in the approved text is canon; what a person was to decide on in another one stays so."""
    fact, text, other = t.fact.c, t.revision.c, t.revision.alias("other").c
    rejected = select(other.id).where(
        text.id == bindparam("approved"), other.scene_id == text.scene_id, other.run_id == text.run_id
    )
    read_out = (fact.status == FactStatus.PROPOSED) & fact.revision_id.not_in(rejected)
    status = case(
        (fact.revision_id == bindparam("approved"), FactStatus.ESTABLISHED.value),
        (read_out, FactStatus.PROPOSED.value),
        else_=FactStatus.RETRACTED.value,
    )
    return (
        update(t.fact)
        .add_cte(_CHECKED.cte("checked"))
        .where(fact.scene_id == bindparam("of_scene"))
        .values(status=cast(status, fact.status.type))
    )


_ESTABLISH = Fixed(_establish())


def _end_what_changed() -> Update:
    """A fact about a side of its subject holds until a later scene has one about the same; newest texts count.

    Looked at is what the scenes' facts are about, whatever their status: one that was retracted ends nothing any more.
    """
    fact, newer, theirs = t.fact, t.fact.alias("newer"), t.fact.alias("theirs")
    of_scenes = select(theirs.c.id).where(
        theirs.c.scene_id == any_(bindparam("of_scenes", type_=ARRAY(Uuid()))),
        theirs.c.aspect == fact.c.aspect,
        func.lower(theirs.c.subject) == func.lower(fact.c.subject),
    )
    ends = (
        select(func.min(newer.c.valid_from) - 1)
        .where(
            newer.c.story_id == fact.c.story_id,
            newer.c.status == FactStatus.ESTABLISHED,
            newer.c.aspect == fact.c.aspect,
            func.lower(newer.c.subject) == func.lower(fact.c.subject),
            newer.c.valid_from > fact.c.valid_from,
        )
        .scalar_subquery()
    )
    return (
        update(fact)
        .where(fact.c.story_id == bindparam("of_story"), fact.c.aspect != "")
        .where(fact.c.status == FactStatus.ESTABLISHED, of_scenes.exists(), fact.c.valid_to.is_distinct_from(ends))
        .values(valid_to=ends)
        .returning(fact.c.revision_id, fact.c.subject, fact.c.statement, fact.c.valid_to)
    )


def _remember_ends() -> Update:
    """Two facts may say the same of two subjects: a memory names its own first."""
    ended = _END_WHAT_CHANGED.cte("ended")
    memory = t.memory
    return (
        update(memory)
        .where(memory.c.story_id == bindparam("of_story"), memory.c.kind == MemoryKind.FACT)
        .where(memory.c.revision_id == ended.c.revision_id, told() == ended.c.statement)
        .where(func.coalesce(memory.c.entities[1], ended.c.subject) == ended.c.subject)
        .values(valid_to=ended.c.valid_to)
    )


_END_WHAT_CHANGED = _end_what_changed()
_FOLLOW_ON = Fixed(_remember_ends())
_FACTS_OF = Fixed(select(t.fact).where(t.fact.c.revision_id == bindparam("revision_id")).order_by(t.fact.c.number))
_OF_STORY = (
    select(t.finding)
    .where(t.finding.c.story_id == bindparam("story_id"))
    .order_by(t.finding.c.created_at, t.finding.c.number)
)
_FINDINGS = Fixed(_OF_STORY)
_FINDINGS_OF = Fixed(_OF_STORY.where(t.finding.c.revision_id == bindparam("revision_id")))
_STATES_OF = Fixed(
    select(t.character_state, t.character.c.name.label("name"))
    .join(t.character)
    .where(t.character_state.c.revision_id == bindparam("revision_id"))
    .order_by(t.character.c.number, t.character.c.id)
)


def _states() -> Select[Any]:
    """How each character stands at the end of a scene: the newest of his states in approved texts."""
    state = t.character_state.c
    of_story = t.scene.c.story_id == bindparam("story_id")
    approved = select(t.scene.c.revision_id).where(of_story, t.scene.c.status == SceneStatus.APPROVED)
    latest = (
        select(t.character_state, t.character.c.number.label("cast_number"))
        .join(t.character, t.character.c.id == state.character_id)
        .where(state.story_id == bindparam("story_id"), state.scene_number <= bindparam("as_of"))
        .where(or_(state.revision_id.is_(None), state.revision_id.in_(approved)))
        .ext(distinct_on(state.character_id))
        .order_by(state.character_id, state.scene_number.desc())
        .subquery()
    )
    return select(latest).order_by(latest.c.cast_number)


_STATES = Fixed(_states())


def _is_due(finding: FromClause) -> ColumnElement[bool]:
    """Whether a finding of code is a reason to write its text again."""
    due = or_(finding.c.severity == Severity.MAJOR, finding.c.kind == FaultKind.LENGTH)
    return and_(finding.c.origin == "code", due)


def _tries() -> Select[Any]:
    before, after, text = t.finding.alias("before"), t.finding.alias("after"), t.revision.c
    still = select(after.c.id).where(after.c.revision_id == text.id, after.c.kind == before.c.kind, _is_due(after))
    return (
        select(t.scene.c.number.label("scene"), before.c.kind, not_(still.exists()).label("helped"), text.number)
        .distinct()
        .select_from(
            t.revision.join(before, before.c.revision_id == text.parent_id).join(t.scene, t.scene.c.id == text.scene_id)
        )
        .where(text.run_id == bindparam("run_id"), _is_due(before))
        .order_by(t.scene.c.number, text.number)
    )


_TRIES = _tries()


class Canon:
    """The ledger of facts, with states and findings."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_facts(self, facts: Sequence[Fact]) -> None:
        """Keep facts."""
        await add_all(self._connection, t.fact, facts)

    async def establish(self, scene_id: UUID, revision_id: UUID, *, checked: bool | None = None) -> None:
        """Make the facts of the approved text canon, and retract those of the scene's other texts.

        What was read out of those and waits for a person's word waits on, until its text comes back.
        ``checked``: whether the text was checked; None leaves what is known of that.
        """
        await _ESTABLISH.run(self._connection, of_scene=scene_id, approved=revision_id, checked=checked)

    async def note_checked(self, revision_id: UUID, *, checked: bool | None) -> None:
        """Keep whether a text was checked that is not canon yet."""
        await _NOTE_CHECKED.run(self._connection, approved=revision_id, checked=checked)

    async def follow_on(self, story_id: UUID, *scene_ids: UUID) -> None:
        """End the facts that these scenes have newer ones in place of, and what is remembered of them.

        Which fact follows which hangs on the rows alone: what a retracted fact had ended holds again.
        """
        await _FOLLOW_ON.run(self._connection, of_story=story_id, of_scenes=list(scene_ids))

    async def find_fact(self, fact_id: UUID) -> Fact | None:
        """Read a fact, if there is one of this id."""
        return await fetch_one(self._connection, select(t.fact).where(t.fact.c.id == fact_id), Fact)

    async def save_fact(self, fact: Fact) -> None:
        """Write a fact as it now is."""
        await self._connection.execute(update(t.fact).where(t.fact.c.id == fact.id).values(**row_of(fact)))

    async def list_facts_of(self, revision_id: UUID) -> list[Fact]:
        """List what was read out of one text, whatever its status."""
        return await fetch_all(self._connection, _FACTS_OF, Fact, revision_id=revision_id)

    async def list_facts(self, story_id: UUID, as_of: int | None = None) -> list[Fact]:
        """List the facts of the canon; with ``as_of``, those that hold at the end of that scene."""
        fact = t.fact.c
        query = select(t.fact).where(fact.story_id == story_id, fact.status == FactStatus.ESTABLISHED)
        if as_of is not None:
            still = or_(fact.valid_to.is_(None), fact.valid_to >= as_of)
            query = query.where(fact.valid_from <= as_of, still)
        return await fetch_all(self._connection, query.order_by(fact.valid_from, fact.number, fact.id), Fact)

    async def list_proposing(self, limit: int) -> list[tuple[UUID, str, int]]:
        """List the stories with facts that wait for a person's word, as (id, title, how many)."""
        scene, story, fact = t.scene.c, t.story.c, t.fact.c
        query = (
            select(story.id, story.title, func.count())
            .select_from(
                t.fact.join(t.scene, scene.revision_id == fact.revision_id).join(t.story, story.id == fact.story_id)
            )
            .where(fact.status == FactStatus.PROPOSED, scene.status == SceneStatus.APPROVED)
            .group_by(story.id, story.title)
            .order_by(story.title)
            .limit(limit)
        )
        return [(row[0], row[1], row[2]) for row in await self._connection.execute(query)]

    async def add_states(self, states: Sequence[CharacterState]) -> None:
        """Keep how characters stand; what is already kept of the same revision stays as it is."""
        await add_all(self._connection, t.character_state, states, unless_there=True)

    async def forget_states_of(self, revision_id: UUID) -> None:
        """Forget what a text was taken to say of how its people stand."""
        await self._connection.execute(delete(t.character_state).where(t.character_state.c.revision_id == revision_id))

    async def list_states(self, story_id: UUID, as_of: int) -> list[CharacterState]:
        """List how each character stands at the end of scene ``as_of``, by the approved text of each scene."""
        return await fetch_all(self._connection, _STATES, CharacterState, story_id=story_id, as_of=as_of)

    async def list_states_of(self, revision_id: UUID) -> list[tuple[str, CharacterState]]:
        """List what a text says of how its people stand, as (name, state) in the order of the cast."""
        rows = await _STATES_OF.rows(self._connection, revision_id=revision_id)
        return [(row["name"], CharacterState.of(row)) for row in rows]

    async def add_findings(self, findings: Sequence[Finding]) -> None:
        """Keep findings; those already kept for the same revision and number stay as they are."""
        await add_all(self._connection, t.finding, findings, unless_there=True)

    async def list_findings(self, story_id: UUID, revision_id: UUID | None = None) -> list[Finding]:
        """List findings of a story, or of one revision."""
        if revision_id:
            given = {"story_id": story_id, "revision_id": revision_id}
            return await fetch_all(self._connection, _FINDINGS_OF, Finding, **given)
        return await fetch_all(self._connection, _FINDINGS, Finding, story_id=story_id)

    async def list_tries(self, run_id: UUID) -> list[Try]:
        """List the texts a run wrote again for what code found, and whether that was gone then, in story order."""
        return await fetch_all(self._connection, _TRIES, Try, run_id=run_id)

    async def settle_findings(self, revision_id: UUID, status: FindingStatus) -> None:
        """Give the open findings of a revision their end."""
        open_ones = (t.finding.c.revision_id == revision_id) & (t.finding.c.status == FindingStatus.OPEN)
        await self._connection.execute(update(t.finding).where(open_ones).values(status=status))

    async def carry_findings(self, before: UUID, after: Revision) -> None:
        """Hand the open findings of a text on to the one that takes its place; those whose quote is gone are mended."""
        finding = t.finding.c
        still = (finding.revision_id == before) & (finding.status == FindingStatus.OPEN)
        stands = func.strpos(literal(after.text), finding.quote) > 0
        await self._connection.execute(update(t.finding).where(still, stands).values(revision_id=after.id))
        await self.settle_findings(before, FindingStatus.RESOLVED)

    async def forget_after(self, story_id: UUID, scene_number: int) -> None:
        """Forget what was read out of later scenes, and who was first met there."""
        later = select(t.scene.c.id).where(t.scene.c.story_id == story_id, t.scene.c.number > scene_number)
        for table in (t.fact, t.finding):
            await self._connection.execute(delete(table).where(table.c.scene_id.in_(later)))
        state, character = t.character_state.c, t.character.c
        too_late = (state.story_id == story_id) & (state.scene_number > scene_number)
        await self._connection.execute(delete(t.character_state).where(too_late))
        ended_later = (t.fact.c.story_id == story_id) & (t.fact.c.valid_to >= scene_number) & (t.fact.c.aspect != "")
        await self._connection.execute(update(t.fact).where(ended_later).values(valid_to=None))
        unmet = (character.story_id == story_id) & (character.first_scene > scene_number)
        await self._connection.execute(delete(t.character).where(unmet))

    async def count_facts(self, story_id: UUID) -> int:
        """Count the facts of a story."""
        query = select(func.count()).select_from(t.fact).where(t.fact.c.story_id == story_id)
        return await self._connection.scalar(query) or 0
