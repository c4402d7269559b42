"""A passage keeps where it stands in its revision, not its words once more (decision 0037)."""

from importlib import import_module
from typing import Any

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

pages: Any = import_module("chorus.store.migrations.versions.0016_the_word_pages")

WRITE = pages.WRITE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
TOLD = """
CREATE FUNCTION told(m memory) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(m.text, (
    SELECT substr(r.text, m.span_start + 1, m.span_end - m.span_start) FROM revision r WHERE r.id = m.revision_id
))
"""
LEAN = """
CREATE FUNCTION lean_on_revision() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF NEW.text = (SELECT substr(r.text, NEW.span_start + 1, NEW.span_end - NEW.span_start)
                   FROM revision r WHERE r.id = NEW.revision_id) THEN
        NEW.text := NULL;
    END IF;
    RETURN NEW;
END
$$
"""
TRIGGER = """
CREATE TRIGGER memory_told BEFORE INSERT ON memory FOR EACH ROW
WHEN (NEW.revision_id IS NOT NULL AND NEW.span_start >= 0 AND NEW.span_end >= NEW.span_start)
EXECUTE FUNCTION lean_on_revision()
"""


def upgrade() -> None:
    """Step forward; passages that are there keep their words."""
    op.alter_column("memory", "text", nullable=True)
    for statement in (TOLD, WRITE.replace("m.text", "told(m)"), LEAN, TRIGGER):
        op.execute(statement)


def downgrade() -> None:
    """Step back."""
    op.execute("DROP TRIGGER memory_told ON memory")
    op.execute("DROP FUNCTION lean_on_revision()")
    op.execute(WRITE)
    op.execute("ALTER TABLE memory DISABLE TRIGGER USER")  # other words they are not, so their pages stay
    op.execute("UPDATE memory m SET text = told(m) WHERE text IS NULL")
    op.execute("ALTER TABLE memory ENABLE TRIGGER USER")
    op.execute("DROP FUNCTION told(memory)")
    op.alter_column("memory", "text", nullable=False)
