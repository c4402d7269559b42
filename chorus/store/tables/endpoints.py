"""What all processes share about the endpoints: limits used up, who is in trouble, how they are spoken to."""

from sqlalchemy import Column, DateTime, Double, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from chorus.store.tables.columns import created, metadata, number

rate_bucket = Table(
    "rate_bucket",
    metadata,
    Column("name", Text, primary_key=True),
    # seconds since the epoch by the database's clock
    Column("events_s", Double, nullable=False, server_default="0"),
    Column("weight_s", Double, nullable=False, server_default="0"),
    Column("granted_s", Double, nullable=False, server_default="0"),
)

circuit = Table(
    "circuit",
    metadata,
    Column("place", Text, primary_key=True),
    number("probes"),
    Column("probe_at", DateTime(timezone=True), nullable=False),
    created(),
)

dialect = Table(
    "dialect",
    metadata,
    Column("place", Text, primary_key=True),
    Column("words", JSONB, nullable=False),
    Column("learned_at", DateTime(timezone=True), nullable=False),
)
