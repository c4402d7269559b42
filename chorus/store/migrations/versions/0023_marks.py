"""A judge's marks one by one, by who gave them, and how much a judging may use.

Marks that were kept with a trial's measures say nobody's name, and are let go; asked again, a judge's recorded answers
give them back at no cost.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step forward."""
    op.create_table(
        "mark",
        sa.Column("trial_id", sa.Uuid(), sa.ForeignKey("trial.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("judge", sa.Text(), primary_key=True),
        *[
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("plot", "characters", "coherence", "prose", "ending")
        ],
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
    )
    op.add_column("experiment", sa.Column("judge_tokens", sa.BigInteger(), nullable=True))
    op.add_column("experiment", sa.Column("judge_usd", sa.Double(), nullable=True))
    op.execute("UPDATE trial SET measures = measures - 'judged' WHERE measures ? 'judged'")


def downgrade() -> None:
    """Step back."""
    op.drop_column("experiment", "judge_usd")
    op.drop_column("experiment", "judge_tokens")
    op.drop_table("mark")
