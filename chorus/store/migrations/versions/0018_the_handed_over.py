"""Experiments that workers write: how many of their stories at once."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step forward."""
    op.add_column("experiment", sa.Column("at_once", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Step back."""
    op.drop_column("experiment", "at_once")
