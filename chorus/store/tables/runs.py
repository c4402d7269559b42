"""Runs, what happened in them, and what they ask of a person."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from chorus.domain.run import ReviewKind, ReviewStatus, RunStatus, Stage
from chorus.store.tables.columns import belongs_to, created, enum, id_column, json_column, metadata, number, refers_to

run = Table(
    "run",
    metadata,
    id_column(),
    belongs_to("story_id", "story", index=True),
    Column("status", enum("run_status", RunStatus), nullable=False),
    Column("stage", enum("run_stage", Stage), nullable=False),
    json_column("settings"),
    number("take"),
    number("priority"),
    Column("dispatched", Boolean, nullable=False, server_default="false"),
    Column("fence", BigInteger, nullable=False, server_default="0"),
    Column("lease_owner", Text),
    Column("lease_until", DateTime(timezone=True)),
    Column("requested", enum("run_status", RunStatus)),
    Column("active_s", Double, nullable=False, server_default="0"),
    Column("error", Text),
    Column("estimate", JSONB(none_as_null=True)),
    created(),
    Column("started_at", DateTime(timezone=True)),
    Column("finished_at", DateTime(timezone=True)),
    Index("ix_run_status_created_at", "status", "created_at"),
    Index("ix_run_dispatched", "status", postgresql_where=text("dispatched AND status IN ('queued', 'running')")),
)

run_event = Table(
    "run_event",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    belongs_to("run_id", "run"),
    belongs_to("story_id", "story", index=True),
    Column("scene_number", Integer),
    Column("kind", Text, nullable=False),
    Column("message", Text, nullable=False),
    json_column("data"),
    created(),
    Index("ix_run_event_run_id_id", "run_id", "id"),
)

live_draft = Table(
    "live_draft",
    metadata,
    Column("run_id", Uuid, ForeignKey("run.id", ondelete="CASCADE"), primary_key=True),
    Column("scene_number", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    prefixes=["UNLOGGED"],
)
"""Written twice a second while prose streams in, and worth nothing after a crash."""

review_item = Table(
    "review_item",
    metadata,
    id_column(),
    belongs_to("story_id", "story", index=True),
    refers_to("run_id", "run", cascade=True),
    refers_to("scene_id", "scene", cascade=True),
    Column("kind", enum("review_kind", ReviewKind), nullable=False),
    Column("question", Text, nullable=False),
    json_column("details"),
    Column("status", enum("review_status", ReviewStatus), nullable=False),
    Column("resolution", JSONB(none_as_null=True)),
    created(),
    Column("resolved_at", DateTime(timezone=True)),
    Index("ix_review_item_open", "created_at", postgresql_where=text("status = 'open'")),
)
