"""What is recalled by similarity, and that through which it is found by its words."""

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
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
    Column("text", Text),
    Column("span_start", Integer),
    Column("span_end", Integer),
    texts("entities"),
    texts("known_by"),
    Column("importance", Double, nullable=False, server_default="0.5"),
    number("valid_from"),
    Column("valid_to", Integer),
    Column("embedding_model", Text),
    Column("embedding", HALFVEC()),
    created(),
    Column("doc", BigInteger, Identity(always=True), nullable=False),
    Index("ix_memory_doc", "doc", unique=True),
    Index("ix_memory_story_id_scene_number", "story_id", "scene_number"),
    Index("ix_memory_embedding_model", "embedding_model"),
    Index("ix_memory_pending", "story_id", postgresql_where=text("embedding IS NULL")),
    UniqueConstraint("story_id", "kind", "scene_number", "revision_id", "number", postgresql_nulls_not_distinct=True),
)
"""``text`` is NULL where it stands in the revision at its span: a trigger sees to that, and ``told`` reads it."""

word_page = Table(
    "word_page",
    metadata,
    belongs_to("story_id", "story"),
    Column("first_doc", BigInteger, nullable=False),
    Column("memories", Integer, nullable=False),
    Column("docs", LargeBinary, nullable=False),
    Column("terms", LargeBinary, nullable=False),
    Column("entries", LargeBinary, nullable=False),
    Column("shard", Integer, ForeignKey("shard.number", ondelete="SET NULL"), index=True),
    PrimaryKeyConstraint("story_id", "first_doc"),
)
"""Which words stand in some memories of a story; triggers write it, once (migration 0016, ``store.postings``)."""

shard = Table(
    "shard",
    metadata,
    Column("number", Integer, Identity(always=True), primary_key=True),
    Column("memories", Integer, nullable=False),
)
"""Memories whose postings were gathered together."""

posting = Table(
    "posting",
    metadata,
    Column("term", Integer, nullable=False, autoincrement=False),
    Column("shard", Integer, ForeignKey("shard.number", ondelete="CASCADE"), nullable=False, autoincrement=False),
    Column("memories", Integer, nullable=False),
    Column("heads", LargeBinary, nullable=False),
    Column("entries", LargeBinary, nullable=False),
    PrimaryKeyConstraint("term", "shard"),
    Index("ix_posting_shard", "shard"),
)
"""The memories of a shard in which a term stands; made of pages, and made anew at need."""
