"""Ten people watch one story grow: what that costs the app, and whether the writing suffers. Only ``./run soak``."""

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import psutil
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets import Subprotocol
from websockets.sync.client import connect

from tests.acceptance.conftest import Terminal
from tests.acceptance.rows import Rows
from tests.browser.conftest import Server
from tests.endpoint import EndpointServer
from tests.figures import show

READERS = 10
MOST_OF_A_CORE = 0.6
MOST_DELAY = 1.15
CALL_S = 0.4


class Reader(threading.Thread):
    """An open tab as the server sees it: it asks for a page, and draws it anew as often as the page wishes."""

    def __init__(self, port: int, story_id: UUID) -> None:
        super().__init__(daemon=True)
        self._url = f"ws://127.0.0.1:{port}/_stcore/stream"
        self._query = f"story_id={story_id}"
        self._closing = threading.Event()
        self._page = ""
        self.drawn = 0

    def run(self) -> None:
        """Read until it is told to stop."""
        with connect(self._url, subprotocols=[Subprotocol("streamlit")], max_size=None, proxy=None) as socket:
            socket.send(self._wish())
            again: dict[str, tuple[float, float]] = {}
            while not self._closing.is_set():
                due = min((at for at, _ in again.values()), default=time.monotonic() + 0.2)
                try:
                    said = ForwardMsg.FromString(bytes(socket.recv(max(0.0, due - time.monotonic()), decode=False)))
                except TimeoutError:
                    said = ForwardMsg()
                if said.WhichOneof("type") == "auto_rerun":
                    every_s = said.auto_rerun.interval
                    again[said.auto_rerun.fragment_id] = (time.monotonic() + every_s, every_s)
                if said.WhichOneof("type") == "navigation":
                    self._page = said.navigation.page_script_hash
                self.drawn += said.WhichOneof("type") == "script_finished"
                for fragment_id, (at, every_s) in list(again.items()):
                    if at <= time.monotonic():
                        again[fragment_id] = (at + every_s, every_s)
                        socket.send(self._wish(fragment_id))

    def _wish(self, fragment_id: str = "") -> bytes:
        wish = BackMsg()
        wish.rerun_script.query_string = self._query
        wish.rerun_script.page_name = "" if self._page else "story"
        wish.rerun_script.page_script_hash = self._page  # as a browser does: a page that draws itself anew stays
        wish.rerun_script.fragment_id = fragment_id
        wish.rerun_script.is_auto_rerun = bool(fragment_id)
        return bytes(wish.SerializeToString())

    def close(self) -> None:
        """Close the tab."""
        self._closing.set()


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_ten_readers_cost_little_and_slow_nobody(
    terminal: Terminal,
    endpoint: EndpointServer,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("CHORUS_HOME", "OPENAI_API_BASE", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, terminal.environment[name])
    endpoint.latency_s = CALL_S
    rows = Rows(database_url)
    server = Server(database_url, tmp_path / "app.log")
    try:
        address = server.address
        terminal.start("worker")
        took = {readers: _write(terminal, rows, server, readers) for readers in (1, 0, READERS)}
    finally:
        server.stop()
    assert address
    table = [
        {"open tabs": tabs, "run s": s, "app, share of a core": cpu, "drawn": n} for tabs, (s, cpu, n) in took.items()
    ]
    show(f"A story of 16 scenes at {CALL_S} s a call, watched; {os.cpu_count()} cores", table)
    assert took[READERS][2] > 3 * READERS
    assert took[READERS][1] < MOST_OF_A_CORE
    assert took[READERS][0] < MOST_DELAY * took[0][0]


def _write(terminal: Terminal, rows: Rows, server: Server, readers: int) -> tuple[float, float, int]:
    """Let a story be written while it is watched: (seconds of the run, the app's share of a core, drawings)."""
    premise = f"Lantern {readers} burns without oil in a harbour that nobody leaves."
    begun = terminal.chorus("write", premise, "--scenes", "16", "--words", "80", "--json", "--detach").json
    app = psutil.Process(server.process.pid)
    with _watched(server.port, begun["story_id"], readers) as tabs:
        spent_s, began_s = sum(app.cpu_times()[:2]), time.monotonic()
        rows.until_complete(300)
        share = (sum(app.cpu_times()[:2]) - spent_s) / (time.monotonic() - began_s)
    ((active_s,),) = rows.of("SELECT active_s FROM run WHERE story_id = %s", begun["story_id"])
    return active_s, share, sum(tab.drawn for tab in tabs)


@contextmanager
def _watched(port: int, story_id: UUID, readers: int) -> Iterator[Sequence[Reader]]:
    tabs = [Reader(port, story_id) for _ in range(readers)]
    for tab in tabs:
        tab.start()
    yield tabs
    for tab in tabs:
        tab.close()
        tab.join(10)
