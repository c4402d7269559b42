"""A remembered fact says whom it is about and who knows it, and ends when the fact does."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# Until now the entities of a remembered fact were those who know it, and edits lost its end.
TOLD_APART = """
UPDATE memory m SET
    known_by = m.entities,
    valid_to = f.valid_to,
    entities = array_remove(ARRAY[f.subject], '') || ARRAY(
        SELECT name FROM unnest(m.entities) AS name WHERE name <> f.subject AND strpos(f.statement, name) > 0
    )
FROM fact f
WHERE m.kind = 'fact' AND f.story_id = m.story_id AND f.revision_id = m.revision_id AND f.status = 'established'
  AND f.statement = told(m)
"""


def upgrade() -> None:
    """Step forward."""
    op.add_column("memory", sa.Column("known_by", ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.execute("ALTER TABLE memory DISABLE TRIGGER USER")  # other words they are not, so their pages stay
    op.execute(TOLD_APART)
    op.execute("ALTER TABLE memory ENABLE TRIGGER USER")


def downgrade() -> None:
    """Step back."""
    op.execute("ALTER TABLE memory DISABLE TRIGGER USER")
    op.execute("UPDATE memory SET entities = known_by WHERE kind = 'fact'")
    op.execute("ALTER TABLE memory ENABLE TRIGGER USER")
    op.drop_column("memory", "known_by")
