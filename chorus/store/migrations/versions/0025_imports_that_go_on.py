"""An import that was stopped is known by its manuscript until it has ended, whoever made its vectors meanwhile."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step forward."""
    op.create_table(
        "unfinished_import",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("story_id", sa.Uuid(), nullable=False),
        sa.Column("alive_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["story_id"], ["story.id"], name=op.f("fk_unfinished_import_story_id_story"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_unfinished_import")),
    )
    op.create_index(op.f("ix_unfinished_import_story_id"), "unfinished_import", ["story_id"])


def downgrade() -> None:
    """Step back."""
    op.drop_table("unfinished_import")
