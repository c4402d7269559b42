"""Find the days of one story, or of one run, among those of all."""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step forward; a database that passed 0012 before there was anything in it gets its tables now."""
    if not sa.inspect(op.get_bind()).has_table("rolled_day"):
        import_module("chorus.store.migrations.versions.0012_the_days").upgrade()
    op.create_index("ix_call_day_of_run_story_id", "call_day_of_run", ["story_id"])
    op.create_index("ix_call_day_of_run_run_id", "call_day_of_run", ["run_id"])


def downgrade() -> None:
    """Step back."""
    op.drop_index("ix_call_day_of_run_run_id")
    op.drop_index("ix_call_day_of_run_story_id")
