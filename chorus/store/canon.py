"""What is true in a story: facts, how characters stand, and what the continuity check found."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chorus.domain.canon import Fact, FactStatus, Finding, FindingStatus
from chorus.domain.story import CharacterState
from chorus.store import tables as t
from chorus.store.rows import add_all, fetch_all, row_of


class Canon:
    """The ledger of facts, with states and findings."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_facts(self, facts: Sequence[Fact]) -> None:
        """Keep facts."""
        await add_all(self._connection, t.fact, facts)

    async def list_facts(self, story_id: UUID, as_of: int | None = None) -> list[Fact]:
        """List the facts that hold; with ``as_of``, those that hold at the end of that scene."""
        fact = t.fact.c
        query = select(t.fact).where(fact.story_id == story_id, fact.status != FactStatus.RETRACTED)
        if as_of is not None:
            still = or_(fact.valid_to.is_(None), fact.valid_to >= as_of)
            query = query.where(fact.valid_from <= as_of, still)
        return await fetch_all(self._connection, query.order_by(fact.valid_from, fact.number, fact.id), Fact)

    async def add_states(self, states: Sequence[CharacterState]) -> None:
        """Keep how characters stand."""
        await add_all(self._connection, t.character_state, states)

    async def list_states(self, story_id: UUID, as_of: int) -> list[CharacterState]:
        """List how each character stands at the end of scene ``as_of``."""
        state = t.character_state.c
        latest = (
            select(t.character_state, t.character.c.number.label("cast_number"))
            .join(t.character, t.character.c.id == state.character_id)
            .where(state.story_id == story_id, state.scene_number <= as_of)
            .distinct(state.character_id)
            .order_by(state.character_id, state.scene_number.desc())
            .subquery()
        )
        return await fetch_all(self._connection, select(latest).order_by(latest.c.cast_number), CharacterState)

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

    async def count_facts(self, story_id: UUID) -> int:
        """Count the facts of a story."""
        query = select(func.count()).select_from(t.fact).where(t.fact.c.story_id == story_id)
        return await self._connection.scalar(query) or 0
