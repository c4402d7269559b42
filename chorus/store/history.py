"""What a story was: which prompts its texts come from, and how its canon was changed by people."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chorus.domain.canon import Fact
from chorus.domain.edit import CanonChange
from chorus.domain.story import CharacterState
from chorus.store import tables as t
from chorus.store.rows import add_all, fetch_all, fetch_one

_MANIFESTS = text("""
    WITH RECURSIVE origin AS (
        SELECT scene.id AS scene_id, revision.call_id, revision.parent_id
        FROM scene JOIN revision ON revision.id = scene.revision_id
        WHERE scene.story_id = :story_id AND scene.number > :after
        UNION ALL
        SELECT origin.scene_id, revision.call_id, revision.parent_id
        FROM origin JOIN revision ON revision.id = origin.parent_id
        WHERE origin.call_id IS NULL
    )
    SELECT scene_id, llm_call.manifest
    FROM origin JOIN llm_call ON llm_call.id = origin.call_id
    WHERE llm_call.manifest IS NOT NULL
""")
_LAST_TAKE = text("""
    WITH family AS (SELECT id FROM story WHERE id = :story_id
                    UNION ALL SELECT unnest(ancestors) FROM story WHERE id = :story_id)
    SELECT greatest((SELECT max(take) FROM llm_call WHERE story_id IN (SELECT id FROM family)),
                    (SELECT max(take) FROM run WHERE story_id IN (SELECT id FROM family)))
""")


class History:
    """Everything that is asked of a story's past."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def list_manifests(self, story_id: UUID, after: int = 0) -> dict[UUID, dict[str, Any]]:
        """What the prompt of each scene's text was told, by scene id.

        A text that a person has edited counts as told what the one it was made from was.
        """
        rows = await self._connection.execute(_MANIFESTS, {"story_id": story_id, "after": after})
        return {row.scene_id: row.manifest for row in rows}

    async def list_all_facts(self, story_id: UUID) -> list[Fact]:
        """List the facts of a story, whatever their status and whatever text they stood in."""
        query = select(t.fact).where(t.fact.c.story_id == story_id).order_by(t.fact.c.valid_from, t.fact.c.number)
        return await fetch_all(self._connection, query, Fact)

    async def list_all_states(self, story_id: UUID) -> list[CharacterState]:
        """List how characters stood, in whatever text of whatever scene."""
        state = t.character_state
        query = select(state).where(state.c.story_id == story_id).order_by(state.c.scene_number)
        return await fetch_all(self._connection, query, CharacterState)

    async def find_last_take(self, story_id: UUID) -> int:
        """The highest take that was ever asked for, in this story and in those it was forked from."""
        return await self._connection.scalar(_LAST_TAKE, {"story_id": story_id}) or 0

    async def note(self, changes: Sequence[CanonChange]) -> None:
        """Keep how facts or characters were changed."""
        await add_all(self._connection, t.canon_change, changes)

    async def list_changes(self, story_id: UUID, subject_id: UUID | None = None) -> list[CanonChange]:
        """List how people changed the canon of a story, or one fact or character of it, the oldest change first."""
        change = t.canon_change.c
        query = select(t.canon_change).where(change.story_id == story_id)
        if subject_id:
            query = query.where(change.subject_id == subject_id)
        return await fetch_all(self._connection, query.order_by(change.created_at, change.number), CanonChange)

    async def find_change(self, change_id: UUID) -> CanonChange | None:
        """Read a change of the canon, if there is one of this id."""
        return await fetch_one(
            self._connection, select(t.canon_change).where(t.canon_change.c.id == change_id), CanonChange
        )

    async def count_changes(self, subject_id: UUID) -> int:
        """Count the changes of one fact or character."""
        query = select(func.count()).select_from(t.canon_change).where(t.canon_change.c.subject_id == subject_id)
        return await self._connection.scalar(query) or 0
