"""The API as a process of its own and beside the dashboard."""

import asyncio
import json
import signal
import socket
import statistics
import time
from uuid import UUID

import httpx
import psutil
import pytest

from chorus.domain.run import LiveDraft, Run, RunEvent, RunStatus
from chorus.domain.story import Story
from chorus.store import Database
from tests.acceptance.conftest import Terminal, kill

pytestmark = pytest.mark.timeout(300)
CLIENTS = 200
PROSE = "The sea was quiet, and the keeper counted the steps twice. " * 8


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def wait_until_healthy(port: int, timeout_s: float = 120) -> httpx.Response:
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            answer = httpx.get(f"http://127.0.0.1:{port}/health", timeout=20, trust_env=False)
            if answer.status_code == 200:
                return answer
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline, "the API does not get well"
        time.sleep(0.2)


def test_the_api_serves_until_it_is_told_to_go_though_somebody_follows(terminal: Terminal, port: int) -> None:
    process = terminal.start("api", "--port", str(port))
    assert wait_until_healthy(port).json()["status"] == "ok"
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
        run = client.post("/api/stories", json={"premise": "A keeper.", "scenes": 1}).json()
        with client.stream("GET", f"/api/runs/{run['run_id']}/events") as events:
            lines = events.iter_lines()
            assert next(lines) == "retry: 2000"
            began_s = time.monotonic()
            said = kill(process, signal.SIGTERM)
    assert said.code == 0, said.err
    assert time.monotonic() - began_s < 20
    assert f"http://127.0.0.1:{port}/api/docs" in said.err
    assert "Traceback" not in said.err


def test_a_port_in_use_is_one_clear_line(terminal: Terminal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = terminal.chorus("api", "--port", str(taken.getsockname()[1]))
    assert said.code == 2
    assert "is taken: choose another with --port" in said.err
    assert "Traceback" not in said.err


def test_app_and_api_share_one_process(terminal: Terminal, port: int) -> None:
    process = terminal.start("app", "--port", str(port))
    assert wait_until_healthy(port).json()["status"] == "ok"
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
        assert client.get("/_stcore/health").text == "ok"
        started = client.post("/api/stories", json={"premise": "A keeper."})
        assert started.status_code == 202
        assert client.get(started.headers["Location"]).json()["run_id"] == started.json()["run_id"]
        assert client.get("/api/nothing").json()["error"]["code"] == "not_found"
        assert "/api/stories" in client.get("/api/docs").text
        assert "<title>" in client.get("/stories").text
        with client.stream("GET", f"/api/runs/{started.json()['run_id']}/events") as events:
            assert next(events.iter_lines()) == "retry: 2000"
            said = kill(process, signal.SIGINT)
    assert said.code == 0, said.err
    assert "Traceback" not in said.err


def test_nobody_escapes_the_door_of_the_app_by_what_they_say_of_themselves(terminal: Terminal, port: int) -> None:
    terminal.environment |= {"CHORUS_API_TOKENS": "editor=editor-of-the-house-canary"}
    terminal.start("app", "--port", str(port))
    health = wait_until_healthy(port).json()
    assert {part["said"] for part in health["parts"]} <= {"ok", "off", "warning"}  # a stranger hears no more
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
        tries = [
            client.post("/sign-in", data={"token": "a guess"}, headers={"X-Forwarded-For": f"203.0.113.{number}"})
            for number in range(11)
        ]
        assert [answer.status_code for answer in tries] == [401] * 10 + [429]
        assert tries[0].headers["X-Frame-Options"] == "DENY"
        assert client.get("/_stcore/health").headers["X-Frame-Options"] == "SAMEORIGIN"


def test_the_app_takes_no_socket_of_another_site(terminal: Terminal, port: int) -> None:
    terminal.start("app", "--port", str(port))
    wait_until_healthy(port)
    here = f"http://127.0.0.1:{port}"
    assert (shaken(port, here), shaken(port, "http://127.0.0.1:3000"), shaken(port, "null")) == (101, 403, 403)
    assert "frame-ancestors 'self'" in httpx.get(here, trust_env=False).headers["Content-Security-Policy"]


def shaken(port: int, origin: str) -> int:
    """The status with which the dashboard answers a browser that wants a socket for a page of this origin."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as raw:
        asked = (
            f"GET /_stcore/stream HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        raw.sendall(asked.encode())
        return int(raw.recv(4096).split()[1])


@pytest.mark.soak
async def test_many_clients_on_one_run_cost_under_half_a_core(terminal: Terminal, port: int, database_url: str) -> None:
    """Bar 4: 200 clients, each of which gets every event and the draft as it grows."""
    process = terminal.start("api", "--port", str(port))
    await asyncio.to_thread(wait_until_healthy, port)
    store = Database(database_url.replace("postgresql:", "postgresql+psycopg:"))
    run = await add_run(store)
    following = [asyncio.create_task(listen_to(port, run.id)) for _ in range(CLIENTS)]
    await asyncio.sleep(5)
    server = psutil.Process(process.pid)
    before, began_s = server.cpu_times(), time.monotonic()
    ids = await write(store, run, seconds=20)
    after, took_s = server.cpu_times(), time.monotonic() - began_s
    share = (after.user + after.system - before.user - before.system) / took_s
    heard = await asyncio.gather(*following)
    await store.close()
    memory_mb = server.memory_info().rss / 1e6
    print(  # noqa: T201 - the soak shows its figures
        f"\n{CLIENTS} clients, {len(ids) / took_s:.1f} events/s and 2 drafts/s for {took_s:.0f} s: "
        f"{share:.2f} cores, {memory_mb:.0f} MB, {statistics.mean(size for _, size in heard) / 1e3:.0f} kB each"
    )
    assert all(seen == ids for seen, _ in heard)
    assert share < 0.5


async def add_run(store: Database) -> Run:
    story = Story(title="T")
    run = Run(story_id=story.id)
    async with store.transaction() as tx:
        await tx.stories.add(story)
        await tx.runs.add(run)
    return run


async def write(store: Database, run: Run, seconds: float) -> list[int]:
    """Tell about five events a second, let a draft grow twice a second, then let the run be over."""
    ids: list[int] = []
    text = ""
    async with store.transaction() as tx:
        lease = await tx.runs.claim(run.id, "host:1:0")
    assert lease
    for beat in range(int(seconds * 5)):
        async with store.transaction() as tx:
            event = RunEvent(run_id=run.id, story_id=run.story_id, kind="note", message=PROSE[:80], data={"n": beat})
            ids.append((await tx.runs.record(event)).id or 0)
            if beat % 5 in (0, 2):
                text += PROSE[:60]
                await tx.runs.save_draft(LiveDraft(run_id=run.id, scene_number=1, text=text))
        await asyncio.sleep(0.2)
    async with store.transaction() as tx:
        await tx.runs.finish(lease, RunStatus.COMPLETE, 0.0)
        over = RunEvent(run_id=run.id, story_id=run.story_id, kind="run_complete", message="Over.")
        ids.append((await tx.runs.record(over)).id or 0)
    return ids


async def listen_to(port: int, run_id: UUID) -> tuple[list[int], int]:
    """Follow with as little work as a client can; the ids and the bytes that came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /api/runs/{run_id}/events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    ids: list[int] = []
    size = 0
    while line := await reader.readline():
        size += len(line)
        if line.startswith(b"id: "):
            ids.append(int(line[4:]))
        elif line.startswith(b"event: end"):
            assert json.loads((await reader.readline())[6:])["status"] == "complete"
            break
    writer.close()
    return ids, size
