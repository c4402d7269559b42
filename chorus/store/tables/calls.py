"""The ledger: one row for each attempt at an endpoint."""

from sqlalchemy import Boolean, Column, DateTime, Double, Index, Integer, Numeric, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from chorus.domain.llm_call import Outcome
from chorus.store.tables.columns import (
    belongs_to,
    enum,
    id_column,
    json_column,
    metadata,
    number,
    refers_to,
    text_column,
)

llm_call = Table(
    "llm_call",
    metadata,
    id_column(),
    belongs_to("story_id", "story"),
    refers_to("run_id", "run"),
    Column("scene_number", Integer),
    Column("agent", Text, nullable=False),
    Column("node", Text, nullable=False),
    Column("node_path", Text, nullable=False),
    number("attempt", 1),
    text_column("prompt_version"),
    Column("prompt_hash", Text, nullable=False),
    Column("model", Text, nullable=False),
    json_column("settings"),
    Column("settings_hash", Text, nullable=False),
    number("take"),
    text_column("endpoint"),
    json_column("request"),
    Column("manifest", JSONB(none_as_null=True)),
    Column("response_text", Text),
    Column("finish_reason", Text),
    Column("outcome", enum("llm_outcome", Outcome), nullable=False),
    Column("error", Text),
    number("prompt_tokens"),
    number("completion_tokens"),
    number("cached_tokens"),
    number("reasoning_tokens"),
    Column("usage_estimated", Boolean, nullable=False, server_default=text("false")),
    Column("ttft_ms", Double),
    Column("latency_ms", Double),
    Column("cost_usd", Numeric(14, 8)),
    json_column("waits"),
    number("reserved_tokens"),
    Column("reserved_usd", Numeric(14, 8)),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Index("ix_llm_call_address", "story_id", "node_path", "prompt_hash", "model", "settings_hash", "take"),
    Index("ix_llm_call_started_at", "started_at"),
    Index(
        "ix_llm_call_kept",
        "prompt_hash",
        "started_at",
        postgresql_where=text("node_path IN ('generate_world', 'generate_profiles')"),
    ),
)
