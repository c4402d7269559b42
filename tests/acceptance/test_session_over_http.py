"""A whole session by HTTP only: a story is begun, followed, reviewed, edited, written again in part and taken along."""

import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.conftest import Terminal
from tests.conftest import ROOT

pytestmark = pytest.mark.timeout(300)
PREMISE = "A ferry pilot finds a lantern that burns without oil."


@pytest.fixture
def client(terminal: Terminal) -> Iterator[httpx.Client]:
    """A client of an API process, with a worker process beside it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    for arguments in (("api", "--port", str(port)), ("worker",)):
        process = terminal.start(*arguments)
        for pipe in (process.stdout, process.stderr):
            threading.Thread(target=pipe.read if pipe else list, daemon=True).start()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
        until_healthy(client)
        yield client


def until_healthy(client: httpx.Client) -> None:
    deadline = time.monotonic() + 90
    while True:
        try:
            if client.get("/health").status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline
        time.sleep(0.2)


def follow(client: httpx.Client, run_id: str, last: int = 0, most: int = 10_000) -> Iterator[tuple[str, int, Any]]:
    """The events of a run after ``last``: (kind, id, data), until it is over or so many have come."""
    with client.stream("GET", f"/api/runs/{run_id}/events", headers={"Last-Event-ID": str(last)}) as answer:
        kind, number, seen = "", 0, 0
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            elif name == "id":
                number = int(value)
            elif name == "data":
                yield kind, number, json.loads(value)
                seen += 1
                if kind == "end" or seen == most:
                    return


def until(client: httpx.Client, run_id: str, *statuses: str) -> dict[str, Any]:
    deadline = time.monotonic() + 120
    while True:
        run: dict[str, Any] = client.get(f"/api/runs/{run_id}").json()
        if run["status"] in statuses:
            return run
        assert time.monotonic() < deadline, run
        time.sleep(0.1)


def test_a_whole_session(client: httpx.Client) -> None:
    wanted = {"premise": PREMISE, "title": "The Lantern", "scenes": 2, "words": 80, "review": "outline"}
    begun = client.post("/api/stories", json=wanted).json()
    run_id, here = begun["run_id"], f"/api/stories/{begun['story_id']}"

    first = [number for _, number, _ in follow(client, run_id, most=3)]
    until(client, run_id, "paused")
    (question,) = client.get("/api/review-items", params={"story_id": begun["story_id"], "status": "open"}).json()
    asked = client.get(f"/api/review-items/{question['review_id']}").json()
    assert (asked["kind"], asked["findings"]) == ("outline", [])
    answered = client.post(f"/api/review-items/{question['review_id']}", json={"decision": "accept"})
    assert answered.status_code == 200, answered.text
    until(client, run_id, "complete")
    rest = list(follow(client, run_id, last=max(first)))
    numbers = [number for kind, number, _ in rest if kind not in {"draft", "end"}]
    assert numbers == sorted(set(numbers))
    assert min(numbers) > max(first)
    assert (rest[-1][0], rest[-1][2]["status"]) == ("end", "complete")

    text = client.get(f"{here}/scenes/1/revisions/1").json()["text"]
    edited = client.post(f"{here}/scenes/1/revisions", json={"text": f"{text}\n\nThe rain had stopped."})
    assert edited.status_code == 201, edited.text
    redone = client.post(f"{here}/redo", json={"scenes": [2], "note": "Let it be dawn."})
    assert redone.status_code == 202, redone.text
    until(client, redone.json()["run_id"], "complete")
    assert len(client.get(f"{here}/scenes/2/revisions").json()) > 1

    book = client.get(f"{here}/export", params={"format": "md"})
    assert book.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert 'filename="the-lantern.md"' in book.headers["Content-Disposition"]
    assert "The rain had stopped." in book.text
    for kind, start in (("epub", b"PK"), ("pdf", b"%PDF"), ("docx", b"PK"), ("json", b"{"), ("html", b"<!")):
        assert client.get(f"{here}/export", params={"format": kind}).content.lstrip()[:4].startswith(start), kind
    assert "The world" in client.get(f"{here}/bible").text
    assert client.get(f"{here}/report").json()["scenes"] == 2

    figures = client.get("/api/metrics", params={"story_id": begun["story_id"], "by": "agent"}).json()
    calls = client.get("/api/llm-calls", params={"story_id": begun["story_id"], "limit": 500}).json()
    assert figures["total"]["calls"] == sum(group["calls"] for group in figures["groups"]) == len(calls)
    table = client.get("/api/metrics/groups.csv", params={"story_id": begun["story_id"]}).text.splitlines()
    assert len(table) == 1 + len(figures["groups"])
    assert client.get(f"/api/llm-calls/{calls[0]['call_id']}").json()["request"]["messages"]


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_session_of_the_readme_works(client: httpx.Client, tmp_path: Path) -> None:
    commands = re.findall(r"^curl .*", (ROOT / "README.md").read_text(encoding="utf-8"), re.M)
    known: dict[str, str] = {}
    said = [by_hand(command, client, known, tmp_path) for command in commands]
    health, begun, events, hits, saved, table = said
    assert json.loads(health)["status"] == "ok"
    assert json.loads(begun)["status"] == "queued"
    assert "event: scene_committed" in events
    assert events.rstrip().endswith(f'{{"run_id": "{known["RUN_ID"]}", "status": "complete"}}')
    assert json.loads(hits)
    assert saved == ""
    assert next(tmp_path.glob("*.epub")).read_bytes().startswith(b"PK")
    assert table.splitlines()[1].startswith("test-model,")


def by_hand(command: str, client: httpx.Client, known: dict[str, str], folder: Path) -> str:
    """Run a command of the README against this server, with the ids that the commands before it were answered with."""
    for name, value in {**known, "localhost:8501": client.base_url.netloc.decode()}.items():
        command = command.replace(name, value)
    environment = {**os.environ, "NO_PROXY": "*"}
    run = subprocess.run(
        ["sh", "-c", command], check=False, cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, (command, run.stderr)
    with suppress(ValueError, TypeError, KeyError):
        told = json.loads(run.stdout)
        known |= {"RUN_ID": told["run_id"], "STORY_ID": told["story_id"]}
    return run.stdout
