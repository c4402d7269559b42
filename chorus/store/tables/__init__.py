"""Every table, its native enum types and its indexes. What changes here needs a migration beside it."""

from chorus.store.tables.calls import llm_call
from chorus.store.tables.canon import canon_change, character_state, fact, finding, relationship
from chorus.store.tables.columns import metadata
from chorus.store.tables.endpoints import circuit, dialect, rate_bucket
from chorus.store.tables.experiments import arm, experiment, mark, trial, trial_plan, vote
from chorus.store.tables.jobs import PROCRASTINATE, worker
from chorus.store.tables.memories import memory, posting, shard, word_page
from chorus.store.tables.rollups import call_day, call_day_of_run, rolled_day
from chorus.store.tables.runs import live_draft, review_item, run, run_event
from chorus.store.tables.saved_views import saved_view
from chorus.store.tables.stories import (
    chapter,
    chapter_telling,
    character,
    concept,
    outline_version,
    revision,
    scene,
    story,
    unfinished_import,
    world_element,
)

__all__ = [
    "PROCRASTINATE",
    "arm",
    "call_day",
    "call_day_of_run",
    "canon_change",
    "chapter",
    "chapter_telling",
    "character",
    "character_state",
    "circuit",
    "concept",
    "dialect",
    "experiment",
    "fact",
    "finding",
    "live_draft",
    "llm_call",
    "mark",
    "memory",
    "metadata",
    "outline_version",
    "posting",
    "rate_bucket",
    "relationship",
    "review_item",
    "revision",
    "rolled_day",
    "run",
    "run_event",
    "saved_view",
    "scene",
    "shard",
    "story",
    "trial",
    "trial_plan",
    "unfinished_import",
    "vote",
    "word_page",
    "worker",
    "world_element",
]
