"""Whatever goes wrong, a command says it in one line, keeps stdout to one document and leaves a code behind."""

import json

import pytest

from tests.acceptance.conftest import KEY, Terminal
from tests.endpoint import EndpointServer, Kind

pytestmark = pytest.mark.timeout(300)
HEAVY = {"streamlit", "xllamacpp", "onnxruntime", "alembic", "docx", "langgraph", "openai"}


def test_a_dead_database_is_one_line(terminal: Terminal) -> None:
    terminal.environment["DATABASE_URL"] = "postgresql://nobody:hidden-word@127.0.0.1:9/none"
    for command in (("write", "x", "--json"), ("db", "status")):
        said = terminal.chorus(*command)
        assert said.code == 1
        assert "--json" not in command or set(said.json) == {"error"}
        assert len(said.err.splitlines()) == 1
        assert "The database does not answer" in said.err
        assert "hidden-word" not in said.err


def test_a_key_that_is_refused_in_the_middle_fails_the_run_and_says_why(
    terminal: Terminal, endpoint: EndpointServer
) -> None:
    endpoint.faults = lambda index: Kind.UNAUTHORIZED if index >= 4 else None
    said = terminal.chorus("write", "x", "--scenes", "2", "--json")
    assert (said.code, said.json["status"]) == (1, "failed")
    assert said.json["error"] in said.err
    assert "OPENAI_API_KEY was refused" in said.json["error"]
    assert "Traceback" not in said.err
    assert KEY not in said.out + said.err
    endpoint.faults = ()
    assert terminal.chorus("resume", said.json["run_id"], "--json").json["status"] == "complete"


def test_at_debug_everything_is_logged_but_no_secret(terminal: Terminal, endpoint: EndpointServer) -> None:
    terminal.environment["LOG_LEVEL"] = "DEBUG"
    endpoint.faults = [Kind.ECHO_KEY]
    said = terminal.chorus("write", "x", "--scenes", "1", "--words", "60", "--json")
    assert said.json["status"] == "complete"
    logged = [json.loads(line) for line in said.err.splitlines() if line.startswith("{")]
    assert {line["run_id"] for line in logged if "run_id" in line} == {said.json["run_id"]}
    assert len({line["logger"] for line in logged}) > 3
    assert KEY not in said.out + said.err


def test_database_commands_tell_where_it_is_without_its_password(terminal: Terminal) -> None:
    assert "current" in terminal.chorus("db", "status").out
    assert terminal.chorus("db", "upgrade").code == 0
    assert terminal.chorus("db", "url").out.startswith("postgresql://")
    del terminal.environment["DATABASE_URL"]
    assert "not set up yet" in terminal.chorus("db", "status").out
    assert "was not running" in terminal.chorus("db", "stop").out
    assert terminal.chorus("stop").out == "Nothing was running.\n"


def test_reading_loads_nothing_heavy(terminal: Terminal) -> None:
    script = "import sys; from chorus.cli import main; main(['runs', '--json']); print(*sys.modules, file=sys.stderr)"
    _, modules = terminal.start(python=("-c", script)).communicate(timeout=60)
    loaded = {name.split(".")[0] for name in modules.split()}
    assert "sqlalchemy" in loaded
    assert loaded & HEAVY == set()


def test_help_and_version_load_next_to_nothing(terminal: Terminal) -> None:
    for option in ("--version", "--help"):
        script = f"import sys; from chorus.cli import main; main(['{option}']); print(*sys.modules, file=sys.stderr)"
        said, modules = terminal.start(python=("-c", script)).communicate(timeout=60)
        assert "chorus" in said
        assert not {name.split(".")[0] for name in modules.split()} & {*HEAVY, "sqlalchemy", "pydantic", "rich"}


def test_a_reader_that_goes_away_is_no_trouble(terminal: Terminal) -> None:
    process = terminal.start("--help")
    assert process.stdout
    process.stdout.close()
    assert process.stderr
    err = process.stderr.read()
    assert process.wait(60) in (0, 1)
    assert err == ""
