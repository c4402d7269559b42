"""Every table, its native enum types and its indexes. What changes here needs a migration beside it."""

from enum import StrEnum

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    Enum,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chorus.domain.canon import FactStatus, FindingCategory, FindingStatus, MemoryKind, Severity
from chorus.domain.experiment import TrialStatus
from chorus.domain.llm_call import Outcome
from chorus.domain.run import ReviewKind, ReviewStatus, RunStatus, Stage
from chorus.domain.story import CharacterRole, Origin, RevisionCause, SceneStatus, WorldElementKind

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _enum(name: str, values: type[StrEnum]) -> Enum:
    return Enum(values, name=f"{name}_enum", values_callable=lambda members: [m.value for m in members])


def _id() -> Column[object]:
    return Column("id", Uuid, primary_key=True)


def _belongs_to(name: str, table: str, *, index: bool = False) -> Column[object]:
    """A row that goes when what it belongs to goes."""
    return Column(name, Uuid, ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=False, index=index)


def _refers_to(name: str, table: str, *, cascade: bool = False) -> Column[object]:
    """A row that outlives what it refers to, unless ``cascade``."""
    action = "CASCADE" if cascade else "SET NULL"
    return Column(name, Uuid, ForeignKey(f"{table}.id", ondelete=action), index=True)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _texts(name: str) -> Column[object]:
    return Column(name, ARRAY(Text), nullable=False, server_default="{}")


def _json(name: str) -> Column[object]:
    return Column(name, JSONB, nullable=False, server_default="{}")


def _number(name: str, default: int = 0) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=str(default))


def _created() -> Column[object]:
    return Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()"))


story = Table(
    "story",
    metadata,
    _id(),
    Column("title", Text, nullable=False),
    _text("premise"),
    Column("language", Text, nullable=False, server_default="English"),
    _text("style"),
    Column("origin", _enum("story_origin", Origin), nullable=False),
    _created(),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=text("now()"), index=True),
)

