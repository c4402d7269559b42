"""An index to find a world or a cast that was made a little while ago for the very same question."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step forward."""
    where = sa.text("node_path IN ('generate_world', 'generate_profiles')")
    op.create_index("ix_llm_call_kept", "llm_call", ["prompt_hash", "started_at"], postgresql_where=where)


def downgrade() -> None:
    """Step back."""
    op.drop_index("ix_llm_call_kept", "llm_call")
