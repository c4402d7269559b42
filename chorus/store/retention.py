"""Emptying what was said in old calls: prompts and answers are most of the ledger, their figures are hardly any."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chorus.domain.llm_call import PRUNED
from chorus.domain.value import Value

_OLD = f"""
    started_at < :before AND outcome <> 'in_flight' AND prompt_hash <> '{PRUNED}' AND story_id NOT IN (
        SELECT story_id FROM run WHERE status NOT IN ('complete', 'cancelled')
        UNION SELECT unnest(ancestors) FROM story JOIN run ON run.story_id = story.id
        WHERE run.status NOT IN ('complete', 'cancelled'))
"""  # noqa: S608 - a constant
"""Calls of stories that no run will ever ask about again: neither their own, nor that of a story forked from them."""
_COUNT = text(f"""
    SELECT count(*) AS calls, coalesce(sum(octet_length(request ->> 'messages')), 0)
           + coalesce(sum(octet_length(response_text)), 0) AS size
    FROM llm_call WHERE {_OLD}
""")  # noqa: S608
_PRUNE = text(f"""
    WITH old AS (SELECT id FROM llm_call WHERE {_OLD} AND started_at >= :after
                 ORDER BY started_at LIMIT :most FOR UPDATE SKIP LOCKED)
    UPDATE llm_call SET request = request - 'messages', response_text = NULL, prompt_hash = '{PRUNED}'
    FROM old WHERE llm_call.id = old.id RETURNING started_at
""")  # noqa: S608
AT_ONCE = 1000


class Prunable(Value):
    """Calls whose texts can go, and about how many bytes these take."""

    calls: int
    size: int


class Retention:
    """What is kept of calls for how long."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def count(self, before: datetime) -> Prunable:
        """Say what ``prune`` would empty."""
        row = (await self._connection.execute(_COUNT, {"before": before})).mappings().one()
        return Prunable.of(row)

    async def prune(self, before: datetime, after: datetime) -> list[datetime]:
        """Empty some of the oldest calls that began from ``after`` on; return when each began."""
        given = {"before": before, "after": after, "most": AT_ONCE}
        return list((await self._connection.execute(_PRUNE, given)).scalars())
