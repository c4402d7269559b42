import hashlib
import http.server
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from chorus.domain.llm_call import Outcome
from chorus.domain.run import Run, RunSettings
from chorus.domain.story import Story
from chorus.domain.worker import Worker
from chorus.embedded import weights
from chorus.inspection import Condition, Part, Report, inspect
from chorus.inspection import inspect as inspection_module
from chorus.llm import Probe
from chorus.settings import load_config
from chorus.store import Database, is_old_pgvector
from tests.databases import Server
from tests.endpoint import EndpointServer

KEY = "sk-canary-inspected-1"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHORUS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set the environment."""

    def put(**settings: str) -> None:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)

    return put


def part(report: Report, name: str) -> Part:
    (found,) = [each for each in report.parts if each.name == name]
    return found


@contextmanager
def web_page(status: int = 200) -> Iterator[str]:
    """A web server that is no endpoint."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<html><body>Welcome to nginx</body></html>")

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def test_nothing_set_up_is_no_problem_and_nothing_is_made(home: Path) -> None:
    report = await inspect()
    assert report.is_well, report.which_are(Condition.PROBLEM)
    assert part(report, "database").condition is Condition.OFF
    assert part(report, "model").condition is Condition.OFF
    assert part(report, "embedder").figures["dimensions"] == 384
    assert part(report, "packages").condition is Condition.OK
    assert [*home.parent.iterdir()] == []


async def test_a_server_of_ones_own_is_looked_at(database_url: str, at: Callable[..., None]) -> None:
    at(DATABASE_URL=database_url)
    report = await inspect()
    assert str(part(report, "database").version).startswith("Postgres 18")
    assert part(report, "pgvector").condition is Condition.OK
    assert part(report, "tables").condition is Condition.OK
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    later = await inspect()
    assert part(later, "tables").condition is Condition.PROBLEM
    assert part(later, "tables").remedy == "Update this Chorus."
    assert not later.is_well


async def test_what_waits_and_who_works_is_told(database_url: str, at: Callable[..., None]) -> None:
    at(DATABASE_URL=database_url)
    assert part(await inspect(), "queue").condition is Condition.OFF
    store = Database(load_config().database.url or "")
    async with store.transaction() as tx:
        story = Story(title="T", premise="P")
        run = Run(story_id=story.id, dispatched=True, settings=RunSettings())
        await tx.stories.add(story)
        await tx.runs.add(run)
    waits = part(await inspect(), "queue")
    assert (waits.condition, waits.figures["waiting"]) == (Condition.WARNING, 1)
    assert "`chorus worker`" in (waits.remedy or "")
    async with store.transaction() as tx:
        worker = Worker(owner="here:1:1.0", host="here", pid=1, version="0.1.0", concurrency=2)
        await tx.jobs.keep_worker(worker)
    await store.close()
    report = await inspect()
    assert part(report, "queue").condition is Condition.OK
    assert part(report, f"worker-{worker.id}").location == "here, process 1"


async def test_an_empty_database_needs_an_upgrade(server: Server, at: Callable[..., None]) -> None:
    name = server.create(template="template1")
    at(DATABASE_URL=server.url(name))
    report = await inspect()
    assert part(report, "tables").remedy == "Run `chorus db upgrade`."
    assert part(report, "pgvector").condition is Condition.WARNING
    server.drop(name)


async def test_a_dead_database_is_a_problem_without_its_password(at: Callable[..., None]) -> None:
    at(DATABASE_URL="postgresql://writer:hidden-canary@127.0.0.1:9/tales")
    found = part(await inspect(), "database")
    assert (found.condition, found.location) == (Condition.PROBLEM, "127.0.0.1:9/tales")
    assert "DATABASE_URL" in (found.remedy or "")
    assert "hidden-canary" not in found.model_dump_json()


async def test_an_endpoint_is_asked_for_its_models_and_for_nothing_else(at: Callable[..., None]) -> None:
    with EndpointServer(api_key=KEY, models=("large", "small")) as endpoint:
        at(OPENAI_API_BASE=endpoint.base_url, OPENAI_API_KEY=KEY, STORY_ARCHITECT_MODEL="large")
        at(SCENE_GENERATOR_MODEL="missing", CONTINUITY_EDITOR_FALLBACK="gone")
        report = await inspect()
        assert endpoint.calls == []
        assert endpoint.connections == 1
    assert part(report, "story_architect").condition is Condition.OK
    assert part(report, "scene_generator").condition is Condition.PROBLEM
    assert part(report, "scene_generator").remedy == "Set SCENE_GENERATOR_MODEL to one that it lists: large, small."
    assert part(report, "continuity_editor").condition is Condition.WARNING
    assert part(report, "model").condition is Condition.OFF


