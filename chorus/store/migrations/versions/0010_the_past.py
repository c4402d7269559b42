"""History: how people changed the canon, and which story was forked from which."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step forward."""
    op.create_table(
        "canon_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("story_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Enum("fact", "character", name="canon_subject_enum"), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), server_default="0", nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_canon_change_story_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canon_change")),
        sa.UniqueConstraint("subject_id", "number", name=op.f("uq_canon_change_subject_id_number")),
    )
    op.create_index(op.f("ix_canon_change_story_id"), "canon_change", ["story_id"])
    op.add_column("story", sa.Column("ancestors", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False))
    op.add_column("story", sa.Column("forked_after", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Step back."""
    op.drop_column("story", "forked_after")
    op.drop_column("story", "ancestors")
    op.drop_table("canon_change")
    op.execute("DROP TYPE canon_subject_enum")
