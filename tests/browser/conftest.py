"""A real Streamlit server and a real Chromium, for what only they can show."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from chorus.store import Database
from tests.conftest import ROOT
from tests.databases import Server as DatabaseServer

STARTING_S = 60
expect.set_options(timeout=20_000)
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
"""The same browsers, in the same order, as ``.ci/run`` looks for."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; skipped where there is none, unless CHORUS_BROWSER_TESTS=required."""
    if CHROMIUM is None:
        if os.environ.get("CHORUS_BROWSER_TESTS") == "required":
            pytest.fail("CHORUS_BROWSER_TESTS=required, and there is no chromium on the PATH")
        pytest.skip("there is no chromium on the PATH")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-background-networking"]
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield running
        running.close()


@contextmanager
def new_tab(browser: Browser) -> Iterator[Page]:
    """Open a tab that knows nothing of any other, and close it."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    tab = context.new_page()
    tab.set_default_timeout(30_000)
    try:
        yield tab
    finally:
        context.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab of its own."""
    with new_tab(browser) as tab:
        yield tab


class Server:
    """``streamlit run app.py`` in a session of its own; ``address`` waits until it answers."""

    def __init__(self, database_url: str, log: Path) -> None:
        self.port = free_port()
        command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), "--server.port", str(self.port)]
        command += ["--server.address", "127.0.0.1", "--server.headless", "true", "--server.fileWatcherType", "none"]
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                env={**os.environ, "DATABASE_URL": database_url, "PYTHONPATH": python_path()},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def address(self) -> str:
        address = f"http://127.0.0.1:{self.port}"
        wait_until_healthy(address, self.process)
        return address

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)


type InDatabase = Callable[[Callable[[Database], Awaitable[Any]]], Any]
type Serve = Callable[[], Server]


@pytest.fixture(scope="module")
def database_address(server: DatabaseServer) -> Iterator[str]:
    """One migrated database for all tests of a module."""
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def serve(database_address: str, tmp_path: Path) -> Iterator[Serve]:
    """``serve()`` starts a server that nobody has visited yet."""
    servers: list[Server] = []

    def start() -> Server:
        servers.append(Server(database_address, tmp_path / f"server-{len(servers)}.log"))
        return servers[-1]

    yield start
    for started in servers:
        started.stop()


@pytest.fixture(scope="module")
def address(database_address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a server answers that all tests of a module share."""
    shared = Server(database_address, tmp_path_factory.mktemp("shared") / "server.log")
    yield shared.address
    shared.stop()


def python_path() -> str:
    return os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_healthy(address: str, server: subprocess.Popen[bytes]) -> None:
    patience = time.monotonic() + STARTING_S
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < patience:
        assert server.poll() is None, f"the server ended with {server.returncode}"
        try:
            with opener.open(f"{address}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"the server did not answer within {STARTING_S} s")


@pytest.fixture
def in_database(database_address: str) -> InDatabase:
    """``in_database(lambda database: ...)`` does something there, also while a page is open."""

    def run(do: Callable[[Database], Awaitable[Any]]) -> Any:
        async def work() -> Any:
            database = Database(database_address.replace("postgresql://", "postgresql+psycopg://"), pool_size=1)
            try:
                return await do(database)
            finally:
                await database.close()

        # Playwright's sync API keeps a loop running in this thread, so this one goes into another
        return asyncio.run(work()) if not _loop_runs_here() else _in_thread(work)

    return run


def _loop_runs_here() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _in_thread(work: Callable[[], Any]) -> Any:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(work())).result(30)


def open_up(page: Page, button: str, inside: Locator) -> None:
    """Press what opens a popover, again if need be: a page that is drawn anew at that moment leaves it shut."""
    for _ in range(4):
        page.get_by_role("button", name=button).first.click()
        with suppress(AssertionError):
            expect(inside.first).to_be_visible(timeout=5_000)
            return
    expect(inside.first).to_be_visible()
