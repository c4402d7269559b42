"""Everything that is kept: the tables, the repositories over them, and the one place that commits.

SQL lives here and nowhere else. Leaves to ``studio`` which database it is, and to ``pipeline`` what to write when.
"""

from chorus.store.calls import CallPoint
from chorus.store.database import Database, Transaction
from chorus.store.migrate import SchemaState, schema_state, upgrade
from chorus.store.postings import PAGE_BITS, Floats, Ints, PageRows, Postings, QueryTerm, hash_of
from chorus.store.search import About, Called, Candidates, Search, Within
from chorus.store.server import OLDEST_PGVECTOR, OLDEST_POSTGRES, ServerLook, is_old_pgvector, look_at
from chorus.store.stories import StoryCard, StoryProgress

__all__ = [
    "OLDEST_PGVECTOR",
    "OLDEST_POSTGRES",
    "PAGE_BITS",
    "About",
    "CallPoint",
    "Called",
    "Candidates",
    "Database",
    "Floats",
    "Ints",
    "PageRows",
    "Postings",
    "QueryTerm",
    "SchemaState",
    "Search",
    "ServerLook",
    "StoryCard",
    "StoryProgress",
    "Transaction",
    "Within",
    "hash_of",
    "is_old_pgvector",
    "look_at",
    "schema_state",
    "upgrade",
]
