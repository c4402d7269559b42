"""The words of memories in pages that are written once, and postings gathered of many pages (decision 0037)."""

from importlib import import_module
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

old: Any = import_module("chorus.store.migrations.versions.0004_the_lexical_leg")
spoken: Any = import_module("chorus.store.migrations.versions.0011_the_memory")

OLD_TRIGGERS = ("memory_added", "memory_changed", "memory_gone")
OLD_FUNCTIONS = (
    "restem_memories()",
    "forget_postings()",
    "renew_postings()",
    "add_postings()",
    "rebuild_postings(uuid[], int[])",
    "index_memories(bigint[])",
)
FUNCTIONS = (
    "restem_memories()",
    "forget_words()",
    "renew_words()",
    "number_anew()",
    "add_words()",
    "write_word_pages(bigint[])",
)

# A page: memories of one story, 64 places at most. `docs` has place, scene and words of each memory (1, 4 and 2 bytes);
# `terms` the first four bytes of each term's hash and in how many of the memories it is (4 and 1), `entries` in which
# and how often (1 and 1).
WRITE = """
CREATE FUNCTION write_word_pages(given bigint[]) RETURNS void
LANGUAGE sql SET search_path FROM CURRENT AS $$
    WITH spoken AS MATERIALIZED (  -- once for a story: it takes as long as ten texts
        SELECT id, text_config(language) AS config FROM story
        WHERE id IN (SELECT DISTINCT story_id FROM memory WHERE doc = ANY(given))
    ), word AS MATERIALIZED (
        SELECT m.doc, substr(sha256(convert_to(w.lexeme, 'UTF8')), 1, 4) AS term,
               least(sum(coalesce(cardinality(w.positions), 1)), 255)::int AS times
        FROM memory m JOIN spoken s ON s.id = m.story_id
        CROSS JOIN LATERAL unnest(to_tsvector(s.config, left(m.text, 100000))) w
        WHERE m.doc = ANY(given) GROUP BY 1, 2
    ), long AS (
        SELECT doc, least(sum(times), 32767)::int2 AS words FROM word GROUP BY doc
    ), place AS MATERIALIZED (
        SELECT m.story_id, m.doc, m.doc >> 6 AS block, (m.doc & 63)::int AS place, m.scene_number,
               coalesce(l.words, 0::int2) AS words
        FROM memory m LEFT JOIN long l USING (doc) WHERE m.doc = ANY(given)
    ), page AS (
        SELECT story_id, block, min(doc) AS first_doc, count(*)::int AS memories,
               string_agg(set_byte('\\x00', 0, place) || int4send(scene_number) || int2send(words), ''::bytea
                          ORDER BY doc) AS docs
        FROM place GROUP BY story_id, block
    ), term AS (
        SELECT p.story_id, p.block, w.term, set_byte('\\x00', 0, count(*)::int) AS count,
               string_agg(int2send((p.place << 8 | w.times)::int2), ''::bytea ORDER BY p.doc) AS entries
        FROM word w JOIN place p USING (doc) GROUP BY p.story_id, p.block, w.term
    ), told AS (
        SELECT story_id, block, string_agg(term || count, ''::bytea ORDER BY term) AS terms,
               string_agg(entries, ''::bytea ORDER BY term) AS entries
        FROM term GROUP BY story_id, block
    )
    INSERT INTO word_page (story_id, first_doc, memories, docs, terms, entries)
    SELECT story_id, first_doc, memories, docs, coalesce(terms, ''), coalesce(entries, '')
    FROM page LEFT JOIN told USING (story_id, block)
$$
"""

ADDED = """
CREATE FUNCTION add_words() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM 1 FROM story WHERE id IN (SELECT story_id FROM added) ORDER BY id FOR NO KEY UPDATE;
    PERFORM write_word_pages(ARRAY(SELECT doc FROM added));
    RETURN NULL;
END
$$
"""

# What stands in a page never changes: a memory with other words is another one to those who search by words.
ANEW = """
CREATE FUNCTION number_anew() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    NEW.doc := nextval(pg_get_serial_sequence('memory', 'doc'));
    RETURN NEW;
END
$$
"""

CHANGED = """
CREATE FUNCTION renew_words() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    docs bigint[];
BEGIN
    SELECT array_agg(n.doc) INTO docs FROM before o JOIN after n USING (id) WHERE o.doc <> n.doc;
    IF docs IS NOT NULL THEN
        DELETE FROM word_page p USING (SELECT DISTINCT story_id, doc >> 6 AS block FROM before) o
        WHERE p.story_id = o.story_id AND p.first_doc >= o.block << 6 AND p.first_doc < (o.block + 1) << 6
            AND NOT EXISTS (SELECT FROM memory m WHERE m.story_id = o.story_id
                            AND m.doc >= o.block << 6 AND m.doc < (o.block + 1) << 6);
        PERFORM write_word_pages(docs);
    END IF;
    RETURN NULL;
END
$$
"""

