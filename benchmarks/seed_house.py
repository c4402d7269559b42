"""A house with a thousand stories, a million calls and a hundred thousand memories, for pages and metrics to bear.

    DATABASE_URL=postgresql://… python -m benchmarks.seed_house [--stories 1000] [--calls 1000000] [--memories 100000]

The database must be empty and its user a superuser. Memories go in by COPY (``benchmarks/synthetic``), all else is
made by Postgres itself; the same figures make the same rows. Story 0 has forty scenes, the others five each.
"""

import argparse
import asyncio
import os
import time
from collections.abc import Callable

import psycopg

from benchmarks.synthetic import DIMENSIONS, MODEL, PER_SCENE, World, fill, story_id
from chorus.embedded.embedder import EmbeddedEmbedder
from chorus.store import Database, upgrade

STORIES, CALLS, MEMORIES = 1_000, 1_000_000, 100_000
LONG_STORY = story_id(0)
LONG_SCENES = 40
CALLS_A_RUN = 100
AT_ONCE = 100_000
"""Calls that one statement makes."""
TABLES = "story, chapter, scene, revision, character, run, run_event, llm_call, fact, finding, review_item, memory"

_NUMBERS = "CREATE TEMP TABLE numbered AS SELECT id, substr(title, 2)::int AS n FROM story"
_TELL = """
UPDATE story SET origin = 'written', title = (ARRAY['The Lamp Room', 'Salt and Wire', 'A House of Glass', 'Low Tide',
       'The Ninth Letter'])[n % 5 + 1] || ' ' || n, premise = 'Somebody keeps a lamp for ship ' || n,
       created_at = at, updated_at = at + interval '2 hours'
FROM (SELECT id AS which, n, now() - n * interval '4 hours' - interval '3 hours' AS at FROM numbered) WHERE id = which
"""
_RUNS = """
INSERT INTO run (id, story_id, status, stage, settings, active_s, error, estimate, dispatched,
                 created_at, started_at, finished_at)
SELECT md5('run' || n || '/' || k)::uuid, numbered.id, status::run_status_enum,
       (CASE status WHEN 'complete' THEN 'finished' ELSE 'scenes' END)::run_stage_enum,
       '{"scenes": 5, "words": 200}', 300 + n %% 700, CASE status WHEN 'failed' THEN 'The endpoint gave no answer.' END,
       CASE WHEN n %% 2 = 0 THEN '{"basis": "plan", "runs": 0, "cost_usd": null,
       "llm_calls": {"p50": 900, "p90": 1100}, "prompt_tokens": {"p50": 1000000, "p90": 2500000},
       "completion_tokens": {"p50": 400000, "p90": 900000}, "wall_s": {"p50": 400, "p90": 900}}'::jsonb END,
       false, created_at - k * interval '1 hour', created_at - k * interval '1 hour', created_at
FROM numbered JOIN story USING (id), generate_series(0, %(runs)s - 1) AS k, LATERAL (SELECT CASE WHEN k > 0
       THEN 'complete' WHEN n %% 50 = 7 THEN 'paused' WHEN n %% 50 = 8 THEN 'failed' WHEN n %% 50 = 9 THEN 'cancelled'
       ELSE 'complete' END AS status)
"""
_TEXTS = """
INSERT INTO revision (id, story_id, scene_id, number, cause, text, words, run_id, digest, checked)
SELECT md5('text' || scene.id)::uuid, scene.story_id, scene.id, 1, 'draft', repeat(
       'Person ' || scene.number || ' set the lamp on the sill and waited. Nobody in the harbour asked.'
       || E'\\n\\n', 12), 216, md5('run' || n || '/0')::uuid, NULL, true
FROM scene JOIN numbered ON numbered.id = scene.story_id
"""
_SCENES = """
UPDATE scene SET revision_id = md5('text' || id)::uuid, words = 216, title = 'The lamp, ' || number,
       summary = 'The lamp waits for the tide.', brief = brief || '{"purpose": "Wait for the tide."}'
"""
_EVENTS = """
INSERT INTO run_event (run_id, story_id, scene_number, kind, message, created_at)
SELECT md5('run' || n || '/0')::uuid, id, i % 5 + 1, 'scene_committed', 'Finished scene ' || i % 5 + 1,
       now() - n * interval '4 hours' + i * interval '1 minute'
FROM numbered, generate_series(1, 50) AS i
"""
_FACTS = """
INSERT INTO fact (id, story_id, scene_id, revision_id, number, subject, aspect, statement, evidence, valid_from, status)
SELECT md5('fact' || scene.id || i)::uuid, story_id, id, revision_id, i, 'Person ' || i, 'place',
       'Person ' || i || ' keeps the lamp of scene ' || number, 'set the lamp on the sill', number, 'established'
FROM scene, generate_series(1, 8) AS i
"""
_FINDINGS = """
INSERT INTO finding (id, story_id, scene_id, revision_id, number, category, severity, description, quote, origin,
       status)
SELECT md5('finding' || id)::uuid, story_id, id, revision_id, 1, enum_first(NULL::finding_category_enum),
       enum_first(NULL::finding_severity_enum), 'The lamp was put out in the scene before.',
       'set the lamp on the sill', 'continuity_editor', enum_first(NULL::finding_status_enum)
FROM scene WHERE number % 3 = 0
"""
_QUESTIONS = """
INSERT INTO review_item (id, story_id, run_id, scene_id, kind, question, details, status, created_at)
SELECT md5('question' || n)::uuid, numbered.id, md5('run' || n || '/0')::uuid, scene.id, 'finding', 'Is the lamp lit?',
       jsonb_build_object('revision_id', scene.revision_id), 'open', now() - n * interval '1 hour'
FROM numbered JOIN scene ON scene.story_id = numbered.id AND scene.number = 3 WHERE n % 10 = 0 OR n % 50 = 7
"""
_CALLS = """
INSERT INTO llm_call (id, story_id, run_id, scene_number, agent, node, node_path, attempt, prompt_version, prompt_hash,
       model, settings, settings_hash, endpoint, request, response_text, finish_reason, outcome, prompt_tokens,
       completion_tokens, cached_tokens, ttft_ms, latency_ms, cost_usd, waits, started_at, ended_at)
SELECT md5('call' || c)::uuid, numbered.id, md5('run' || n || '/' || c / %(stories)s / %(a_run)s)::uuid,
       c / %(stories)s %% 5 + 1,
       (ARRAY['story_architect', 'scene_generator', 'continuity_editor', 'continuity_editor'])[c %% 4 + 1],
       (ARRAY['generate_outline', 'draft_scene', 'coherence_check', 'digest_scene'])[c %% 4 + 1], 'scene/' || c, 1,
       (c %% 3)::text, md5(c::text), (ARRAY['gpt-4-turbo', 'claude-sonnet-4', 'gpt-4o-mini'])[c %% 3 + 1],
       '{"temperature": 0.7}', '0', 'api.example.com:443', '{"messages": [{"role": "user", "content": "Go on."}]}',
       repeat('The lamp stood on the sill. ', 12), 'stop',
       (CASE WHEN h %% 25 = 0 THEN 'timeout' ELSE 'ok' END)::llm_outcome_enum, 1200 + h %% 1700, 100 + h %% 900,
       h %% 800, 200 + h %% 900, took_ms, CASE WHEN h %% 40 > 0 THEN (h %% 1000) / 100000.0 END,
       '{"place": 12.5}', at, at + took_ms * interval '1 ms'
FROM generate_series(%(first)s::int, %(last)s::int) AS c JOIN numbered ON n = c %% %(stories)s,
     LATERAL (SELECT abs(hashint4(c)) AS h), LATERAL (SELECT 900 + h %% 9000 * (1 + h %% 3) AS took_ms,
     now() - n * interval '4 hours' - interval '3 hours' + c / %(stories)s * interval '7 seconds' AS at)
"""


