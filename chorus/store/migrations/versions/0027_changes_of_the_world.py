"""What people change in a story's world is kept, as what they change in its facts and its cast is."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step forward."""
    op.execute("ALTER TYPE canon_subject_enum ADD VALUE 'world_element'")


def downgrade() -> None:
    """Step back; how the world was changed goes with the word for it."""
    op.execute("DELETE FROM canon_change WHERE subject = 'world_element'")
    op.execute("ALTER TYPE canon_subject_enum RENAME TO canon_subject_before")
    op.execute("CREATE TYPE canon_subject_enum AS ENUM ('fact', 'character')")
    op.execute("ALTER TABLE canon_change ALTER subject TYPE canon_subject_enum USING subject::text::canon_subject_enum")
    op.execute("DROP TYPE canon_subject_before")
