"""The story as it is planned and told: its plan, its scenes and every text a scene has had."""

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Double,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chorus.domain.story import CharacterRole, Origin, OutlineCause, RevisionCause, SceneStatus, WorldElementKind
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

story = Table(
    "story",
    metadata,
    id_column(),
    Column("title", Text, nullable=False),
    text_column("premise"),
    Column("language", Text, nullable=False, server_default="English"),
    text_column("style"),
    text_column("style_sample"),
    texts("avoid"),
    Column("origin", enum("story_origin", Origin), nullable=False),
    Column("ancestors", ARRAY(Uuid), nullable=False, server_default="{}"),
    Column("forked_after", Integer),
    created(),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=text("now()"), index=True),
)

unfinished_import = Table(
    "unfinished_import",
    metadata,
    Column("digest", Text, primary_key=True),
    belongs_to("story_id", "story", index=True),
    Column("alive_until", DateTime(timezone=True), nullable=False),
)
"""Manuscripts whose import has not ended, by what they are: who imports the same again goes on with that story."""

concept = Table(
    "concept",
    metadata,
    id_column(),
    belongs_to("story_id", "story"),
    number("number"),
    Column("title", Text, nullable=False),
    text_column("logline"),
    text_column("conflict"),
    text_column("ending"),
    text_column("tone"),
    Column("score", Double, nullable=False, server_default="0"),
    Column("selected", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("story_id", "number"),
)

world_element = Table(
    "world_element",
    metadata,
    id_column(),
    belongs_to("story_id", "story"),
    number("number"),
    Column("kind", enum("world_element_kind", WorldElementKind), nullable=False),
    Column("name", Text, nullable=False),
    text_column("description"),
    UniqueConstraint("story_id", "number"),
)

character = Table(
    "character",
    metadata,
    id_column(),
    belongs_to("story_id", "story"),
    number("number"),
    Column("name", Text, nullable=False),
    texts("aliases"),
    Column("role", enum("character_role", CharacterRole), nullable=False),
    text_column("description"),
    text_column("want"),
    text_column("flaw"),
    text_column("voice"),
    Column("first_scene", Integer),
    UniqueConstraint("story_id", "number"),
    UniqueConstraint("story_id", "name"),
)

chapter = Table(
    "chapter",
    metadata,
    id_column(),
    belongs_to("story_id", "story"),
    number("number"),
    Column("title", Text, nullable=False),
    text_column("plan_title"),
    text_column("summary"),
    UniqueConstraint("story_id", "number"),
)

chapter_telling = Table(
    "chapter_telling",
    metadata,
    belongs_to("story_id", "story", index=True),
    belongs_to("chapter_id", "chapter"),
    Column("told_of", Text, nullable=False),
    text_column("plan_title"),
    text_column("title"),
    text_column("summary"),
    PrimaryKeyConstraint("chapter_id", "told_of"),
)

scene = Table(
    "scene",
    metadata,
    id_column(),
    belongs_to("story_id", "story"),
    belongs_to("chapter_id", "chapter", index=True),
    number("number"),
    text_column("title"),
    json_column("brief"),
    Column("status", enum("scene_status", SceneStatus), nullable=False),
    Column("revision_id", Uuid),
    text_column("summary"),
    number("words"),
    Column("locked", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("story_id", "number"),
)

outline_version = Table(
    "outline_version",
    metadata,
    id_column(),
    belongs_to("story_id", "story"),
    number("number"),
    Column("cause", enum("outline_cause", OutlineCause), nullable=False),
    text_column("note"),
    json_column("outline"),
    created(),
    UniqueConstraint("story_id", "number"),
)
"""Every outline a story has had; a row is written once and never changed."""

revision = Table(
    "revision",
    metadata,
    id_column(),
    belongs_to("story_id", "story", index=True),
    belongs_to("scene_id", "scene"),
    number("number"),
    refers_to("parent_id", "revision"),
    Column("cause", enum("revision_cause", RevisionCause), nullable=False),
    Column("text", Text, nullable=False),
    number("words"),
    refers_to("run_id", "run"),
    refers_to("call_id", "llm_call"),
    text_column("note"),
    Column("digest", JSONB(none_as_null=True)),
    Column("checked", Boolean),
    created(),
    UniqueConstraint("scene_id", "number"),
)
