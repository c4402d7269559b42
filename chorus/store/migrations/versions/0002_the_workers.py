"""Jobs, and the workers that do them. Procrastinate's tables, types and functions are made as it ships them."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PROCRASTINATE = Path(__file__).resolve().parent.parent / "procrastinate.sql"
TAKE_PROCRASTINATE_AWAY = """
DO $$
DECLARE
    ours text;
BEGIN
    DROP TABLE procrastinate_periodic_defers, procrastinate_events, procrastinate_jobs, procrastinate_workers
        CASCADE;
    FOR ours IN
        SELECT oid::regprocedure::text FROM pg_proc
        WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'procrastinate\\_%'
    LOOP
        EXECUTE 'DROP FUNCTION ' || ours;
    END LOOP;
    DROP TYPE procrastinate_job_to_defer_v1, procrastinate_job_status, procrastinate_job_event_type;
END;
$$
"""


def upgrade() -> None:
    """Step forward."""
    _execute(PROCRASTINATE.read_text(encoding="utf-8"))
    op.add_column("run", sa.Column("dispatched", sa.Boolean(), server_default="false", nullable=False))
    op.create_index(
        "ix_run_dispatched",
        "run",
        ["status"],
        unique=False,
        postgresql_where=sa.text("dispatched AND status IN ('queued', 'running')"),
    )
    op.create_table(
        "worker",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("concurrency", sa.Integer(), nullable=False),
        sa.Column("runs", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker")),
    )


def downgrade() -> None:
    """Step back."""
    op.drop_table("worker")
    op.drop_index("ix_run_dispatched", table_name="run")
    op.drop_column("run", "dispatched")
    _execute(TAKE_PROCRASTINATE_AWAY)


def _execute(script: str) -> None:
    """Run several statements at once, as they stand: a % in them is no placeholder."""
    cursor = op.get_bind().connection.cursor()
    cursor.execute(script)
    cursor.close()
