"""What whole days of calls add up to. Made of ``llm_call``, and made again when one of its calls is touched later."""

from typing import Any

from pgvector.sqlalchemy import VECTOR
from sqlalchemy import BigInteger, Column, Date, DateTime, Double, Index, Numeric, SmallInteger, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY

from chorus.domain.llm_call import Outcome
from chorus.domain.sketch import BINS
from chorus.store.tables.columns import enum, metadata

rolled_day = Table(
    "rolled_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("rolled_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
)
"""The days (UTC) that the other two hold; a trigger takes a day out when a call of it is kept late or changed."""


def _what() -> list[Column[Any]]:
    """What a filter names."""
    names = ("agent", "node", "model", "prompt_version")
    columns: list[Column[Any]] = [Column(name, Text, nullable=False) for name in names]
    return [*columns, Column("outcome", _OUTCOME, nullable=False)]


def _sums() -> list[Column[Any]]:
    """What calls add up to."""
    names = ("calls", "prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens", "unpriced")
    columns: list[Column[Any]] = [Column(name, BigInteger, nullable=False) for name in names]
    return [
        *columns,
        Column("cost_usd", Numeric(18, 8)),
        Column("timed_tokens", BigInteger),
        Column("timed_ms", Double),
    ]


_OUTCOME = enum("llm_outcome", Outcome)

call_day = Table(
    "call_day",
    metadata,
    Column("day", Date, nullable=False),
    *_what(),
    Column("first_at", DateTime(timezone=True), nullable=False),
    Column("last_at", DateTime(timezone=True), nullable=False),
    *_sums(),
    Column("latency", VECTOR(BINS)),
    Column("ttft", VECTOR(BINS)),
    Index("ix_call_day_day", "day"),
)

call_day_of_run = Table(
    "call_day_of_run",
    metadata,
    Column("day", Date, nullable=False),
    Column("story_id", Uuid, nullable=False),
    Column("run_id", Uuid),
    *_what(),
    *_sums(),
    Column("latency", ARRAY(SmallInteger)),
    Column("ttft", ARRAY(SmallInteger)),
    Index("ix_call_day_of_run_day", "day"),
    Index("ix_call_day_of_run_story_id", "story_id"),
    Index("ix_call_day_of_run_run_id", "run_id"),
)
"""The same of each run, with the bins of its few calls in place of counts for every bin."""