def build(
    url: str,
    stories: int = STORIES,
    calls: int = CALLS,
    memories: int = MEMORIES,
    say: Callable[[str], None] = print,
) -> None:
    """Fill an empty, migrated database; most of the time goes into the index of the vectors."""
    long = min(LONG_SCENES * PER_SCENE, memories)
    sizes = [long, *[max(1, (memories - long) // max(1, stories - 1))] * (stories - 1)]
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        for _ in fill(connection, World.of(), sizes, at_once=100, revisions=False):
            pass
        say(f"{stories:,} stories, {sum(sizes):,} memories")
        model = EmbeddedEmbedder.name
        connection.execute("UPDATE memory SET embedding_model = %s WHERE embedding_model = %s", [model, MODEL])
        for made in (_NUMBERS, _TELL):
            connection.execute(made.encode())
        connection.execute(_RUNS.encode(), {"runs": max(1, -(-calls // stories // CALLS_A_RUN))})
        for made in (_TEXTS, _SCENES, _EVENTS, _FACTS, _FINDINGS, _QUESTIONS):
            connection.execute(made.encode())
        for first in range(0, calls, AT_ONCE):
            last = min(first + AT_ONCE, calls) - 1
            connection.execute(b"SET LOCAL session_replication_role = replica")  # nothing is there that could be stale
            connection.execute(
                _CALLS.encode(), {"first": first, "last": last, "stories": stories, "a_run": CALLS_A_RUN}
            )
            connection.commit()
            say(f"{last + 1:,} calls")
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"VACUUM (ANALYZE) {TABLES}".encode())
    asyncio.run(_index(url))


async def _index(url: str) -> None:
    store = Database(url.replace("postgresql://", "postgresql+psycopg://"))
    async with store.transaction() as tx:
        await tx.memories.ensure_index(EmbeddedEmbedder.name, DIMENSIONS)
    await store.close()


def main() -> None:
    """Read the command line and fill the database."""
    parser = argparse.ArgumentParser(description="Fill an empty database with a large house.")
    parser.add_argument("--stories", type=int, default=STORIES)
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--memories", type=int, default=MEMORIES)
    given = parser.parse_args()
    url = os.environ["DATABASE_URL"]
    began = time.perf_counter()
    upgrade(url.replace("postgresql://", "postgresql+psycopg://"))
    build(url, given.stories, given.calls, given.memories)
    print(f"{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
