import asyncio
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from alembic.script import ScriptDirectory

from chorus.domain.story import Origin, Story
from chorus.errors import DatabaseUnavailable, SchemaMismatch
from chorus.pipeline.chapters import telling_of
from chorus.store import Database, SchemaState, migrate, schema_state, upgrade
from chorus.store.migrate import differences, downgrade, revisions
from chorus.store.tables import PROCRASTINATE, metadata
from tests.databases import Server


def procrastinate_in(url: str) -> int:
    """How many functions and types of procrastinate there are."""
    with psycopg.connect(url) as connection:
        count = connection.execute(
            "SELECT (SELECT count(*) FROM pg_proc WHERE proname LIKE 'procrastinate%')"
            " + (SELECT count(*) FROM pg_type WHERE typname LIKE '%procrastinate%')"
        ).fetchone()
    return int(count[0]) if count else 0


@pytest.fixture
def empty_url(server: Server) -> Iterator[str]:
    name = server.create(template="template1")
    yield server.url(name)
    server.drop(name)


def tables_in(url: str, schema: str = "public") -> set[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
        return {row[0] for row in rows}


def test_the_numbers_of_the_files_are_the_order_of_the_revisions() -> None:
    """``state_of`` goes by them; Alembic itself goes by what each file says that it follows."""
    scripts = ScriptDirectory(str(Path(migrate.__file__).parent / "migrations"))
    assert revisions() == tuple(reversed([script.revision for script in scripts.walk_revisions()]))


def test_up_down_and_up_again_leave_what_the_code_expects(empty_url: str) -> None:
    assert schema_state(empty_url) is SchemaState.MISSING
    upgrade(empty_url)
    assert schema_state(empty_url) is SchemaState.CURRENT
    assert differences(empty_url) == []
    assert tables_in(empty_url) == {*metadata.tables, *PROCRASTINATE, "alembic_version"}
    assert procrastinate_in(empty_url) > 0
    downgrade(empty_url, "public", "base")
    assert tables_in(empty_url) == {"alembic_version"}
    assert procrastinate_in(empty_url) == 0
    upgrade(empty_url)
    assert differences(empty_url) == []


def test_a_database_from_before_days_were_added_up_gets_their_tables(empty_url: str) -> None:
    upgrade(empty_url, to="0019")
    with psycopg.connect(empty_url) as connection:
        connection.execute("DROP TABLE rolled_day, call_day, call_day_of_run")
        connection.execute("DROP FUNCTION touch_rolled_day CASCADE")
    upgrade(empty_url)
    assert differences(empty_url) == []
    with psycopg.connect(empty_url) as connection:
        triggers = connection.execute("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'llm_call_%'").fetchall()
    assert {"llm_call_kept_late", "llm_call_changed_late", "llm_call_gone"} <= {name for (name,) in triggers}


def test_status_of_a_scene_is_a_native_enum_type(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        labels = connection.execute("SELECT unnest(enum_range(NULL::scene_status_enum))::text").fetchall()
    assert [label for (label,) in labels] == ["queued", "drafting", "in_review", "rejected", "approved"]


async def test_a_schema_of_its_own_holds_everything(empty_url: str) -> None:
    await asyncio.to_thread(upgrade, empty_url, "authors")
    assert tables_in(empty_url, "authors") == {*metadata.tables, *PROCRASTINATE, "alembic_version"}
    assert tables_in(empty_url) == set()
    database = Database(empty_url.replace("postgresql:", "postgresql+psycopg:"), "authors")
    async with database.transaction() as tx:
        await tx.stories.add(Story(title="Elsewhere", origin=Origin.IMPORTED))
    async with database.reading() as tx:
        assert [card.title for card in await tx.stories.list_cards()] == ["Elsewhere"]
    await database.close()


def test_looking_makes_nothing(empty_url: str) -> None:
    assert schema_state(empty_url, "authors") is SchemaState.MISSING
    with psycopg.connect(empty_url) as connection:
        assert connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'authors'").fetchone() is None


async def test_two_upgrades_at_once_make_one_schema(empty_url: str) -> None:
    await asyncio.gather(*(asyncio.to_thread(upgrade, empty_url) for _ in range(2)))
    assert schema_state(empty_url) is SchemaState.CURRENT


def test_a_newer_schema_is_refused(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert schema_state(database_url) is SchemaState.NEWER
    with pytest.raises(SchemaMismatch, match="update this one"):
        upgrade(database_url)


def test_a_server_that_is_not_there_is_said_to_be_away() -> None:
    with pytest.raises(DatabaseUnavailable, match="DATABASE_URL"):
        schema_state("postgresql://nobody@127.0.0.1:9/none")


BEFORE_FACTS_ENDED = """
    INSERT INTO story (id, title, origin) VALUES (:s, 'Book', 'written');
    INSERT INTO chapter (id, story_id, number, title, summary) VALUES (:s, :s, 1, 'One', 'Ada sees.');
    INSERT INTO scene (id, story_id, chapter_id, number, title, status, summary, brief)
    VALUES (:s, :s, :s, 1, 'One', 'approved', 'Ada saw it, é.', '{"purpose": ""}'),
           (gen_random_uuid(), :s, :s, 2, 'Two', 'approved', 'It goes.', '{"purpose": ""}');
    INSERT INTO revision (id, story_id, scene_id, number, cause, text, words)
    VALUES (:s, :s, :s, 1, 'draft', 'Ada saw the key.', 4);
    INSERT INTO fact (id, story_id, scene_id, revision_id, subject, statement, valid_to, known_by, status)
    VALUES (:s, :s, :s, :s, 'the key', 'Ada saw the key.', 2, '{Ada,Bob}', 'established');
    INSERT INTO memory (id, story_id, scene_id, revision_id, kind, text, span_start, span_end, entities, number)
    VALUES (:s, :s, :s, :s, 'fact', 'Ada saw the key.', 0, 16, '{Ada,Bob}', 1),
           (gen_random_uuid(), :s, :s, :s, 'passage', 'Ada saw the key.', 0, 16, '{Ada,Bob}', 2);
"""


def test_remembered_facts_of_an_older_database_end_and_say_whom_they_are_about(empty_url: str) -> None:
    upgrade(empty_url, to="0021")
    with psycopg.connect(empty_url) as connection:
        connection.execute(BEFORE_FACTS_ENDED.replace(":s", f"'{UUID(int=1)}'").encode())
    upgrade(empty_url)
    query = "SELECT kind::text, entities, known_by, valid_to, told(memory) FROM memory ORDER BY number"
    with psycopg.connect(empty_url) as connection:
        assert connection.execute(query).fetchall() == [
            ("fact", ["the key", "Ada"], ["Ada", "Bob"], 2, "Ada saw the key."),
            ("passage", ["Ada", "Bob"], [], None, "Ada saw the key."),
        ]


async def test_a_chapter_of_an_older_database_is_known_to_be_of_what_its_scenes_say(empty_url: str) -> None:
    upgrade(empty_url, to="0025")
    with psycopg.connect(empty_url) as connection:
        connection.execute(BEFORE_FACTS_ENDED.replace(":s", f"'{UUID(int=1)}'").encode())
    upgrade(empty_url)
    database = Database(empty_url.replace("postgresql://", "postgresql+psycopg://"))
    async with database.transaction() as tx:
        outline = await tx.stories.load_outline(UUID(int=1))
        (telling,) = await tx.stories.list_tellings(UUID(int=1))
    await database.close()
    assert telling == telling_of(outline.chapters[0], outline)
