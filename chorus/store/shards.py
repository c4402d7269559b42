"""Postings of many memories, gathered from pages now and then (decision 0037).

Pages are the truth, and a search reads those that no shard has; shards make a search across all stories quick.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chorus.store.direct import Fixed, view_of
from chorus.store.postings import PageRows, PostingRow, Postings

FRESH = 4_096
"""Memories outside all shards from which on they are gathered: until then each search across stories reads them."""
FULL = 65_536
"""Memories of a shard that is not gathered again."""
MOST_SMALL = 16
"""Shards that may be smaller; then they are made one."""

_COUNT = Fixed(text("SELECT coalesce(sum(memories), 0) FROM word_page WHERE shard IS NULL"))
_LOCK = Fixed(text("SELECT pg_try_advisory_xact_lock(hashtextextended(current_schema() || '.shard', 0))"))
_MELT = Fixed(
    text("""
    WITH chosen AS (
        SELECT number FROM shard
        WHERE memories < :full AND :most <= (SELECT count(*) FROM shard WHERE memories < :full)
        UNION
        SELECT s.number FROM shard s LEFT JOIN word_page p ON p.shard = s.number
        GROUP BY s.number, s.memories HAVING coalesce(sum(p.memories), 0) < s.memories / 2
    ), held AS (
        SELECT 1 FROM word_page WHERE shard IN (SELECT number FROM chosen) FOR UPDATE SKIP LOCKED
    )
    DELETE FROM shard WHERE number IN (SELECT number FROM chosen)
        AND (SELECT count(*) FROM held) = (SELECT count(*) FROM word_page WHERE shard IN (SELECT number FROM chosen))
""")
)
_TAKEN = Fixed(
    text("""
    WITH chosen AS (
        SELECT story_id, first_doc FROM (
            SELECT story_id, first_doc, sum(memories) OVER (ORDER BY first_doc) AS until
            FROM word_page WHERE shard IS NULL
        ) fresh WHERE until <= :full
    ), held AS MATERIALIZED (
        SELECT p.story_id, p.first_doc, p.memories FROM word_page p JOIN chosen USING (story_id, first_doc)
        FOR UPDATE OF p SKIP LOCKED
    ), made AS (
        INSERT INTO shard (memories) SELECT sum(memories) FROM held HAVING count(*) > 0 RETURNING number
    ), taken AS (
        UPDATE word_page p SET shard = made.number FROM made, held h
        WHERE p.story_id = h.story_id AND p.first_doc = h.first_doc
        RETURNING p.story_id, p.first_doc, p.memories, p.docs, p.terms, p.entries
    )
    SELECT (SELECT number FROM made) AS number,
           string_agg(uuid_send(story_id) || int8send(first_doc) || int4send(memories)
                      || int4send(octet_length(terms) / 5), ''::bytea) AS pages,
           string_agg(docs, ''::bytea) AS docs, string_agg(terms, ''::bytea) AS terms,
           string_agg(entries, ''::bytea) AS entries
    FROM taken
"""),
    binary=True,
)


class Shards:
    """What is gathered for searches across all stories."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def gather(self, least: int = FRESH) -> bool:
        """Put a shard's worth of fresh pages in a shard, if there are enough and nobody else does; whether it did.

        Small shards are made one when they are many, and so are those most of whose memories are gone. It waits for
        nobody's lock: pages that somebody is about to remove are left alone.
        """
        if await _COUNT.scalar(self._connection) < least or not await _LOCK.scalar(self._connection):
            return False
        await _MELT.run(self._connection, full=FULL, most=MOST_SMALL)
        (row,) = await _TAKEN.rows(self._connection, full=FULL)
        if row["number"] is None or row["pages"] is None:
            return False
        rows = await asyncio.to_thread(_packed, row)
        await self._copy(row["number"], rows)
        return True

    async def _copy(self, number: int, rows: Sequence[PostingRow]) -> None:
        statement = b"COPY posting (term, shard, memories, heads, entries) FROM STDIN (FORMAT BINARY)"
        async with view_of(self._connection).driver.cursor().copy(statement) as copy:
            copy.set_types(["int4", "int4", "int4", "bytea", "bytea"])
            for row in rows:
                await copy.write_row((row.term, number, row.memories, row.heads, row.entries))


def _packed(row: dict[str, Any]) -> list[PostingRow]:
    pages = PageRows(*(bytes(row[name]) for name in ("pages", "docs", "terms", "entries")))
    return Postings.of_pages(pages).packed()