concept = Table(
    "concept",
    metadata,
    _id(),
    _belongs_to("story_id", "story"),
    _number("number"),
    Column("title", Text, nullable=False),
    _text("logline"),
    _text("conflict"),
    _text("ending"),
    _text("tone"),
    Column("score", Double, nullable=False, server_default="0"),
    Column("selected", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("story_id", "number"),
)

world_element = Table(
    "world_element",
    metadata,
    _id(),
    _belongs_to("story_id", "story"),
    _number("number"),
    Column("kind", _enum("world_element_kind", WorldElementKind), nullable=False),
    Column("name", Text, nullable=False),
    _text("description"),
    UniqueConstraint("story_id", "number"),
)

character = Table(
    "character",
    metadata,
    _id(),
    _belongs_to("story_id", "story"),
    _number("number"),
    Column("name", Text, nullable=False),
    _texts("aliases"),
    Column("role", _enum("character_role", CharacterRole), nullable=False),
    _text("description"),
    _text("want"),
    _text("flaw"),
    _text("voice"),
    Column("first_scene", Integer),
    UniqueConstraint("story_id", "number"),
    UniqueConstraint("story_id", "name"),
)

chapter = Table(
    "chapter",
    metadata,
    _id(),
    _belongs_to("story_id", "story"),
    _number("number"),
    Column("title", Text, nullable=False),
    _text("summary"),
    UniqueConstraint("story_id", "number"),
)

scene = Table(
    "scene",
    metadata,
    _id(),
    _belongs_to("story_id", "story"),
    _belongs_to("chapter_id", "chapter", index=True),
    _number("number"),
    _text("title"),
    _json("brief"),
    Column("status", _enum("scene_status", SceneStatus), nullable=False),
    Column("revision_id", Uuid),
    _text("summary"),
    _number("words"),
    Column("locked", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("story_id", "number"),
)

run = Table(
    "run",
    metadata,
    _id(),
    _belongs_to("story_id", "story", index=True),
    Column("status", _enum("run_status", RunStatus), nullable=False),
    Column("stage", _enum("run_stage", Stage), nullable=False),
    _json("settings"),
    _number("take"),
    _number("priority"),
    Column("fence", BigInteger, nullable=False, server_default="0"),
    Column("lease_owner", Text),
    Column("lease_until", DateTime(timezone=True)),
    Column("requested", _enum("run_status", RunStatus)),
    Column("active_s", Double, nullable=False, server_default="0"),
    Column("error", Text),
    Column("estimate", JSONB),
    _created(),
    Column("started_at", DateTime(timezone=True)),
    Column("finished_at", DateTime(timezone=True)),
    Index("ix_run_status_created_at", "status", "created_at"),
)

llm_call = Table(
    "llm_call",
    metadata,
    _id(),
    _belongs_to("story_id", "story"),
    _refers_to("run_id", "run"),
    Column("scene_number", Integer),
    Column("agent", Text, nullable=False),
    Column("node", Text, nullable=False),
    Column("node_path", Text, nullable=False),
    _number("attempt", 1),
    _text("prompt_version"),
    Column("prompt_hash", Text, nullable=False),
    Column("model", Text, nullable=False),
    _json("settings"),
    Column("settings_hash", Text, nullable=False),
    _number("take"),
    _text("endpoint"),
    _json("request"),
    Column("manifest", JSONB),
    Column("response_text", Text),
    Column("finish_reason", Text),
    Column("outcome", _enum("llm_outcome", Outcome), nullable=False),
    Column("error", Text),
    _number("prompt_tokens"),
    _number("completion_tokens"),
    _number("cached_tokens"),
    _number("reasoning_tokens"),
    Column("usage_estimated", Boolean, nullable=False, server_default=text("false")),
    Column("ttft_ms", Double),
    Column("latency_ms", Double),
    Column("cost_usd", Numeric(14, 8)),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Index("ix_llm_call_address", "story_id", "node_path", "prompt_hash", "model", "settings_hash", "take"),
    Index("ix_llm_call_started_at", "started_at"),
)

revision = Table(
    "revision",
    metadata,
    _id(),
    _belongs_to("story_id", "story", index=True),
    _belongs_to("scene_id", "scene"),
    _number("number"),
    _refers_to("parent_id", "revision"),
    Column("cause", _enum("revision_cause", RevisionCause), nullable=False),
    Column("text", Text, nullable=False),
    _number("words"),
    _refers_to("run_id", "run"),
    _refers_to("call_id", "llm_call"),
    _text("note"),
    Column("digest", JSONB),
    _created(),
    UniqueConstraint("scene_id", "number"),
)

character_state = Table(
    "character_state",
    metadata,
    _id(),
    _belongs_to("story_id", "story"),
    _belongs_to("character_id", "character"),
    _number("scene_number"),
    _refers_to("revision_id", "revision", cascade=True),
    _text("place"),
    _text("condition"),
    _text("goal"),
    Column("alive", Boolean, nullable=False, server_default=text("true")),
    Index("ix_character_state_story_id_scene_number", "story_id", "scene_number"),
    UniqueConstraint("character_id", "scene_number", "revision_id", postgresql_nulls_not_distinct=True),
)

relationship = Table(
    "relationship",
    metadata,
    _id(),
    _belongs_to("story_id", "story", index=True),
    _belongs_to("character_id", "character", index=True),
    _belongs_to("other_id", "character", index=True),
    Column("kind", Text, nullable=False),
    _text("description"),
    _number("valid_from"),
    Column("valid_to", Integer),
)

fact = Table(
    "fact",
    metadata,
    _id(),
    _belongs_to("story_id", "story"),
    _refers_to("scene_id", "scene", cascade=True),
    _refers_to("revision_id", "revision", cascade=True),
    _number("number"),
    _text("subject"),
    Column("statement", Text, nullable=False),
    _text("evidence"),
    Column("span_start", Integer),
    Column("span_end", Integer),
    _number("valid_from"),
    Column("valid_to", Integer),
    _texts("known_by"),
    Column("status", _enum("fact_status", FactStatus), nullable=False),
    Index("ix_fact_story_id_valid_from", "story_id", "valid_from"),
)

memory = Table(
    "memory",
    metadata,
    _id(),
    _belongs_to("story_id", "story"),
    _refers_to("scene_id", "scene", cascade=True),
    _refers_to("revision_id", "revision", cascade=True),
    _number("scene_number"),
    Column("kind", _enum("memory_kind", MemoryKind), nullable=False),
    _number("number"),
    Column("text", Text, nullable=False),
    Column("span_start", Integer),
    Column("span_end", Integer),
    _texts("entities"),
    Column("importance", Double, nullable=False, server_default="0.5"),
    _number("valid_from"),
    Column("valid_to", Integer),
    Column("embedding_model", Text),
    Column("embedding", HALFVEC()),
    _created(),
    Index("ix_memory_story_id_scene_number", "story_id", "scene_number"),
    Index("ix_memory_pending", "story_id", postgresql_where=text("embedding IS NULL")),
    UniqueConstraint("story_id", "kind", "scene_number", "revision_id", "number", postgresql_nulls_not_distinct=True),
)

finding = Table(
    "finding",
    metadata,
    _id(),
    _belongs_to("story_id", "story", index=True),
    _belongs_to("scene_id", "scene", index=True),
    _belongs_to("revision_id", "revision"),
    _refers_to("run_id", "run"),
    _number("number"),
    Column("category", _enum("finding_category", FindingCategory), nullable=False),
    Column("severity", _enum("finding_severity", Severity), nullable=False),
    Column("description", Text, nullable=False),
    Column("quote", Text, nullable=False),
    _text("other_quote"),
    Column("other_scene", Integer),
    Column("origin", Text, nullable=False),
    Column("status", _enum("finding_status", FindingStatus), nullable=False),
    _created(),
    UniqueConstraint("revision_id", "number"),
)

run_event = Table(
    "run_event",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    _belongs_to("run_id", "run"),
    _belongs_to("story_id", "story", index=True),
    Column("scene_number", Integer),
    Column("kind", Text, nullable=False),
    Column("message", Text, nullable=False),
    _json("data"),
    _created(),
    Index("ix_run_event_run_id_id", "run_id", "id"),
)

review_item = Table(
    "review_item",
    metadata,
    _id(),
    _belongs_to("story_id", "story", index=True),
    _refers_to("run_id", "run", cascade=True),
    _refers_to("scene_id", "scene", cascade=True),
    Column("kind", _enum("review_kind", ReviewKind), nullable=False),
    Column("question", Text, nullable=False),
    _json("details"),
    Column("status", _enum("review_status", ReviewStatus), nullable=False),
    Column("resolution", JSONB),
    _created(),
    Column("resolved_at", DateTime(timezone=True)),
    Index("ix_review_item_open", "created_at", postgresql_where=text("status = 'open'")),
)

experiment = Table(
    "experiment",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    _json("design"),
    _created(),
)

arm = Table(
    "arm",
    metadata,
    _id(),
    _belongs_to("experiment_id", "experiment"),
    _number("number"),
    Column("name", Text, nullable=False),
    _json("settings"),
    UniqueConstraint("experiment_id", "number"),
)

trial = Table(
    "trial",
    metadata,
    _id(),
    _belongs_to("experiment_id", "experiment", index=True),
    _belongs_to("arm_id", "arm"),
    _number("premise_number"),
    _number("repeat"),
    _refers_to("story_id", "story"),
    _refers_to("run_id", "run"),
    Column("status", _enum("trial_status", TrialStatus), nullable=False),
    _json("measures"),
    UniqueConstraint("arm_id", "premise_number", "repeat"),
)
