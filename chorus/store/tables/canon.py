"""What holds in a story and what contradicts it: states, relations, facts, findings."""

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text, UniqueConstraint, Uuid, text

from chorus.domain.canon import FactStatus, FindingCategory, FindingStatus, Severity
from chorus.domain.edit import CanonSubject
from chorus.store.tables.columns import (
    belongs_to,
    created,
    enum,
    id_column,
    json_column,
    metadata,
    number,
    refers_to,
    text_column,
    texts,
)

character_state = Table(
    "character_state",
    metadata,
    id_column(),
    belongs_to("story_id", "story"),
    belongs_to("character_id", "character"),
    number("scene_number"),
    refers_to("revision_id", "revision", cascade=True),
    text_column("place"),
    text_column("condition"),
    text_column("goal"),
    Column("alive", Boolean, nullable=False, server_default=text("true")),
    Index("ix_character_state_story_id_scene_number", "story_id", "scene_number"),
    UniqueConstraint("character_id", "scene_number", "revision_id", postgresql_nulls_not_distinct=True),
)

relationship = Table(
    "relationship",
    metadata,
    id_column(),
    belongs_to("story_id", "story", index=True),
    belongs_to("character_id", "character", index=True),
    belongs_to("other_id", "character", index=True),
    Column("kind", Text, nullable=False),
    text_column("description"),
    number("valid_from"),
    Column("valid_to", Integer),
    refers_to("revision_id", "revision", cascade=True),
)

fact = Table(
    "fact",
    metadata,
    id_column(),
    belongs_to("story_id", "story"),
    refers_to("scene_id", "scene", cascade=True),
    refers_to("revision_id", "revision", cascade=True),
    number("number"),
    text_column("subject"),
    text_column("aspect"),
    Column("statement", Text, nullable=False),
    text_column("evidence"),
    Column("span_start", Integer),
    Column("span_end", Integer),
    number("valid_from"),
    Column("valid_to", Integer),
    texts("known_by"),
    Column("status", enum("fact_status", FactStatus), nullable=False),
    Index("ix_fact_story_id_valid_from", "story_id", "valid_from"),
)

finding = Table(
    "finding",
    metadata,
    id_column(),
    belongs_to("story_id", "story", index=True),
    belongs_to("scene_id", "scene", index=True),
    belongs_to("revision_id", "revision"),
    refers_to("run_id", "run"),
    number("number"),
    Column("category", enum("finding_category", FindingCategory), nullable=False),
    Column("severity", enum("finding_severity", Severity), nullable=False),
    Column("description", Text, nullable=False),
    Column("quote", Text, nullable=False),
    text_column("other_quote"),
    Column("other_scene", Integer),
    Column("origin", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default="judged"),
    Column("status", enum("finding_status", FindingStatus), nullable=False),
    created(),
    UniqueConstraint("revision_id", "number"),
)

canon_change = Table(
    "canon_change",
    metadata,
    id_column(),
    belongs_to("story_id", "story", index=True),
    Column("subject", enum("canon_subject", CanonSubject), nullable=False),
    Column("subject_id", Uuid, nullable=False),
    number("number"),
    json_column("before"),
    json_column("after"),
    text_column("note"),
    created(),
    UniqueConstraint("subject_id", "number"),
)
"""How people changed facts and characters; a subject may be gone, its history stays."""
