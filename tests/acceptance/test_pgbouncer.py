"""Everything goes through PgBouncer in transaction pooling: a run by a worker, its events, and search."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.acceptance.conftest import Terminal, terminal_at
from tests.acceptance.test_session_over_http import follow, until, until_healthy
from tests.endpoint import EndpointServer
from tests.pooler import find_pgbouncer, pooled, require_program

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def behind(database_url: str, endpoint: EndpointServer, tmp_path: Path) -> Iterator[Terminal]:
    """A terminal that reaches its database through PgBouncer only."""
    program = require_program("pgbouncer", find_pgbouncer())
    with pooled(database_url, program) as url:
        opened = terminal_at(url, endpoint, tmp_path)
        yield opened
        opened.stop()


def test_a_story_is_written_followed_and_searched_behind_a_pooler(behind: Terminal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    for arguments in (("api", "--port", str(port)), ("worker",)):
        process = behind.start(*arguments)
        for pipe in (process.stdout, process.stderr):
            threading.Thread(target=pipe.read if pipe else list, daemon=True).start()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
        until_healthy(client)
        wanted = {"premise": "A ferry pilot finds a lantern.", "scenes": 1, "words": 80}
        begun = client.post("/api/stories", json=wanted).json()
        told = list(follow(client, begun["run_id"]))
        assert [kind for kind, _, _ in told][-1] == "end"
        assert told[-1][2]["status"] == "complete"
        numbers = [number for kind, number, _ in told if kind not in {"draft", "end"}]
        assert numbers == sorted(set(numbers))
        assert until(client, begun["run_id"], "complete")["scenes"] == 1
        listed = client.get(f"/api/runs/{begun['run_id']}/events/list", params={"limit": 500}).json()
        assert [event["id"] for event in listed] == numbers
        asked = {"q": "the lantern", "story_id": begun["story_id"]}
        assert client.get("/api/memories/search", params=asked).json()
        assert client.delete(f"/api/stories/{begun['story_id']}").status_code == 204
        assert client.get("/api/memories/search", params={"q": "the lantern"}).json() == []
