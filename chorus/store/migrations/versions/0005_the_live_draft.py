"""The scene that is being written, as far as it has come."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step forward."""
    op.create_table(
        "live_draft",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("scene_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_live_draft_run_id_run"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "scene_number", name=op.f("pk_live_draft")),
        prefixes=["UNLOGGED"],
    )


def downgrade() -> None:
    """Step back."""
    op.drop_table("live_draft")
