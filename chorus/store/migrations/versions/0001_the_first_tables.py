"""The first tables: the whole of the design, so that later steps add and never move."""

import pgvector.sqlalchemy
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ENUMS = (
    "character_role_enum",
    "fact_status_enum",
    "finding_category_enum",
    "finding_severity_enum",
    "finding_status_enum",
    "llm_outcome_enum",
    "memory_kind_enum",
    "review_kind_enum",
    "review_status_enum",
    "revision_cause_enum",
    "run_stage_enum",
    "run_status_enum",
    "scene_status_enum",
    "story_origin_enum",
    "trial_status_enum",
    "world_element_kind_enum",
)


def upgrade() -> None:
    """Step forward."""
    op.execute("CREATE EXTENSION IF NOT EXISTS vector")
    op.create_table(
        "experiment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("design", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experiment")),
    )
    op.create_table(
        "story",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("premise", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.Text(), server_default="English", nullable=False),
        sa.Column("style", sa.Text(), server_default="", nullable=False),
        sa.Column("origin", sa.Enum("written", "imported", name="story_origin_enum"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story")),
    )
    op.create_index(op.f("ix_story_updated_at"), "story", ["updated_at"], unique=False)
    op.create_table(
        "arm",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("experiment_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), server_default="0", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(
            ["experiment_id"], ["experiment.id"], name=op.f("fk_arm_experiment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arm")),
        sa.UniqueConstraint("experiment_id", "number", name=op.f("uq_arm_experiment_id_number")),
    )
    op.create_table(
        "chapter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("story_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), server_default="0", nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_chapter_story_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chapter")),
        sa.UniqueConstraint("story_id", "number", name=op.f("uq_chapter_story_id_number")),
    )
    op.create_table(
        "character",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("story_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), server_default="0", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("aliases", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column(
            "role",
            sa.Enum("protagonist", "antagonist", "ally", "mentor", "minor", name="character_role_enum"),
            nullable=False,
        ),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("want", sa.Text(), server_default="", nullable=False),
        sa.Column("flaw", sa.Text(), server_default="", nullable=False),
        sa.Column("voice", sa.Text(), server_default="", nullable=False),
        sa.Column("first_scene", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_character_story_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_character")),
        sa.UniqueConstraint("story_id", "name", name=op.f("uq_character_story_id_name")),
        sa.UniqueConstraint("story_id", "number", name=op.f("uq_character_story_id_number")),
    )
    op.create_table(
        "concept",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("story_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), server_default="0", nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("logline", sa.Text(), server_default="", nullable=False),
        sa.Column("conflict", sa.Text(), server_default="", nullable=False),
        sa.Column("ending", sa.Text(), server_default="", nullable=False),
        sa.Column("tone", sa.Text(), server_default="", nullable=False),
        sa.Column("score", sa.Double(), server_default="0", nullable=False),
        sa.Column("selected", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_concept_story_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concept")),
        sa.UniqueConstraint("story_id", "number", name=op.f("uq_concept_story_id_number")),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("story_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("queued", "running", "paused", "complete", "failed", "cancelled", name="run_status_enum"),
            nullable=False,
        ),
        sa.Column(
            "stage",
            sa.Enum("concept", "world", "outline", "scenes", "integration", "finished", name="run_stage_enum"),
            nullable=False,
        ),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("take", sa.Integer(), server_default="0", nullable=False),
        sa.Column("priority", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "requested",
            sa.Enum("queued", "running", "paused", "complete", "failed", "cancelled", name="run_status_enum"),
            nullable=True,
        ),
        sa.Column("active_s", sa.Double(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("estimate", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_run_story_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_index("ix_run_status_created_at", "run", ["status", "created_at"], unique=False)
    op.create_index(op.f("ix_run_story_id"), "run", ["story_id"], unique=False)
    op.create_table(
        "world_element",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("story_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "kind",
            sa.Enum("setting", "place", "rule", "object", "culture", "history", name="world_element_kind_enum"),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_world_element_story_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_world_element")),
        sa.UniqueConstraint("story_id", "number", name=op.f("uq_world_element_story_id_number")),
    )
    op.create_table(
        "llm_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("story_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("scene_number", sa.Integer(), nullable=True),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("node_path", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="1", nullable=False),
        sa.Column("prompt_version", sa.Text(), server_default="", nullable=False),
        sa.Column("prompt_hash", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("settings_hash", sa.Text(), nullable=False),
        sa.Column("take", sa.Integer(), server_default="0", nullable=False),
        sa.Column("endpoint", sa.Text(), server_default="", nullable=False),
        sa.Column("request", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("manifest", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("response_text", sa.Text(), nullable=True),
        sa.Column("finish_reason", sa.Text(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "in_flight",
                "ok",
                "truncated",
                "invalid_json",
                "schema_mismatch",
                "empty",
                "refusal",
                "content_filter",
                "rate_limited",
                "quota_exhausted",
                "server_error",
                "timeout",
                "connection_error",
                "stream_cut",
                "auth_error",
                "not_found",
                "bad_request",
                "context_overflow",
                "not_an_llm",
                "cancelled",
                name="llm_outcome_enum",
            ),
            nullable=False,
        ),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("prompt_tokens", sa.Integer(), server_default="0", nullable=False),
        sa.Column("completion_tokens", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cached_tokens", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reasoning_tokens", sa.Integer(), server_default="0", nullable=False),
        sa.Column("usage_estimated", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("ttft_ms", sa.Double(), nullable=True),
        sa.Column("latency_ms", sa.Double(), nullable=True),
        sa.Column("cost_usd", sa.Numeric(precision=14, scale=8), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_llm_call_run_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_llm_call_story_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_llm_call")),
    )
    op.create_index(
        "ix_llm_call_address",
        "llm_call",
        ["story_id", "node_path", "prompt_hash", "model", "settings_hash", "take"],
        unique=False,
    )
    op.create_index(op.f("ix_llm_call_run_id"), "llm_call", ["run_id"], unique=False)
    op.create_index("ix_llm_call_started_at", "llm_call", ["started_at"], unique=False)
    op.create_table(
        "relationship",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("story_id", sa.Uuid(), nullable=False),
        sa.Column("character_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("valid_from", sa.Integer(), server_default="0", nullable=False),
        sa.Column("valid_to", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["character_id"], ["character.id"], name=op.f("fk_relationship_character_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["character.id"], name=op.f("fk_relationship_other_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_relationship_story_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relationship")),
    )
    op.create_index(op.f("ix_relationship_character_id"), "relationship", ["character_id"], unique=False)
    op.create_index(op.f("ix_relationship_other_id"), "relationship", ["other_id"], unique=False)
    op.create_index(op.f("ix_relationship_story_id"), "relationship", ["story_id"], unique=False)
    op.create_table(
        "run_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("story_id", sa.Uuid(), nullable=False),
        sa.Column("scene_number", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_run_event_run_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_run_event_story_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_event")),
    )
    op.create_index("ix_run_event_run_id_id", "run_event", ["run_id", "id"], unique=False)
    op.create_index(op.f("ix_run_event_story_id"), "run_event", ["story_id"], unique=False)
    op.create_table(
        "scene",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("story_id", sa.Uuid(), nullable=False),
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), server_default="0", nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("brief", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column(
            "status",
            sa.Enum("queued", "drafting", "in_review", "rejected", "approved", name="scene_status_enum"),
            nullable=False,
        ),
        sa.Column("revision_id", sa.Uuid(), nullable=True),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("words", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["chapter_id"], ["chapter.id"], name=op.f("fk_scene_chapter_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_scene_story_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scene")),
        sa.UniqueConstraint("story_id", "number", name=op.f("uq_scene_story_id_number")),
    )
    op.create_index(op.f("ix_scene_chapter_id"), "scene", ["chapter_id"], unique=False)
    op.create_table(
        "trial",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("experiment_id", sa.Uuid(), nullable=False),
        sa.Column("arm_id", sa.Uuid(), nullable=False),
        sa.Column("premise_number", sa.Integer(), server_default="0", nullable=False),
        sa.Column("repeat", sa.Integer(), server_default="0", nullable=False),
        sa.Column("story_id", sa.Uuid(), nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status", sa.Enum("planned", "running", "complete", "failed", name="trial_status_enum"), nullable=False
        ),
        sa.Column("measures", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["arm_id"], ["arm.id"], name=op.f("fk_trial_arm_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["experiment_id"], ["experiment.id"], name=op.f("fk_trial_experiment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_trial_run_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_trial_story_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial")),
        sa.UniqueConstraint("arm_id", "premise_number", "repeat", name=op.f("uq_trial_arm_id_premise_number_repeat")),
    )
    op.create_index(op.f("ix_trial_experiment_id"), "trial", ["experiment_id"], unique=False)
    op.create_index(op.f("ix_trial_run_id"), "trial", ["run_id"], unique=False)
    op.create_index(op.f("ix_trial_story_id"), "trial", ["story_id"], unique=False)
    op.create_table(
        "review_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("story_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("scene_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind", sa.Enum("outline", "scene", "finding", "budget", "failure", name="review_kind_enum"), nullable=False
        ),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("status", sa.Enum("open", "resolved", name="review_status_enum"), nullable=False),
        sa.Column("resolution", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_review_item_run_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["scene_id"], ["scene.id"], name=op.f("fk_review_item_scene_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_review_item_story_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_item")),
    )
    op.create_index(
        "ix_review_item_open", "review_item", ["created_at"], unique=False, postgresql_where=sa.text("status = 'open'")
    )
    op.create_index(op.f("ix_review_item_run_id"), "review_item", ["run_id"], unique=False)
    op.create_index(op.f("ix_review_item_scene_id"), "review_item", ["scene_id"], unique=False)
    op.create_index(op.f("ix_review_item_story_id"), "review_item", ["story_id"], unique=False)
    op.create_table(
        "revision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("story_id", sa.Uuid(), nullable=False),
        sa.Column("scene_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), server_default="0", nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column(
            "cause",
            sa.Enum("draft", "revision", "edit", "import", "restore", name="revision_cause_enum"),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("words", sa.Integer(), server_default="0", nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("digest", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["llm_call.id"], name=op.f("fk_revision_call_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["revision.id"], name=op.f("fk_revision_parent_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_revision_run_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["scene_id"], ["scene.id"], name=op.f("fk_revision_scene_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_revision_story_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sa.UniqueConstraint("scene_id", "number", name=op.f("uq_revision_scene_id_number")),
    )
    op.create_index(op.f("ix_revision_call_id"), "revision", ["call_id"], unique=False)
    op.create_index(op.f("ix_revision_parent_id"), "revision", ["parent_id"], unique=False)
    op.create_index(op.f("ix_revision_run_id"), "revision", ["run_id"], unique=False)
    op.create_index(op.f("ix_revision_story_id"), "revision", ["story_id"], unique=False)
    op.create_table(
        "character_state",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("story_id", sa.Uuid(), nullable=False),
        sa.Column("character_id", sa.Uuid(), nullable=False),
        sa.Column("scene_number", sa.Integer(), server_default="0", nullable=False),
        sa.Column("revision_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("condition", sa.Text(), server_default="", nullable=False),
        sa.Column("goal", sa.Text(), server_default="", nullable=False),
        sa.Column("alive", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.ForeignKeyConstraint(
            ["character_id"], ["character.id"], name=op.f("fk_character_state_character_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_character_state_revision_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["story.id"], name=op.f("fk_character_state_story_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_character_state")),
        sa.UniqueConstraint(
            "character_id",
            "scene_number",
            "revision_id",
            name=op.f("uq_character_state_character_id_scene_number_revision_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_character_state_revision_id"), "character_state", ["revision_id"], unique=False)
    op.create_index(
        "ix_character_state_story_id_scene_number", "character_state", ["story_id", "scene_number"], unique=False
    )
    op.create_table(
        "fact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("story_id", sa.Uuid(), nullable=False),
        sa.Column("scene_id", sa.Uuid(), nullable=True),
        sa.Column("revision_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), server_default="0", nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), server_default="", nullable=False),
        sa.Column("span_start", sa.Integer(), nullable=True),
        sa.Column("span_end", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Integer(), server_default="0", nullable=False),
        sa.Column("valid_to", sa.Integer(), nullable=True),
        sa.Column("known_by", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column(
            "status",
            sa.Enum("planned", "proposed", "established", "retracted", name="fact_status_enum"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_fact_revision_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["scene_id"], ["scene.id"], name=op.f("fk_fact_scene_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_fact_story_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact")),
    )
    op.create_index(op.f("ix_fact_revision_id"), "fact", ["revision_id"], unique=False)
    op.create_index(op.f("ix_fact_scene_id"), "fact", ["scene_id"], unique=False)
    op.create_index("ix_fact_story_id_valid_from", "fact", ["story_id", "valid_from"], unique=False)
    op.create_table(
        "finding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("story_id", sa.Uuid(), nullable=False),
        sa.Column("scene_id", sa.Uuid(), nullable=False),
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "category",
            sa.Enum("timeline", "character", "world", "detail", "style", name="finding_category_enum"),
            nullable=False,
        ),
        sa.Column("severity", sa.Enum("minor", "major", name="finding_severity_enum"), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("other_quote", sa.Text(), server_default="", nullable=False),
        sa.Column("other_scene", sa.Integer(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("status", sa.Enum("open", "resolved", "dismissed", name="finding_status_enum"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_finding_revision_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_finding_run_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["scene_id"], ["scene.id"], name=op.f("fk_finding_scene_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_finding_story_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("revision_id", "number", name=op.f("uq_finding_revision_id_number")),
    )
    op.create_index(op.f("ix_finding_run_id"), "finding", ["run_id"], unique=False)
    op.create_index(op.f("ix_finding_scene_id"), "finding", ["scene_id"], unique=False)
    op.create_index(op.f("ix_finding_story_id"), "finding", ["story_id"], unique=False)
    op.create_table(
        "memory",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("story_id", sa.Uuid(), nullable=False),
        sa.Column("scene_id", sa.Uuid(), nullable=True),
        sa.Column("revision_id", sa.Uuid(), nullable=True),
        sa.Column("scene_number", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "kind",
            sa.Enum("scene_summary", "fact", "passage", "lore", "character_state", name="memory_kind_enum"),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), server_default="0", nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("span_start", sa.Integer(), nullable=True),
        sa.Column("span_end", sa.Integer(), nullable=True),
        sa.Column("entities", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("importance", sa.Double(), server_default="0.5", nullable=False),
        sa.Column("valid_from", sa.Integer(), server_default="0", nullable=False),
        sa.Column("valid_to", sa.Integer(), nullable=True),
        sa.Column("embedding_model", sa.Text(), nullable=True),
        sa.Column("embedding", pgvector.sqlalchemy.HALFVEC(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_memory_revision_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["scene_id"], ["scene.id"], name=op.f("fk_memory_scene_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_memory_story_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memory")),
        sa.UniqueConstraint(
            "story_id",
            "kind",
            "scene_number",
            "revision_id",
            "number",
            name=op.f("uq_memory_story_id_kind_scene_number_revision_id_number"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        "ix_memory_pending", "memory", ["story_id"], unique=False, postgresql_where=sa.text("embedding IS NULL")
    )
    op.create_index(op.f("ix_memory_revision_id"), "memory", ["revision_id"], unique=False)
    op.create_index(op.f("ix_memory_scene_id"), "memory", ["scene_id"], unique=False)
    op.create_index("ix_memory_story_id_scene_number", "memory", ["story_id", "scene_number"], unique=False)


def downgrade() -> None:
    """Step back."""
    op.drop_table("memory")
    op.drop_table("finding")
    op.drop_table("fact")
    op.drop_table("character_state")
    op.drop_table("revision")
    op.drop_table("review_item")
    op.drop_table("trial")
    op.drop_table("scene")
    op.drop_table("run_event")
    op.drop_table("relationship")
    op.drop_table("llm_call")
    op.drop_table("world_element")
    op.drop_table("run")
    op.drop_table("concept")
    op.drop_table("character")
    op.drop_table("chapter")
    op.drop_table("arm")
    op.drop_table("story")
    op.drop_table("experiment")
    for name in ENUMS:
        op.execute(f"DROP TYPE {name}")
