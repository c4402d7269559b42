"""What whole days of calls add up to, and the trigger that says when a day must be added up again."""

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import VECTOR
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BINS = 704
LOCK = "1667591279"
OUTCOME = postgresql.ENUM(name="llm_outcome_enum", create_type=False)

TOUCH_DAY = """
CREATE FUNCTION touch_rolled_day() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    touched date;
BEGIN
    FOR touched IN
        SELECT DISTINCT (at AT TIME ZONE 'UTC')::date
        FROM (VALUES (CASE WHEN TG_OP <> 'DELETE' THEN NEW.started_at END),
                     (CASE WHEN TG_OP <> 'INSERT' THEN OLD.started_at END)) AS given (at) WHERE at IS NOT NULL
    LOOP
        PERFORM pg_advisory_xact_lock_shared(LOCK, touched - date '2000-01-01');
        DELETE FROM rolled_day WHERE day = touched;
    END LOOP;
    RETURN NULL;
END
$$
""".replace("LOCK", LOCK)
FIGURES = "run_id, agent, node, model, prompt_version, outcome, prompt_tokens, completion_tokens, cached_tokens, "
FIGURES += "reasoning_tokens, ttft_ms, latency_ms, cost_usd, started_at"
LATE = "{row}.started_at < now() - interval '2 hours'"
TRIGGERS = tuple(
    f"CREATE TRIGGER llm_call_{name} AFTER {event} ON llm_call FOR EACH ROW WHEN ({LATE.format(row=row)}) "
    "EXECUTE FUNCTION touch_rolled_day()"
    for name, event, row in (
        ("kept_late", "INSERT", "NEW"),
        ("changed_late", f"UPDATE OF {FIGURES}", "OLD"),
        ("gone", "DELETE", "OLD"),
    )
)


def upgrade() -> None:
    """Step forward."""
    op.create_table(
        "rolled_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rolled_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_rolled_day"),
    )
    op.create_table(
        "call_day",
        sa.Column("day", sa.Date(), nullable=False),
        *_what(),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        *_sums(),
        sa.Column("latency", VECTOR(BINS)),
        sa.Column("ttft", VECTOR(BINS)),
    )
    op.create_index("ix_call_day_day", "call_day", ["day"])
    op.create_table(
        "call_day_of_run",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("story_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid()),
        *_what(),
        *_sums(),
        sa.Column("latency", postgresql.ARRAY(sa.SmallInteger())),
        sa.Column("ttft", postgresql.ARRAY(sa.SmallInteger())),
    )
    op.create_index("ix_call_day_of_run_day", "call_day_of_run", ["day"])
    for column in ("latency", "ttft"):  # mostly zeros: a tenth of the room, and as quick to read
        op.execute(f"ALTER TABLE call_day ALTER COLUMN {column} SET STORAGE EXTENDED")
    for statement in (TOUCH_DAY, *TRIGGERS):
        op.execute(statement)


def _what() -> list[sa.Column[object]]:
    names = ("agent", "node", "model", "prompt_version")
    columns: list[sa.Column[object]] = [sa.Column(name, sa.Text(), nullable=False) for name in names]
    return [*columns, sa.Column("outcome", OUTCOME, nullable=False)]


def _sums() -> list[sa.Column[object]]:
    names = ("calls", "prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens", "unpriced")
    columns: list[sa.Column[object]] = [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]
    columns.append(sa.Column("cost_usd", sa.Numeric(18, 8)))
    return [*columns, sa.Column("timed_tokens", sa.BigInteger()), sa.Column("timed_ms", sa.Double())]


def downgrade() -> None:
    """Step back."""
    for name in ("kept_late", "changed_late", "gone"):
        op.execute(f"DROP TRIGGER llm_call_{name} ON llm_call")
    op.execute("DROP FUNCTION touch_rolled_day")
    for table in ("call_day_of_run", "call_day", "rolled_day"):
        op.drop_table(table)
