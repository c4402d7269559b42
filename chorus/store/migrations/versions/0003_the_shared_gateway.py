"""What all processes share about the endpoints, and what a call waited for and set aside."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step forward."""
    op.create_table(
        "rate_bucket",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("events_s", sa.Double(), server_default="0", nullable=False),
        sa.Column("weight_s", sa.Double(), server_default="0", nullable=False),
        sa.Column("granted_s", sa.Double(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_rate_bucket")),
    )
    op.create_table(
        "circuit",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("probes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("probe_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_circuit")),
    )
    op.create_table(
        "dialect",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("words", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_dialect")),
    )
    op.add_column(
        "llm_call",
        sa.Column("waits", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
    )
    op.add_column("llm_call", sa.Column("reserved_tokens", sa.Integer(), server_default="0", nullable=False))
    op.add_column("llm_call", sa.Column("reserved_usd", sa.Numeric(14, 8), nullable=True))


def downgrade() -> None:
    """Step back."""
    op.drop_column("llm_call", "reserved_usd")
    op.drop_column("llm_call", "reserved_tokens")
    op.drop_column("llm_call", "waits")
    op.drop_table("dialect")
    op.drop_table("circuit")
    op.drop_table("rate_bucket")
