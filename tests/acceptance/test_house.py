"""The whole house on one embedded database, while its parts are killed: nobody has to do anything about it."""

import json
import random
import shutil
import signal
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import psutil
import pytest

from chorus.embedded import EmbeddedPostgres, stop_all
from tests.acceptance.conftest import Terminal, body_of, kill, wait_for_calls
from tests.acceptance.rows import Rows, at_work, begin
from tests.acceptance.test_serving import wait_until_up
from tests.endpoint import EndpointServer
from tests.figures import show

pytestmark = pytest.mark.timeout(900)
PREMISES = [f"A ferry pilot finds lantern number {number} burning without oil." for number in range(1, 6)]
ALLOWED_S = 60
type Record = Callable[[str, object], None]


@pytest.fixture
def house(terminal: Terminal) -> Iterator[Terminal]:
    """A terminal with a home of its own, where nothing runs yet."""
    home = Path(tempfile.mkdtemp(prefix="chorus-house-"))
    home.chmod(0o711)
    elsewhere = {**terminal.environment, "CHORUS_HOME": str(home)}
    del elsewhere["DATABASE_URL"]
    inside = Terminal(elsewhere)
    yield inside
    inside.stop()
    stop_all(home)
    EmbeddedPostgres(home).remove()
    shutil.rmtree(home, ignore_errors=True)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def postmaster(house: Terminal) -> psutil.Process:
    pid = EmbeddedPostgres(Path(house.environment["CHORUS_HOME"])).status().pid
    assert pid
    return psutil.Process(pid)


def post(port: int, premise: str, scenes: int) -> None:
    body = json.dumps({"premise": premise, "scenes": scenes, "words": 80}).encode()
    request = Request(f"http://127.0.0.1:{port}/api/stories", body, {"Content-Type": "application/json"})
    with urlopen(request, timeout=60) as answer:  # noqa: S310
        assert answer.status == 202


def undisturbed(terminal: Terminal, scenes: int) -> tuple[float, list[tuple[str, int, str]]]:
    """How long five stories take when nobody is killed, and what they say."""
    rows = Rows(terminal.environment["DATABASE_URL"])
    terminal.start("worker", "--concurrency", "3")
    terminal.start("worker", "--concurrency", "2")
    at_work(rows, 2)
    began = time.monotonic()
    for premise in PREMISES:
        begin(rows, premise, scenes=scenes)
    rows.until_complete(timeout_s=400)
    took_s = time.monotonic() - began
    terminal.stop()
    return took_s, rows.texts()


@pytest.mark.parametrize("scenes", [2, pytest.param(6, marks=pytest.mark.soak)])
def test_five_stories_are_finished_whatever_is_killed(
    terminal: Terminal, house: Terminal, endpoint: EndpointServer, record_property: Record, scenes: int
) -> None:
    endpoint.latency_s = 0.5
    took_s, texts = undisturbed(terminal, scenes)
    port, api_port = free_port(), free_port()
    app = house.start("app", "--port", str(port))
    wait_until_up(port, app)
    rows = Rows(house.chorus("db", "url").out.strip())
    workers = {worker.pid: worker for worker in (house.start("worker"), house.start("worker"))}
    api = house.start("api", "--port", str(api_port))
    at_work(rows, 3)
    wait_until_up(api_port, api, "health")

    asked, began = len(endpoint.calls), time.monotonic()
    post(api_port, PREMISES[0], scenes)
    for premise in PREMISES[1:4]:
        begin(rows, premise, scenes=scenes)
    detached = house.chorus("write", PREMISES[4], "--scenes", str(scenes), "--words", "80", "--detach", "--json")
    assert detached.code == 0, detached.err
    wait_for_calls(endpoint, asked + 8)
    busiest = rows.of("SELECT pid FROM worker ORDER BY cardinality(runs) DESC, started_at DESC")
    victim = next((workers[pid] for (pid,) in busiest if pid in workers), next(iter(workers.values())))
    kill(victim)
    wait_for_calls(endpoint, asked + 12)
    postmaster(house).kill()
    wait_for_calls(endpoint, asked + 16)
    kill(app)
    rows.until_complete(timeout_s=took_s + ALLOWED_S)
    figures = {"undisturbed_s": round(took_s, 1), "with_three_kills_s": round(time.monotonic() - began, 1)}
    for name, seconds in figures.items():
        record_property(name, seconds)
    show(f"5 stories of {scenes} scenes, worker, Postgres and app killed", [figures])
    assert rows.texts() == texts
    assert rows.of("SELECT run_id FROM run_event WHERE kind = 'run_complete' GROUP BY 1 HAVING count(*) <> 1") == []


@pytest.mark.parametrize(
    ("runs", "scenes", "latency_s", "restarts", "pause_s"),
    [(4, 3, 1.0, 2, (2.0, 4.0)), pytest.param(20, 8, 3.0, 8, (5.0, 20.0), marks=pytest.mark.soak)],
)
def test_every_run_is_finished_while_postgres_is_restarted(
    house: Terminal,
    endpoint: EndpointServer,
    runs: int,
    scenes: int,
    latency_s: float,
    restarts: int,
    pause_s: tuple[float, float],
) -> None:
    dice = random.Random(runs)  # noqa: S311
    endpoint.latency_s = latency_s
    assert house.chorus("db", "upgrade").code == 0
    rows = Rows(house.chorus("db", "url").out.strip())
    workers = [house.start("worker", "--concurrency", str(runs // 2)) for _ in range(2)]
    at_work(rows, 2)
    for number in range(runs):
        begin(rows, f"{PREMISES[0]} It is night {number}.", scenes=scenes)
    wait_for_calls(endpoint, 4)
    busy = []
    for _ in range(restarts):
        busy += [at_work for (at_work,) in rows.of("SELECT count(*) FROM run WHERE status = 'running'")]
        postmaster(house).send_signal(dice.choice([signal.SIGKILL, signal.SIGINT]))
        EmbeddedPostgres(Path(house.environment["CHORUS_HOME"])).ensure()
        time.sleep(dice.uniform(*pause_s))
    began = time.monotonic()
    rows.until_complete(timeout_s=400)
    still_s = round(time.monotonic() - began, 1)
    assert [worker.poll() for worker in workers] == [None, None]
    assert rows.of("SELECT count(*) FROM scene WHERE status = 'approved'") == [(scenes * runs,)]
    heard = Counter(body_of(call) for call in endpoint.calls if call.outcome == "ok")
    again = sum(times - 1 for times in heard.values())
    assert min(busy) >= 1, busy
    assert again == 0, "an answer that was heard while the database was away is kept"
    figures = {"at work, least": min(busy), "bought again": again, "then_s": still_s}
    show("Postgres restarted under load", [{"runs": runs, "finished": runs, "restarts": restarts, **figures}])
