"""What a chapter's title and summary were made of is kept, so that they are made anew when its scenes say otherwise."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_KEEP_THOSE_OF_TODAY = """
    INSERT INTO chapter_telling (story_id, chapter_id, told_of, plan_title, title, summary)
    SELECT chapter.story_id, chapter.id,
        encode(sha256(convert_to(string_agg(scene.summary, E'\\n' ORDER BY scene.number), 'UTF8')), 'hex'),
        chapter.plan_title, chapter.title, chapter.summary
    FROM chapter JOIN scene ON scene.chapter_id = chapter.id
    WHERE chapter.summary <> ''
    GROUP BY chapter.id
"""


def upgrade() -> None:
    """Step forward."""
    op.create_table(
        "chapter_telling",
        sa.Column("story_id", sa.Uuid(), nullable=False),
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("told_of", sa.Text(), nullable=False),
        sa.Column("plan_title", sa.Text(), nullable=False, server_default=""),
        sa.Column("title", sa.Text(), nullable=False, server_default=""),
        sa.Column("summary", sa.Text(), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapter.id"], name=op.f("fk_chapter_telling_chapter_id_chapter"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["story.id"], name=op.f("fk_chapter_telling_story_id_story"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("chapter_id", "told_of", name=op.f("pk_chapter_telling")),
    )
    op.create_index(op.f("ix_chapter_telling_story_id"), "chapter_telling", ["story_id"])
    op.execute(_KEEP_THOSE_OF_TODAY)


def downgrade() -> None:
    """Step back."""
    op.drop_table("chapter_telling")
