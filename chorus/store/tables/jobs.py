"""Who works on the jobs. The jobs themselves are in tables that procrastinate makes as it wants them."""

from sqlalchemy import Column, DateTime, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY

from chorus.store.tables.columns import id_column, metadata

PROCRASTINATE = frozenset(
    {"procrastinate_events", "procrastinate_jobs", "procrastinate_periodic_defers", "procrastinate_workers"}
)
"""Tables that are not ours: the migrations bring them, and nothing here says what their columns are."""

worker = Table(
    "worker",
    metadata,
    id_column(),
    Column("owner", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("version", Text, nullable=False),
    Column("concurrency", Integer, nullable=False),
    Column("runs", ARRAY(Uuid), nullable=False, server_default="{}"),
    Column("started_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("seen_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
)
