"""Each bad input gets one clear line that says what to do, the right exit code, and leaves every table as it was."""

import http.server
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from chorus.embedded import EmbeddedPostgres
from tests.acceptance.commands import COMMANDS
from tests.acceptance.conftest import KEY, Said, terminal_at
from tests.databases import Server, count_rows
from tests.endpoint import EndpointServer, Kind

pytestmark = pytest.mark.timeout(300)
WRITE = ("write", "A lamp burns without oil.", "--scenes", "2", "--words", "60")
NOBODY = str(uuid4())


class House:
    """A terminal before a database that holds one story, with all its tables counted."""

    def __init__(self, server: Server, endpoint: EndpointServer, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.name = server.create()
        self.url = server.url(self.name)
        self.terminal = terminal_at(self.url, endpoint, folder)
        manuscript = folder / "lamp.md"
        manuscript.write_text("# The Lamp\n\n## 1\n\n" + "Mara lit the lamp on the pier. " * 200, encoding="utf-8")
        self.story_id = self.terminal.chorus("import", str(manuscript), "--json").json["story_id"]

    def counts(self, url: str | None = None) -> dict[str, int]:
        return count_rows(url or self.url)

    def refuse(self, *arguments: str, code: int, stdin: str | None = None, **settings: str | None) -> str:
        """Run a command that must be refused; returns the one line it says."""
        url = settings.get("DATABASE_URL", self.url)
        before = self.counts()
        settled = {**self.terminal.environment, **settings}
        environment = {name: value for name, value in settled.items() if value is not None}
        said = COMMANDS.run(arguments, environment, self.folder, stdin or "", 120)
        assert url is None or self.counts() == before
        return one_line(Said(said.returncode, said.stdout, said.stderr), code, as_json="--json" in arguments)


def one_line(said: Said, code: int, *, as_json: bool = False) -> str:
    """The line in which a command says what is wrong; what it told before about its run does not count."""
    lines = [line for line in said.err.splitlines() if not line.startswith(("Run ", "   "))]
    assert said.code == code, said
    assert len(lines) == 1, said.err
    assert "Traceback" not in said.err
    assert "should not happen" not in said.err
    if as_json:
        assert said.json == {"error": lines[0]}
    else:
        assert said.out == ""
    return lines[0]


@pytest.fixture(scope="module")
def house(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with EndpointServer(api_key=KEY) as endpoint:
        opened = House(server, endpoint, tmp_path_factory.mktemp("bad-input"))
        yield opened
        opened.terminal.stop()
        server.drop(opened.name)


@pytest.mark.parametrize(
    ("arguments", "stdin", "line"),
    [
        (("write", ""), None, "The premise is empty: say in a sentence or two"),
        (("write", "-", "--json"), " \n", "The premise is empty"),
        (("write", "-"), "x" * 50_000, "has 50,000 characters, and at most 20,000 are read: shorten it"),
        (("write", "A lamp.", "--scenes", "0"), None, "--scenes"),
        (("write", "A lamp.", "--scenes", "10000", "--json"), None, "less than or equal to 500"),
        (("show", NOBODY), None, "`chorus stories` lists them"),
        (("show", "not-a-uuid", "--json"), None, "“not-a-uuid” is no story id"),
        (("resume", NOBODY), None, "`chorus runs` lists them"),
        (("resume", NOBODY[:-1] + "z"), None, "is no run id"),
        (("export", NOBODY), None, "There is no story"),
        (("search", "lamp", "--story", "not-a-uuid"), None, "is no story id"),
        (("search", "", "--json"), None, "The query is empty: say what to look for."),
        (("import", "nowhere.md"), None, "There is no file nowhere.md."),
        (("import", "."), None, "cannot be read"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    house: House, arguments: tuple[str, ...], stdin: str | None, line: str
) -> None:
    assert line in house.refuse(*arguments, code=2, stdin=stdin)


@pytest.mark.parametrize(
    ("name", "raw", "line"),
    [
        ("noise.txt", bytes(range(1, 256)) * 20, "is no text file"),
        ("zeros.md", b"abc\x00\x01" * 100, "is no text file"),
        ("broken.docx", b"PK\x03\x04 and no more", "broken"),
        ("fake.docx", b"once upon a time", "is broken or no .docx file at all"),
        ("empty.md", b"", "is empty"),
    ],
)
def test_a_file_that_is_no_manuscript_is_refused(house: House, name: str, raw: bytes, line: str) -> None:
    (house.folder / name).write_bytes(raw)
    assert line in house.refuse("import", name, code=2)


@pytest.mark.parametrize(
    ("url", "code", "line"),
    [
        ("postgresql://u:hidden-canary@127.0.0.1:9/x", 1, "The database does not answer"),
        ("postgresql://u:hidden-canary@no-such-host.invalid/x", 1, "The database does not answer"),
        ("postgresql://u:hidden-canary@[/x", 2, "must be like postgresql://user@host:5432/database"),
        ("postgresql://u:hidden-canary@host:port/x", 2, "must be like postgresql://user@host:5432/database"),
        ("mysql://u:hidden-canary@host/x", 2, "must start with postgresql://"),
    ],
)
def test_a_database_that_cannot_be_reached_is_named_without_its_password(
    house: House, url: str, code: int, line: str
) -> None:
    said = house.refuse("runs", "--json", code=code, DATABASE_URL=url)
    assert line in said
    assert "DATABASE_URL" in said
    assert "hidden-canary" not in said


def test_a_database_without_pgvector_stays_empty(house: House) -> None:
    name = house.server.create(template="template1")
    url = house.server.url(name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} SET extension_control_path = '/nowhere'".encode())
    assert "has no tables of Chorus yet: run `chorus db upgrade`" in house.refuse("runs", code=1, DATABASE_URL=url)
    line = house.refuse("db", "upgrade", code=1, DATABASE_URL=url)
    assert line == "This Postgres has no pgvector: install pgvector >= 0.8.2 there, or unset DATABASE_URL."
    assert house.counts(url) == {}
    house.server.drop(name)


def test_a_user_who_may_not_create_pgvector_is_told_who_can(house: House) -> None:
    name = house.server.create(template="template1")
    url = house.server.url(name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE plain_{name} LOGIN".encode())
        connection.execute(f"GRANT ALL ON SCHEMA public TO plain_{name}".encode())
    plain = url.replace("//chorus@", f"//plain_{name}@")
    assert "CREATE EXTENSION vector" in house.refuse("db", "upgrade", code=1, DATABASE_URL=plain)
    assert house.counts(url) == {}
    house.server.drop(name)
    with psycopg.connect(house.url, autocommit=True) as connection:
        connection.execute(f"DROP ROLE plain_{name}".encode())


@pytest.mark.parametrize(
    ("revision", "line"),
    [("9999", "made by a newer Chorus: update this one"), ("0001", "made by an older Chorus: run `chorus db upgrade`")],
)
def test_a_schema_of_another_version_is_not_touched(house: House, revision: str, line: str) -> None:
    name = house.server.create()
    url = house.server.url(name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = %s", [revision])
    before = house.counts(url)
    assert line in house.refuse(*WRITE, code=1, DATABASE_URL=url)
    if revision == "9999":
        assert line in house.refuse("db", "upgrade", code=1, DATABASE_URL=url)
    assert house.counts(url) == before
    house.server.drop(name)


def test_a_full_disk_under_the_database_is_one_line(house: House) -> None:
    with psycopg.connect(house.url, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION"
            " 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
        )
        connection.execute("CREATE TRIGGER full_disk BEFORE INSERT ON memory EXECUTE FUNCTION full_disk()")
    try:
        line = house.refuse("import", "lamp.md", code=1)
    finally:
        with psycopg.connect(house.url, autocommit=True) as connection:
            connection.execute("DROP TRIGGER full_disk ON memory")
    assert line.startswith("The disk of the database is full: make room there.")


@contextmanager
def web_server(body: str, kind: str) -> Iterator[str]:
    """Something that answers everything with the same page."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            self.send_response(200)
            self.send_header("content-type", kind)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        server.shutdown()
        thread.join()


def test_an_endpoint_that_refuses_connections_leaves_nothing(house: House) -> None:
    line = house.refuse(*WRITE, "--json", code=1, OPENAI_API_BASE="http://127.0.0.1:9/v1")
    assert line.startswith("Nothing answers at http://127.0.0.1:9/v1: check OPENAI_API_BASE")
    assert line.endswith("nothing is kept.")


def test_an_endpoint_that_refuses_the_key_leaves_nothing(house: House) -> None:
    line = house.refuse(*WRITE, code=1, OPENAI_API_KEY="sk-wrong-canary")
    assert line.startswith("OPENAI_API_KEY was refused by 127.0.0.1")
    assert "sk-wrong-canary" not in line


@pytest.mark.parametrize(
    ("body", "kind"), [("<html>Welcome</html>", "text/html"), ('{"weather": "rain"}', "application/json")]
)
def test_what_is_no_llm_leaves_nothing(house: House, body: str, kind: str) -> None:
    with web_server(body, kind) as address:
        line = house.refuse(*WRITE, code=1, OPENAI_API_BASE=address)
    assert "answers, but not like an OpenAI-compatible endpoint: check OPENAI_API_BASE" in line


def test_a_model_that_does_not_exist_leaves_nothing(house: House) -> None:
    with EndpointServer(faults=[Kind.NO_SUCH_MODEL] * 9) as endpoint:
        line = house.refuse(*WRITE, code=1, OPENAI_API_BASE=endpoint.base_url, STORY_ARCHITECT_MODEL="gpt-99")
    assert "knows no model 'gpt-99'" in line
    assert "check STORY_ARCHITECT_MODEL" in line


@pytest.mark.parametrize(("raw", "line"), [(b"GGUF" + bytes(5000), "could not be loaded"), (b"no", "is not a GGUF")])
def test_a_broken_gguf_leaves_nothing(house: House, raw: bytes, line: str) -> None:
    (house.folder / "broken.gguf").write_bytes(raw)
    gguf = str(house.folder / "broken.gguf")
    assert line in house.refuse(*WRITE, code=1, CHORUS_GGUF=gguf, OPENAI_API_BASE=None)


@pytest.mark.parametrize("command", ["app", "api", "demo"])
def test_a_port_in_use_is_named(house: House, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"Port {port} on 127.0.0.1 is taken: choose another" in house.refuse(
            command, "--port", str(port), code=2
        )


def test_an_output_that_cannot_be_written_is_named(house: House) -> None:
    target = str(house.folder / "nowhere" / "book.md")
    assert f"{target} cannot be written" in house.refuse("export", house.story_id, "-o", target, code=2)


def test_a_disk_that_is_full_leaves_no_half_a_book(house: House) -> None:
    shelf = house.folder / "shelf"
    shelf.mkdir()
    process = subprocess.run(
        [sys.executable, "-m", "chorus", "export", house.story_id, "-o", str(shelf)],
        capture_output=True,
        check=False,
        text=True,
        env=house.terminal.environment,
        cwd=house.folder,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)),
        timeout=60,
    )
    assert "cannot be written" in one_line(Said(process.returncode, process.stdout, process.stderr), 2)
    assert list(shelf.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("command", [("export", "STORY"), ("stories", "--json"), ("stories",)])
def test_a_stdout_that_is_full_is_one_line(house: House, command: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        process = subprocess.run(
            [sys.executable, "-m", "chorus", *(house.story_id if word == "STORY" else word for word in command)],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            text=True,
            env=house.terminal.environment,
            timeout=60,
        )
    assert "There is no room to write" in one_line(Said(process.returncode, "", process.stderr), 1)


@pytest.fixture
def tiny_disk() -> Iterator[Path]:
    """A disk of two megabytes, where everybody may go."""
    place = Path(tempfile.mkdtemp(prefix="chorus-tiny-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        place.rmdir()
        pytest.skip("may not mount a small disk")
    place.chmod(0o755)
    yield place
    EmbeddedPostgres(place).remove()
    subprocess.run(["umount", str(place)], check=True)
    place.rmdir()


def test_a_home_without_room_is_refused_before_anything_is_made(house: House, tiny_disk: Path) -> None:
    settings = {"CHORUS_HOME": str(tiny_disk), "DATABASE_URL": None}
    line = house.refuse("stories", code=1, **settings)
    assert "MB left, and a new database takes" in line
    assert "make room, set CHORUS_HOME" in line
    assert sum(path.is_file() and path.stat().st_size > 0 for path in tiny_disk.rglob("*")) == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_cannot_be_written_is_named(house: House, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert "CHORUS_HOME" in house.refuse("stories", code=1, CHORUS_HOME=str(tmp_path / "home"), DATABASE_URL=None)


def test_doctor_tells_what_to_do_in_one_document(house: House) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "chorus", "doctor", "--json"],
        capture_output=True,
        check=False,
        text=True,
        env={**house.terminal.environment, "OPENAI_API_KEY": "sk-wrong-canary"},
        timeout=100,
    )
    report = json.loads(process.stdout)
    assert (process.returncode, report["well"], process.stderr) == (1, False, "")
    parts = {part["name"]: part for part in report["parts"]}
    assert parts["story_architect"]["condition"] == "problem"
    assert "OPENAI_API_KEY" in parts["story_architect"]["remedy"]
    assert {parts[name]["condition"] for name in ("database", "pgvector", "tables", "embedder")} == {"ok"}
    assert "sk-wrong-canary" not in process.stdout
