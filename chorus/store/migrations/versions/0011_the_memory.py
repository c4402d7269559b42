"""A story whose language is changed has its memories stemmed anew, so that they are still found by their words."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

RESTEM = """
CREATE FUNCTION restem_memories() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    blocks int[];
BEGIN
    SELECT array_agg(DISTINCT (doc >> 10)::int) INTO blocks FROM memory WHERE story_id = NEW.id;
    IF blocks IS NOT NULL THEN
        PERFORM rebuild_postings(array_fill(NEW.id, ARRAY[cardinality(blocks)]), blocks);
    END IF;
    RETURN NULL;
END
$$
"""

TRIGGER = """
CREATE TRIGGER story_speaks_anew AFTER UPDATE OF language ON story FOR EACH ROW
WHEN (OLD.language IS DISTINCT FROM NEW.language) EXECUTE FUNCTION restem_memories()
"""


def upgrade() -> None:
    """Step forward."""
    op.execute(RESTEM)
    op.execute(TRIGGER)


def downgrade() -> None:
    """Step back."""
    op.execute("DROP TRIGGER story_speaks_anew ON story")
    op.execute("DROP FUNCTION restem_memories()")