# Pages of which nothing is left go; what goes with its story takes its pages along.
GONE = """
CREATE FUNCTION forget_words() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    DELETE FROM word_page p
    USING (SELECT DISTINCT g.story_id, g.doc >> 6 AS block FROM gone g JOIN story s ON s.id = g.story_id) o
    WHERE p.story_id = o.story_id AND p.first_doc >= o.block << 6 AND p.first_doc < (o.block + 1) << 6
        AND NOT EXISTS (SELECT FROM memory m WHERE m.story_id = o.story_id
                        AND m.doc >= o.block << 6 AND m.doc < (o.block + 1) << 6);
    RETURN NULL;
END
$$
"""

RESTEM = """
CREATE FUNCTION restem_memories() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE memory SET doc = DEFAULT WHERE story_id = NEW.id;
    RETURN NULL;
END
$$
"""

_TRIGGER = "CREATE TRIGGER memory_{} {} ON memory {} EXECUTE FUNCTION {}()"
TRIGGERS = (
    _TRIGGER.format("added", "AFTER INSERT", "REFERENCING NEW TABLE AS added FOR EACH STATEMENT", "add_words"),
    _TRIGGER.format(
        "reworded",
        "BEFORE UPDATE",
        "FOR EACH ROW WHEN (OLD.text IS DISTINCT FROM NEW.text OR OLD.scene_number <> NEW.scene_number)",
        "number_anew",
    ),
    _TRIGGER.format(
        "changed",
        "AFTER UPDATE",
        "REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT",
        "renew_words",
    ),
    _TRIGGER.format("gone", "AFTER DELETE", "REFERENCING OLD TABLE AS gone FOR EACH STATEMENT", "forget_words"),
    spoken.TRIGGER,
)

# One story after the other, so that little is sorted at once.
FILL = """
DO $$
DECLARE
    told uuid;
BEGIN
    FOR told IN SELECT id FROM story LOOP
        PERFORM write_word_pages(ARRAY(SELECT doc FROM memory WHERE story_id = told));
    END LOOP;
END
$$
"""


def upgrade() -> None:
    """Step forward."""
    _drop([*OLD_TRIGGERS], OLD_FUNCTIONS)
    op.drop_table("posting")
    op.create_table(
        "shard",
        sa.Column("number", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("memories", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_shard")),
    )
    op.create_table(
        "word_page",
        sa.Column("story_id", sa.Uuid(), nullable=False),
        sa.Column("first_doc", sa.BigInteger(), nullable=False),
        sa.Column("memories", sa.Integer(), nullable=False),
        sa.Column("docs", sa.LargeBinary(), nullable=False),
        sa.Column("terms", sa.LargeBinary(), nullable=False),
        sa.Column("entries", sa.LargeBinary(), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["story_id"], ["story.id"], name=op.f("fk_word_page_story_id_story"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["shard"], ["shard.number"], name=op.f("fk_word_page_shard_shard"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("story_id", "first_doc", name=op.f("pk_word_page")),
    )
    op.create_index("ix_word_page_shard", "word_page", ["shard"])
    op.create_table(
        "posting",
        sa.Column("term", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("shard", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("memories", sa.Integer(), nullable=False),
        sa.Column("heads", sa.LargeBinary(), nullable=False),
        sa.Column("entries", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["shard"], ["shard.number"], name=op.f("fk_posting_shard_shard"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("term", "shard", name=op.f("pk_posting")),
    )
    op.create_index("ix_posting_shard", "posting", ["shard"])
    for statement in (WRITE, ADDED, ANEW, CHANGED, GONE, RESTEM, *TRIGGERS, FILL):
        op.execute(statement)


def downgrade() -> None:
    """Step back."""
    _drop([*OLD_TRIGGERS, "memory_reworded"], FUNCTIONS)
    for table in ("posting", "word_page", "shard"):
        op.drop_table(table)
    op.create_table(
        "posting",
        sa.Column("term", sa.Text(collation="C"), nullable=False),
        sa.Column("story_id", sa.Uuid(), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("entries", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_posting_story_id_story"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("term", "story_id", "block", name=op.f("pk_posting")),
        postgresql_with={"fillfactor": 70},
    )
    op.create_index("ix_posting_story_id_block", "posting", ["story_id", "block"])
    for statement in (old.INDEX_MEMORIES, old.REBUILD, old.ADDED, old.CHANGED, old.GONE, *old.TRIGGERS):
        op.execute(statement)
    op.execute(spoken.RESTEM)
    op.execute(spoken.TRIGGER)
    op.execute("SELECT index_memories(ARRAY(SELECT doc FROM memory))")


def _drop(triggers: list[str], functions: tuple[str, ...]) -> None:
    op.execute("DROP TRIGGER story_speaks_anew ON story")
    for name in triggers:
        op.execute(f"DROP TRIGGER {name} ON memory")
    for signature in functions:
        op.execute(f"DROP FUNCTION {signature}")
