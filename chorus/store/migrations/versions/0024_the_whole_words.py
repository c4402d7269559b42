"""Words are told from what stands between them on any server, and of every script (decision 0043).

Where the database's locale is C, as on the embedded server, Postgres takes all that is not ASCII for letters.
"""

from importlib import import_module
from typing import Any

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

pages: Any = import_module("chorus.store.migrations.versions.0016_the_word_pages")
lean: Any = import_module("chorus.store.migrations.versions.0017_the_lean_passages")

# Inside a word these are nothing: soft hyphen, joiners, marks of direction, variants of a glyph.
NOTHING = r"\u00ad\u034f\u0640\u180b-\u180e\u200c-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
# Marks and signs between words, as they lie in the blocks of Unicode.
BETWEEN = (
    r"\u0080-\u00a9\u00ab\u00ac\u00ae-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u02c2-\u02c5\u02d2-\u02df"
    r"\u037e\u0387\u055a-\u055f\u0589\u058a\u05be\u05c0\u05c3\u05c6\u05f3\u05f4\u0609-\u060d\u061b\u061d-\u061f"
    r"\u066a-\u066d\u06d4\u0700-\u070d\u0964\u0965\u0970\u0df4\u0e3f\u0e4f\u0e5a\u0e5b\u0f04-\u0f14\u0f3a-\u0f3d"
    r"\u104a-\u104f\u10fb\u1360-\u1368\u1400\u166d\u166e\u1680\u169b\u169c\u16eb-\u16ed\u17d4-\u17d6\u17d8-\u17db"
    r"\u1800-\u180a\u2000-\u200b\u2010-\u2029\u202f-\u205f\u207a-\u207e\u208a-\u208e\u20a0-\u20cf\u2190-\u245f"
    r"\u2500-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u3036\u3037\u303d-\u303f\u309b\u309c\u30a0\u30fb"
    r"\ua4fe\ua4ff\ua60d-\ua60f\ua874-\ua877\ua8ce\ua8cf\ua92f\ua95f\ua9c1-\ua9cd\uaade\uaadf\uabeb\ufd3e\ufd3f"
    r"\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\uffe0-\uffff"
    r"\U0001f000-\U0001faff"
)
# Scripts that put no space between words: Han with its marks of repetition, kana; Thai, Lao, Burmese and Khmer.
UNPARTED = (
    r"\u3005-\u3007\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    r"\uf900-\ufaff\uff66-\uff9d\U00020000-\U000323af"
    r"\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u1000-\u1049\u1050-\u109f\u1780-\u17d3\u17d7\u17dc\u17dd"
)

# Where words are parted by nothing, each character is a word, and so are two that follow each other.
# A stop word with a capital inside a sentence is a name: "it was Will who".
WORDS_OF = rf"""
CREATE FUNCTION words_of(config regconfig, told text) RETURNS tsvector
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $$
DECLARE
    names text;
    runs text;
    found tsvector;
BEGIN
    told := left(told, 100000);
    IF octet_length(told) > length(told) THEN
        told := regexp_replace(normalize(told, NFC) COLLATE "C", '[{NOTHING}]', '', 'g');
        told := regexp_replace(told, '[{BETWEEN}]', ' ', 'g');
        IF told ~ '[{UNPARTED}]' THEN
            runs := regexp_replace(left(told, 20000), '[^{UNPARTED}]+', ' ', 'g');
            told := regexp_replace(told, '([{UNPARTED}])', ' \1 ', 'g') || ' '
                || regexp_replace(runs, '([{UNPARTED}]{{2}})|.', '\1 ', 'g') || ' '
                || regexp_replace(regexp_replace(runs, '(^| ).', '\1', 'g'), '([{UNPARTED}]{{2}})|.', '\1 ', 'g');
        END IF;
    END IF;
    found := to_tsvector(config, told);
    IF config <> 'pg_catalog.simple'::regconfig THEN
        SELECT string_agg(word[1], ' ') INTO names
        FROM regexp_matches(told, '[a-z,;] ([A-Z][a-z]+)\M', 'g') word
        WHERE ts_lexize((config::text || '_stem')::regdictionary, lower(word[1])) = '{{}}';
        IF names IS NOT NULL THEN
            found := found || to_tsvector('pg_catalog.simple', names);
        END IF;
    END IF;
    RETURN found;
END
$$
"""  # noqa: S608 - ranges of characters

_MADE = "unnest(to_tsvector(s.config, left(told(m), 100000)))"
OLD_WRITE = lean.WRITE.replace("m.text", "told(m)")
WRITE = OLD_WRITE.replace(_MADE, "unnest(words_of(s.config, told(m)))")

# A revision is read for each of its passages, so a long one, which a manuscript without headings is, is not leant on.
LEAN = """
CREATE OR REPLACE FUNCTION lean_on_revision() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF NEW.text = (SELECT substr(r.text, NEW.span_start + 1, NEW.span_end - NEW.span_start) FROM revision r
                   WHERE r.id = NEW.revision_id AND octet_length(r.text) <= 50000) THEN
        NEW.text := NULL;
    END IF;
    RETURN NEW;
END
$$
"""
OLD_LEAN = lean.LEAN.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
STAND_ALONE = """
WITH long AS MATERIALIZED (SELECT id, text || '' AS text FROM revision WHERE octet_length(text) > 50000)
UPDATE memory m SET text = substr(r.text, m.span_start + 1, m.span_end - m.span_start)
FROM long r WHERE r.id = m.revision_id AND m.text IS NULL
"""

ANEW = ("TRUNCATE shard, posting, word_page", pages.FILL)


def upgrade() -> None:
    """Step forward: the words of every memory are written anew, and gathered when workers come to it."""
    op.create_index("ix_memory_embedding_model", "memory", ["embedding_model"])
    op.execute("ALTER TABLE memory DISABLE TRIGGER USER")  # its words stay the same
    op.execute(STAND_ALONE)
    op.execute("ALTER TABLE memory ENABLE TRIGGER USER")
    for statement in (WORDS_OF, WRITE, LEAN, *ANEW):
        op.execute(statement)


def downgrade() -> None:
    """Step back."""
    for statement in (OLD_LEAN, OLD_WRITE, "DROP FUNCTION words_of(regconfig, text)", *ANEW):
        op.execute(statement)
    op.drop_index("ix_memory_embedding_model", "memory")
