"""Whatever goes wrong, a command says it in one line, keeps stdout to one document and leaves a code behind."""

import pytest

from tests.acceptance.conftest import KEY, Terminal
from tests.endpoint import EndpointServer

pytestmark = pytest.mark.timeout(300)
HEAVY = {"streamlit", "xllamacpp", "onnxruntime"}


def test_a_dead_database_is_one_line(terminal: Terminal) -> None:
    terminal.environment["DATABASE_URL"] = "postgresql://nobody:hidden-word@127.0.0.1:9/none"
    for command in (("write", "x", "--json"), ("db", "status")):
        said = terminal.chorus(*command)
        assert said.code == 1
        assert "--json" not in command or set(said.json) == {"error"}
        assert len(said.err.splitlines()) == 1
        assert "The database does not answer" in said.err
        assert "hidden-word" not in said.err


def test_an_endpoint_that_refuses_the_key_fails_the_run_and_says_why(
    terminal: Terminal, endpoint: EndpointServer
) -> None:
    terminal.environment["OPENAI_API_KEY"] = "sk-wrong-canary"
    said = terminal.chorus("write", "x", "--scenes", "2", "--json")
    assert (said.code, said.json["status"]) == (1, "failed")
    assert said.json["error"] in said.err
    assert "Traceback" not in said.err
    assert "sk-wrong-canary" not in said.out + said.err
    terminal.environment["OPENAI_API_KEY"] = KEY
    assert terminal.chorus("resume", said.json["run_id"], "--json").json["status"] == "complete"


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
    assert not loaded & HEAVY


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
