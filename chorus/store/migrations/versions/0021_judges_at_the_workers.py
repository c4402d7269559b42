"""Experiments that workers let a model judge: which model, until when one of them has it, and what went wrong."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step forward."""
    op.add_column("experiment", sa.Column("judge", sa.Text(), nullable=True))
    op.add_column("experiment", sa.Column("judged_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("experiment", sa.Column("judge_error", sa.Text(), nullable=True))


def downgrade() -> None:
    """Step back."""
    for column in ("judge_error", "judged_until", "judge"):
        op.drop_column("experiment", column)