async def test_a_wrong_key_is_named_and_not_shown(at: Callable[..., None]) -> None:
    with EndpointServer(api_key="another") as endpoint:
        at(OPENAI_API_BASE=endpoint.base_url, OPENAI_API_KEY=KEY, STORY_ARCHITECT_MODEL="large")
        report = await inspect()
    found = part(report, "story_architect")
    assert (found.condition, found.said) == (Condition.PROBLEM, "refuses the key")
    assert "OPENAI_API_KEY" in (found.remedy or "")
    assert KEY not in report.model_dump_json()


async def test_what_is_no_endpoint_is_told(at: Callable[..., None]) -> None:
    with web_page() as address:
        at(OPENAI_API_BASE=address, STORY_ARCHITECT_MODEL="m")
        assert part(await inspect(), "story_architect").said == "answers, but not like an LLM endpoint"
    with web_page(404) as address:
        at(OPENAI_API_BASE=address)
        found = part(await inspect(), "story_architect")
        assert (found.condition, found.said) == (Condition.WARNING, "answers, and lists no models")
    at(OPENAI_API_BASE=address)
    found = part(await inspect(), "story_architect")
    assert (found.condition, found.said) == (Condition.PROBLEM, "does not answer")


async def test_an_endpoint_that_hangs_keeps_nobody_waiting(
    at: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chorus.inspection.models.ASK_FOR_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        at(OPENAI_API_BASE=f"http://127.0.0.1:{silent.getsockname()[1]}/v1", STORY_ARCHITECT_MODEL="m")
        found = part(await inspect(), "story_architect")
    assert (found.condition, found.said) == (Condition.PROBLEM, "does not answer in time")


async def test_wrong_settings_are_a_problem_and_no_end(at: Callable[..., None]) -> None:
    at(TEMPERATURE="hot")
    report = await inspect()
    assert {each.name for each in report.parts} == {"python", "packages", "settings"}
    assert "TEMPERATURE" in (part(report, "settings").remedy or "")


async def test_damaged_weights_are_found_out(
    home: Path, at: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = home / "models" / weights.DEFAULT_WEIGHTS.file_name
    file.parent.mkdir(parents=True)
    file.write_bytes(b"GGUF and nothing more")
    found = part(await inspect(), "model")
    assert (found.condition, found.said) == (Condition.PROBLEM, "its file is damaged")
    assert found.figures["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    (home / "mine.gguf").write_bytes(b"no such thing")
    at(CHORUS_GGUF=str(home / "mine.gguf"))
    assert "is not a GGUF file" in (part(await inspect(), "model").remedy or "")


async def test_an_inspection_that_fails_or_hangs_is_a_problem_of_its_part(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_config: object) -> list[Part]:
        raise RuntimeError(KEY)

    looks = inspection_module.__globals__["_LOOKS"]
    monkeypatch.setitem(
        inspection_module.__globals__,
        "_LOOKS",
        tuple(each if each.name != "ports" else type(each)(each.area, "ports", broken) for each in looks),
    )
    found = part(await inspect(load_config()), "ports")
    assert found.condition is Condition.PROBLEM
    assert "RuntimeError" in (found.remedy or "")
    assert KEY not in (found.remedy or "")


def test_a_model_is_known_by_its_name_its_tag_or_a_pattern() -> None:
    probed = Probe(Outcome.OK, ("llama3:latest", "openai/*", "gpt-4"), None)
    assert all(map(probed.knows, ("llama3", "llama3:latest", "openai/o9", "gpt-4")))
    assert not any(map(probed.knows, ("gpt", "llama", "mistral")))


@pytest.mark.parametrize(("version", "old"), [("0.8.1", True), ("0.8.2", False), ("0.10.0", False), ("1.0", False)])
def test_versions_of_pgvector_are_compared_as_numbers(version: str, old: bool) -> None:
    assert is_old_pgvector(version) is old
