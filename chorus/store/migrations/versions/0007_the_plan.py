"""What the plan needs: every version of an outline, how a story is to be told, and a question about its concepts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step forward."""
    op.add_column("story", sa.Column("style_sample", sa.Text(), nullable=False, server_default=""))
    op.add_column("story", sa.Column("avoid", postgresql.ARRAY(sa.Text()), nullable=False, server_default="{}"))
    op.execute("ALTER TYPE review_kind_enum ADD VALUE 'concept' BEFORE 'outline'")
    op.create_table(
        "outline_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("story_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cause", sa.Enum("plan", "edit", "more", "restore", name="outline_cause_enum"), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("outline", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["story_id"], ["story.id"], name=op.f("fk_outline_version_story_id_story"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outline_version")),
        sa.UniqueConstraint("story_id", "number", name=op.f("uq_outline_version_story_id_number")),
    )


def downgrade() -> None:
    """Step back; what was asked about concepts goes with the word for it."""
    op.drop_table("outline_version")
    op.execute("DROP TYPE outline_cause_enum")
    op.execute("DELETE FROM review_item WHERE kind = 'concept'")
    op.execute("ALTER TYPE review_kind_enum RENAME TO review_kind_enum_before")
    op.execute("CREATE TYPE review_kind_enum AS ENUM ('outline', 'scene', 'finding', 'budget', 'failure')")
    op.execute("ALTER TABLE review_item ALTER COLUMN kind TYPE review_kind_enum USING kind::text::review_kind_enum")
    op.execute("DROP TYPE review_kind_enum_before")
    op.drop_column("story", "avoid")
    op.drop_column("story", "style_sample")
