"""What every test may rely on: no setting of the developer's is seen, and no test reaches the internet by accident.

Tests run in an empty folder (so no ``.env`` is read) with an empty ``CHORUS_HOME``; both are inherited by the processes
they start. Fixtures that belong to one kind of test live beside those tests.
"""

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

from tests.databases import Server, embedded_server
from tests.figures import shown

ROOT = Path(__file__).resolve().parent.parent

_OURS = set(re.findall(r"^# ([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.M))
_PREFIXES = ("CHORUS_", "OPENAI_", "EMBEDDING_", "LANGCHAIN_", "LANGSMITH_", "OTEL_", "PG", "STREAMLIT_")
_FOR_TESTS = {"CHORUS_BROWSER_TESTS", "CHORUS_DATA", "CHORUS_MEMORIES", "CHORUS_MILLION", "CHORUS_TEST_HOUSE"}
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_NOBODY = "http://127.0.0.1:9"  # the discard port: refused at once
_LOCAL = re.compile(r"^(127\.|localhost$|::1$|::ffff:127\.|0\.0\.0\.0$|::$|$)")

settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

_outside: dict[str, str] = {}
_home = ""
_sealed = False


def pytest_configure(config: pytest.Config) -> None:
    """Take every setting out of the environment, before anything can read one."""
    global _home, _sealed  # noqa: PLW0603 - a test session is one per process
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        return  # the tests run in processes of their own, which inherit this one's environment and seal it
    for name in list(os.environ):
        if (name in _OURS or name.startswith(_PREFIXES)) and name not in _FOR_TESTS:
            del os.environ[name]
    _outside.update(os.environ)
    _home = tempfile.mkdtemp(prefix="chorus-test-")
    _seal()
    sys.addaudithook(_refuse_the_internet)
    _sealed = True


_ORDER = ("unit", "integration", "pages", "acceptance", "browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what is cheap first, and the browser last: Playwright leaves an event loop running in the main thread."""

    def place(item: pytest.Item) -> int:
        folder = Path(item.path).relative_to(ROOT / "tests").parts[0]
        return _ORDER.index(folder) if folder in _ORDER else 0

    items.sort(key=place)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """After a soak, give all figures once more, in one place."""
    if shown():
        terminalreporter.section("figures")
        terminalreporter.write("\n\n".join(shown()) + "\n")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind."""
    global _sealed  # noqa: PLW0603
    _sealed = False
    if _home:
        shutil.rmtree(_home, ignore_errors=True)


def _seal() -> None:
    os.environ["CHORUS_HOME"] = str(Path(_home) / "home")
    for name in _PROXIES:
        os.environ[name] = os.environ[name.lower()] = _NOBODY
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "localhost,127.0.0.1,::1"


def _refuse_the_internet(event: str, args: tuple[object, ...]) -> None:
    if not _sealed or event not in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        return
    address = args[0] if event == "socket.getaddrinfo" else args[1]
    host = address[0] if isinstance(address, tuple) else address
    if event == "socket.getaddrinfo" or isinstance(address, tuple):
        name = host.decode() if isinstance(host, bytes) else str(host or "")
        if not _LOCAL.match(name):
            pytest.fail(f"this test reaches for {name}; tests talk to loopback only (see the fixture `internet`)")


@pytest.fixture(scope="session", autouse=True)
def an_empty_place() -> Iterator[None]:
    """Work in a folder that holds no ``.env``."""
    before = Path.cwd()
    place = Path(_home) / "cwd"
    place.mkdir()
    os.chdir(place)
    yield
    os.chdir(before)


@pytest.fixture(scope="session")
def internet() -> Callable[[], AbstractContextManager[None]]:
    """``with internet():`` for the few tests that fetch something through a package registry."""

    @contextmanager
    def opened() -> Iterator[None]:
        global _sealed  # noqa: PLW0603
        names = [*_PROXIES, "NO_PROXY"]
        closed = dict(os.environ)
        for name in [*names, *map(str.lower, names)]:
            os.environ.pop(name, None)
            if name in _outside:
                os.environ[name] = _outside[name]
        _sealed = False
        try:
            yield
        finally:
            _sealed = True
            for name in [*names, *map(str.lower, names)]:
                os.environ[name] = closed[name]

    return opened


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The session's embedded Postgres."""
    with embedded_server() as running:
        yield running


@pytest.fixture
def database_url(server: Server) -> Iterator[str]:
    """A fresh, migrated database."""
    name = server.create()
    yield server.url(name)
    server.drop(name)


def data_file(name: str) -> Path:
    """Find one of the shared data files; a test that needs it is skipped where there is none."""
    folder = Path(os.environ.get("CHORUS_DATA") or ROOT.parent / "shared" / "data")
    path = folder / name
    if not path.exists():
        pytest.skip(f"needs {name} in CHORUS_DATA (default ../shared/data)")
    return path
