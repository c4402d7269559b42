"""What is recalled by similarity, and the postings through which it is found by its words."""

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

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
    Column("doc", BigInteger, Identity(always=True), nullable=False),
    Index("ix_memory_doc", "doc", unique=True),
    Index("ix_memory_story_id_scene_number", "story_id", "scene_number"),
    Index("ix_memory_pending", "story_id", postgresql_where=text("embedding IS NULL")),
    UniqueConstraint("story_id", "kind", "scene_number", "revision_id", "number", postgresql_nulls_not_distinct=True),
)

posting = Table(
    "posting",
    metadata,
    Column("term", Text(collation="C"), nullable=False),
    belongs_to("story_id", "story"),
    Column("block", Integer, nullable=False),
    Column("entries", LargeBinary, nullable=False),
    PrimaryKeyConstraint("term", "story_id", "block"),
    Index("ix_posting_story_id_block", "story_id", "block"),
    postgresql_with={"fillfactor": 70},
)
"""The memories of a story in which a term stands, a thousand a block; triggers keep them (migration 0004)."""
