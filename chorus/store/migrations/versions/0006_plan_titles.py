"""Chapters keep the title they were planned with, so that going back to the plan brings it back."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step forward."""
    op.add_column("chapter", sa.Column("plan_title", sa.Text(), nullable=False, server_default=""))
    op.execute("UPDATE chapter SET plan_title = title")
    op.execute("UPDATE revision SET digest = NULL WHERE digest = 'null'")  # nothing read yet is NULL, not JSON's null


def downgrade() -> None:
    """Step back."""
    op.drop_column("chapter", "plan_title")
