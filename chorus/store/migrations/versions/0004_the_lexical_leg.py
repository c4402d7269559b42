"""Postings, for search by words: kept by triggers, so that they are right whoever writes a memory (decision 0017)."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

FUNCTIONS = (
    "forget_postings()",
    "renew_postings()",
    "add_postings()",
    "rebuild_postings(uuid[], int[])",
    "index_memories(bigint[])",
    "text_config(text)",
)

# A story's language as people write it, to the Postgres configuration whose stemmer knows it.
TEXT_CONFIG = """
CREATE FUNCTION text_config(language text) RETURNS regconfig
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
    SELECT coalesce(
        (SELECT c.oid::regconfig
         FROM pg_ts_config c
         WHERE c.cfgnamespace = 'pg_catalog'::regnamespace AND c.cfgname <> 'simple' AND c.cfgname IN (
             SELECT coalesce(alias.config, word)
             FROM regexp_split_to_table(lower(language), '[^[:alpha:]]+') word
             LEFT JOIN (VALUES
                 ('en', 'english'), ('de', 'german'), ('deutsch', 'german'), ('fr', 'french'), ('français', 'french'),
                 ('es', 'spanish'), ('español', 'spanish'), ('it', 'italian'), ('italiano', 'italian'),
                 ('pt', 'portuguese'), ('português', 'portuguese'), ('nl', 'dutch'), ('nederlands', 'dutch'),
                 ('sv', 'swedish'), ('svenska', 'swedish'), ('da', 'danish'), ('dansk', 'danish'),
                 ('no', 'norwegian'), ('nb', 'norwegian'), ('norsk', 'norwegian'), ('fi', 'finnish'),
                 ('suomi', 'finnish'), ('ru', 'russian'), ('русский', 'russian'), ('tr', 'turkish'),
                 ('türkçe', 'turkish'), ('hu', 'hungarian'), ('magyar', 'hungarian'), ('ro', 'romanian'),
                 ('română', 'romanian'), ('ca', 'catalan'), ('català', 'catalan'), ('el', 'greek'),
                 ('ελληνικά', 'greek'), ('ar', 'arabic'), ('العربية', 'arabic'), ('hi', 'hindi'), ('ga', 'irish')
             ) alias (name, config) ON alias.name = word)
         ORDER BY c.cfgname LIMIT 1),
        'simple'::regconfig)
$$
"""

# One entry of ten bytes a term and memory: place in the block, scene, how often, words of the memory.
# The empty term stands for every memory, so that they can be counted.
INDEX_MEMORIES = """
CREATE FUNCTION index_memories(docs bigint[]) RETURNS void
LANGUAGE sql SET search_path FROM CURRENT AS $$
    INSERT INTO posting AS p (term, story_id, block, entries)
    SELECT found.term, found.story_id, found.block,
           string_agg(int2send(found.place) || int4send(found.scene_number) || int2send(found.times)
                      || int2send(found.words), ''::bytea ORDER BY found.place)
    FROM (
        SELECT word.term, m.story_id, (m.doc >> 10)::int AS block, (m.doc & 1023)::int2 AS place, m.scene_number,
               least(word.times, 32767)::int2 AS times,
               least(sum(word.times) OVER (PARTITION BY m.doc), 32767)::int2 AS words
        FROM memory m
        JOIN story s ON s.id = m.story_id
        CROSS JOIN LATERAL (
            SELECT lexeme AS term, coalesce(cardinality(positions), 1) AS times
            FROM unnest(to_tsvector(text_config(s.language), left(m.text, 100000)))
            UNION ALL SELECT '', 0
        ) word
        WHERE m.doc = ANY(docs)
    ) found
    GROUP BY found.term, found.story_id, found.block
    ORDER BY found.term, found.story_id, found.block
    ON CONFLICT (term, story_id, block) DO UPDATE SET entries = p.entries || excluded.entries
