"""What kind a finding is of, whether a text was checked, what a fact is about, and which text a tie was read out of."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step forward."""
    op.add_column("finding", sa.Column("kind", sa.Text(), nullable=False, server_default="judged"))
    op.add_column("revision", sa.Column("checked", sa.Boolean()))
    op.add_column("fact", sa.Column("aspect", sa.Text(), nullable=False, server_default=""))
    op.add_column("relationship", sa.Column("revision_id", sa.Uuid()))
    op.create_foreign_key(
        "fk_relationship_revision_id_revision", "relationship", "revision", ["revision_id"], ["id"], ondelete="CASCADE"
    )
    op.create_index("ix_relationship_revision_id", "relationship", ["revision_id"])


def downgrade() -> None:
    """Step back."""
    op.drop_column("relationship", "revision_id")
    op.drop_column("fact", "aspect")
    op.drop_column("revision", "checked")
    op.drop_column("finding", "kind")
