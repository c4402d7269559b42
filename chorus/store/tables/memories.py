"""What is recalled by similarity."""

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import Column, Double, Index, Integer, Table, Text, UniqueConstraint, text

from chorus.domain.canon import MemoryKind
from chorus.store.tables.columns import belongs_to, created, enum, id_column, metadata, number, refers_to, texts

memory = Table(
    "memory",
    metadata,
    id_column(),
    belongs_to("story_id", "story"),
    refers_to("scene_id", "scene", cascade=True),
    refers_to("revision_id", "revision", cascade=True),
    number("scene_number"),
    Column("kind", enum("memory_kind", MemoryKind), nullable=False),
    number("number"),
    Column("text", Text, nullable=False),
    Column("span_start", Integer),
    Column("span_end", Integer),
    texts("entities"),
    Column("importance", Double, nullable=False, server_default="0.5"),
    number("valid_from"),
    Column("valid_to", Integer),
    Column("embedding_model", Text),
    Column("embedding", HALFVEC()),
    created(),
    Index("ix_memory_story_id_scene_number", "story_id", "scene_number"),
    Index("ix_memory_pending", "story_id", postgresql_where=text("embedding IS NULL")),
    UniqueConstraint("story_id", "kind", "scene_number", "revision_id", "number", postgresql_nulls_not_distinct=True),
)