$$
"""

REBUILD = """
CREATE FUNCTION rebuild_postings(stories uuid[], blocks int[]) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM 1 FROM story WHERE id = ANY(stories) ORDER BY id FOR NO KEY UPDATE;
    DELETE FROM posting p USING unnest(stories, blocks) gone (story_id, block)
    WHERE p.story_id = gone.story_id AND p.block = gone.block;
    PERFORM index_memories(ARRAY(
        SELECT m.doc FROM unnest(stories, blocks) gone (story_id, block)
        JOIN memory m ON m.story_id = gone.story_id
            AND m.doc >= gone.block::bigint << 10 AND m.doc < (gone.block::bigint + 1) << 10));
END
$$
"""

# Writers of one story take turns: its row is locked before its postings are touched.
ADDED = """
CREATE FUNCTION add_postings() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM 1 FROM story WHERE id IN (SELECT story_id FROM added) ORDER BY id FOR NO KEY UPDATE;
    PERFORM index_memories(ARRAY(SELECT doc FROM added));
    RETURN NULL;
END
$$
"""

CHANGED = """
CREATE FUNCTION renew_postings() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    stories uuid[];
    blocks int[];
BEGIN
    SELECT array_agg(story_id), array_agg(block) INTO stories, blocks FROM (
        SELECT DISTINCT n.story_id, (n.doc >> 10)::int AS block
        FROM before o JOIN after n USING (id)
        WHERE o.text <> n.text OR o.scene_number <> n.scene_number
    ) changed;
    IF stories IS NOT NULL THEN
        PERFORM rebuild_postings(stories, blocks);
    END IF;
    RETURN NULL;
END
$$
"""

GONE = """
CREATE FUNCTION forget_postings() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    stories uuid[];
    blocks int[];
BEGIN
    SELECT array_agg(story_id), array_agg(block) INTO stories, blocks FROM (
        SELECT DISTINCT g.story_id, (g.doc >> 10)::int AS block
        FROM gone g JOIN story s ON s.id = g.story_id  -- what goes with its story takes its postings along
    ) changed;
    IF stories IS NOT NULL THEN
        PERFORM rebuild_postings(stories, blocks);
    END IF;
    RETURN NULL;
END
$$
"""

TRIGGERS = tuple(
    f"CREATE TRIGGER memory_{name} AFTER {event} ON memory REFERENCING {rows} FOR EACH STATEMENT "
    f"EXECUTE FUNCTION {function}()"
    for name, event, rows, function in (
        ("added", "INSERT", "NEW TABLE AS added", "add_postings"),
        ("changed", "UPDATE", "OLD TABLE AS before NEW TABLE AS after", "renew_postings"),
        ("gone", "DELETE", "OLD TABLE AS gone", "forget_postings"),
    )
)


def upgrade() -> None:
    """Step forward."""
    op.add_column("memory", sa.Column("doc", sa.BigInteger(), sa.Identity(always=True), nullable=False))
    op.create_index("ix_memory_doc", "memory", ["doc"], unique=True)
    op.create_table(
        "posting",
        sa.Column("term", sa.Text(collation="C"), nullable=False),
        sa.Column("story_id", sa.Uuid(), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("entries", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_posting_story_id_story"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("term", "story_id", "block", name=op.f("pk_posting")),
    )
    op.create_index("ix_posting_story_id_block", "posting", ["story_id", "block"])
    for statement in (TEXT_CONFIG, INDEX_MEMORIES, REBUILD, ADDED, CHANGED, GONE, *TRIGGERS):
        op.execute(statement)
    op.execute("SELECT index_memories(ARRAY(SELECT doc FROM memory))")


def downgrade() -> None:
    """Step back."""
    for name in ("memory_added", "memory_changed", "memory_gone"):
        op.execute(f"DROP TRIGGER {name} ON memory")
    for signature in FUNCTIONS:
        op.execute(f"DROP FUNCTION {signature}")
    op.drop_table("posting")
    op.drop_index("ix_memory_doc", "memory")
    op.drop_column("memory", "doc")
