"""What is true in a story: facts, how characters stand, and what the continuity check found."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import case, cast, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chorus.domain.canon import Fact, FactStatus, Finding, FindingStatus
from chorus.domain.story import CharacterState, SceneStatus
from chorus.store import tables as t
from chorus.store.rows import add_all, fetch_all, row_of


class Canon:
    """The ledger of facts, with states and findings."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_facts(self, facts: Sequence[Fact]) -> None:
        """Keep facts."""
        await add_all(self._connection, t.fact, facts)

    async def establish(self, scene_id: UUID, revision_id: UUID) -> None:
        """Make the facts of the approved text canon, and retract those of the scene's other texts."""
        fact = t.fact.c
        status = case((fact.revision_id == revision_id, FactStatus.ESTABLISHED.value), else_=FactStatus.RETRACTED.value)
        settled = update(t.fact).where(fact.scene_id == scene_id).values(status=cast(status, fact.status.type))
        await self._connection.execute(settled)

    async def list_facts_of(self, revision_id: UUID) -> list[Fact]:
        """List what was read out of one text, whatever its status."""
        query = select(t.fact).where(t.fact.c.revision_id == revision_id).order_by(t.fact.c.number)
        return await fetch_all(self._connection, query, Fact)

    async def list_facts(self, story_id: UUID, as_of: int | None = None) -> list[Fact]:
        """List the facts of the canon; with ``as_of``, those that hold at the end of that scene."""
        fact = t.fact.c
        query = select(t.fact).where(fact.story_id == story_id, fact.status == FactStatus.ESTABLISHED)
        if as_of is not None:
            still = or_(fact.valid_to.is_(None), fact.valid_to >= as_of)
            query = query.where(fact.valid_from <= as_of, still)
        return await fetch_all(self._connection, query.order_by(fact.valid_from, fact.number, fact.id), Fact)

    async def add_states(self, states: Sequence[CharacterState]) -> None:
        """Keep how characters stand; what is already kept of the same revision stays as it is."""
        if states:
            await self._connection.execute(
                insert(t.character_state).on_conflict_do_nothing(), [row_of(state) for state in states]
            )

    async def list_states(self, story_id: UUID, as_of: int) -> list[CharacterState]:
        """List how each character stands at the end of scene ``as_of``, by the approved text of each scene."""
        state = t.character_state.c
        approved = select(t.scene.c.revision_id).where(
            t.scene.c.story_id == story_id, t.scene.c.status == SceneStatus.APPROVED
        )
        latest = (
            select(t.character_state, t.character.c.number.label("cast_number"))
            .join(t.character, t.character.c.id == state.character_id)
            .where(state.story_id == story_id, state.scene_number <= as_of)
            .where(or_(state.revision_id.is_(None), state.revision_id.in_(approved)))
            .ext(distinct_on(state.character_id))
            .order_by(state.character_id, state.scene_number.desc())
            .subquery()
        )
        return await fetch_all(self._connection, select(latest).order_by(latest.c.cast_number), CharacterState)

    async def list_states_of(self, revision_id: UUID) -> list[tuple[str, CharacterState]]:
        """List what a text says of how its people stand, as (name, state) in the order of the cast."""
        state, character = t.character_state.c, t.character.c
        query = select(t.character_state, character.name.label("name")).join(t.character)
        query = query.where(state.revision_id == revision_id).order_by(character.number, character.id)
        rows = (await self._connection.execute(query)).mappings()
        return [(row["name"], CharacterState.of(row)) for row in rows]

    async def add_findings(self, findings: Sequence[Finding]) -> None:
        """Keep findings; those already kept for the same revision and number stay as they are."""
        if findings:
            rows = [row_of(finding) for finding in findings]
            await self._connection.execute(insert(t.finding).on_conflict_do_nothing(), rows)

    async def list_findings(self, story_id: UUID, revision_id: UUID | None = None) -> list[Finding]:
        """List findings of a story, or of one revision."""
        finding = t.finding.c
        query = select(t.finding).where(finding.story_id == story_id)
        if revision_id:
            query = query.where(finding.revision_id == revision_id)
        return await fetch_all(self._connection, query.order_by(finding.created_at, finding.number), Finding)

    async def settle_findings(self, revision_id: UUID, status: FindingStatus) -> None:
        """Give the open findings of a revision their end."""
        open_ones = (t.finding.c.revision_id == revision_id) & (t.finding.c.status == FindingStatus.OPEN)
        await self._connection.execute(update(t.finding).where(open_ones).values(status=status))

    async def forget_after(self, story_id: UUID, scene_number: int) -> None:
        """Forget what was read out of later scenes, and who was first met there."""
        later = select(t.scene.c.id).where(t.scene.c.story_id == story_id, t.scene.c.number > scene_number)
        for table in (t.fact, t.finding):
            await self._connection.execute(delete(table).where(table.c.scene_id.in_(later)))
        state, character = t.character_state.c, t.character.c
        too_late = (state.story_id == story_id) & (state.scene_number > scene_number)
        await self._connection.execute(delete(t.character_state).where(too_late))
        unmet = (character.story_id == story_id) & (character.first_scene > scene_number)
        await self._connection.execute(delete(t.character).where(unmet))

    async def count_facts(self, story_id: UUID) -> int:
        """Count the facts of a story."""
        query = select(func.count()).select_from(t.fact).where(t.fact.c.story_id == story_id)
        return await self._connection.scalar(query) or 0
