"""Workers as processes: killed, asked to go, and raced for one run."""

import os
import signal
import socket
import subprocess
import time
from collections import Counter

import psutil
import pytest

from tests.acceptance.conftest import Terminal, body_of, kill, wait_for_calls
from tests.acceptance.rows import Rows, at_work, begin
from tests.endpoint import EndpointServer
from tests.figures import show

pytestmark = pytest.mark.timeout(300)
WRITE = ("write", "A lantern burns without oil.", "--scenes", "3", "--words", "80", "--json", "--detach")
HAND_BACK_S = 20
RACING_S = 500
AS_ROOT = () if os.geteuid() == 0 else ("--user", "--map-root-user")
CONTAINER = ("unshare", *AS_ROOT, "--pid", "--fork", "--kill-child", "--mount-proc")
"""Processes in it are numbered from 1."""
NUMBER = 100
NEXT = f"echo {NUMBER - 1} > /proc/sys/kernel/ns_last_pid"
AGAIN_AND_AGAIN = (*CONTAINER, "sh", "-c", f'while {NEXT}; do "$@" & wait; done', "sh")
"""What starts a process under the same number whenever it has ended."""


@pytest.fixture
def rows(terminal: Terminal) -> Rows:
    return Rows(terminal.environment["DATABASE_URL"])


def test_a_detached_write_is_done_by_a_worker(terminal: Terminal, rows: Rows) -> None:
    begun = terminal.chorus(*WRITE)
    assert (begun.code, begun.json["status"]) == (0, "queued")
    worker = terminal.start("worker")
    rows.until_complete()
    said = kill(worker, signal.SIGTERM)
    assert said.code == 0, said.err
    assert "Traceback" not in said.err
    assert rows.of("SELECT count(*) FROM procrastinate_jobs") == [(0,)]


@pytest.mark.parametrize("runs", [6, *(pytest.param(runs, marks=pytest.mark.soak) for runs in (1, 20))])
def test_the_runs_of_a_killed_worker_go_on_elsewhere(
    terminal: Terminal, endpoint: EndpointServer, rows: Rows, runs: int
) -> None:
    """Also under load: the other one is at work on as many, and a new one comes in the place of the one killed."""
    endpoint.latency_s = 1.0
    workers = {worker.pid: worker for worker in (_one(terminal, runs), _one(terminal, runs))}
    at_work(rows, 2)
    for _ in range(runs):
        begin(rows)
    wait_for_calls(endpoint, 4 * runs)
    ((owner, held),) = rows.of(
        "SELECT lease_owner, array_agg(id) FROM run WHERE status = 'running' GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    )
    killed = workers.pop(int(owner.split(":")[1]))
    kill(killed)
    killed_s = time.monotonic()
    successor = _one(terminal, runs)
    elsewhere = "SELECT count(*) FROM run WHERE lease_owner = %s AND status = 'running'"
    while rows.of(elsewhere, owner) != [(0,)]:
        assert time.monotonic() - killed_s < 45
        time.sleep(0.1)
    took_s = time.monotonic() - killed_s
    endpoint.latency_s = 0.05
    rows.until_complete(timeout_s=200)
    at_work(rows, 2)  # few runs are done before whoever came anew is there
    assert {pid for (pid,) in rows.of("SELECT pid FROM worker")} == {*workers, successor.pid}
    assert rows.of("SELECT count(*) FROM run_event WHERE kind = 'run_complete'") == [(runs,)]
    show("A worker killed under load", [{"runs": runs, "held by it": len(held), "elsewhere after_s": took_s}])


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.soak)])
def test_a_worker_that_returns_under_the_same_name_goes_on_with_its_runs(
    terminal: Terminal, endpoint: EndpointServer, rows: Rows, *, whole: bool
) -> None:
    """On the same host, with the same number, after a kill of it alone or of the ``whole`` container."""
    if subprocess.run([*CONTAINER, "sh", "-c", NEXT], capture_output=True, check=False).returncode:
        pytest.skip("a process may not choose its number here")
    endpoint.latency_s = 0.3
    container = terminal.start("worker", "--concurrency", "2", within=AGAIN_AND_AGAIN)
    for premise in ("A lantern burns without oil.", "A bell rings under the sea."):
        begin(rows, premise, scenes=2)
    wait_for_calls(endpoint, 5)
    name = rows.of("SELECT host, pid FROM worker")
    killed_s = time.monotonic()
    if whole:
        kill(container)
        terminal.start("worker", "--concurrency", "2", within=AGAIN_AND_AGAIN)
    else:
        (worker,) = psutil.Process(container.pid).children()[0].children()
        worker.kill()
    endpoint.latency_s = 0.05
    rows.until_complete(timeout_s=45)
    took_s = time.monotonic() - killed_s
    at_work(rows)
    assert rows.of("SELECT host, pid FROM worker") == name == [(socket.gethostname(), NUMBER)]
    assert rows.of("SELECT DISTINCT fence, dispatched FROM run") == [(2, True)]
    ((unheard,),) = rows.of("SELECT count(*) FROM llm_call WHERE outcome = 'cancelled'")
    assert len(endpoint.calls) - len({body_of(call) for call in endpoint.calls}) <= unheard <= 4
    show("A worker killed returns under its name", [{"whole container": whole, "runs": 2, "complete after_s": took_s}])


def _one(terminal: Terminal, concurrency: int) -> subprocess.Popen[str]:
    return terminal.start("worker", "--concurrency", str(concurrency))


def test_a_worker_hands_back_at_sigterm_and_nothing_is_bought_twice(
    terminal: Terminal, endpoint: EndpointServer, rows: Rows
) -> None:
    endpoint.latency_s = 1.0
    worker = terminal.start("worker")
    begin(rows)
    wait_for_calls(endpoint, 3)
    asked_s = time.monotonic()
    said = kill(worker, signal.SIGTERM)
    assert said.code == 0, said.err
    assert time.monotonic() - asked_s < HAND_BACK_S
    assert rows.of("SELECT status::text, lease_owner FROM run") == [("queued", None)]
    assert rows.of("SELECT status::text FROM procrastinate_jobs") == [("todo",)]
    assert rows.of("SELECT count(*) FROM worker") == [(0,)]
    endpoint.latency_s = 0.05
    terminal.start("worker")
    rows.until_complete()
    assert max(Counter(body_of(call) for call in endpoint.calls).values()) == 1


def test_a_second_sigterm_ends_a_worker_at_once(terminal: Terminal, endpoint: EndpointServer, rows: Rows) -> None:
    endpoint.latency_s = 60
    worker = terminal.start("worker")
    begin(rows)
    wait_for_calls(endpoint, 1)
    worker.send_signal(signal.SIGTERM)
    with pytest.raises(subprocess.TimeoutExpired):
        worker.wait(1)
    assert kill(worker, signal.SIGTERM).code == 143
    endpoint.latency_s = 0.05
    terminal.start("worker")
    rows.until_complete()


def test_a_killed_write_is_left_to_the_person_who_began_it(
    terminal: Terminal, endpoint: EndpointServer, rows: Rows
) -> None:
    endpoint.latency_s = 0.3
    writing = terminal.start(*WRITE[:-1])
    wait_for_calls(endpoint, 2)
    kill(writing)
    terminal.start("worker")
    at_work(rows)
    rows.of("UPDATE run SET lease_until = now() - interval '1 minute' RETURNING id")
    seen = "SELECT seen_at FROM worker"
    (before,) = rows.of(seen)
    rows.wait(seen, lambda found: found[0] > before)  # it has made another round
    assert rows.of("SELECT status::text, dispatched, fence FROM run") == [("running", False, 1)]
    endpoint.latency_s = 0.05
    (run,) = terminal.chorus("runs", "--json").json
    assert terminal.chorus("resume", run["run_id"], "--json").json["status"] == "complete"


def test_cancel_ends_a_run_wherever_it_is(terminal: Terminal, endpoint: EndpointServer, rows: Rows) -> None:
    waiting = terminal.chorus(*WRITE).json["run_id"]
    said = terminal.chorus("cancel", waiting[:8], "--json")
    assert (said.code, said.json["status"]) == (0, "cancelled")
    endpoint.latency_s = 30
    terminal.start("worker")
    running = terminal.chorus(*WRITE).json["run_id"]
    wait_for_calls(endpoint, 1)
    assert terminal.chorus("cancel", running, "--json").json["status"] == "cancelled"
    again = terminal.chorus("cancel", running)
    assert again.code == 1
    assert again.err.strip() == "The run is cancelled: there is nothing to cancel."


def test_a_worker_comes_through_restarts_of_postgres(terminal: Terminal, endpoint: EndpointServer, rows: Rows) -> None:
    """The server drops every connection, as a restart does; tests/acceptance/test_house.py kills one for real."""
    endpoint.latency_s = 0.3
    worker = terminal.start("worker", "--concurrency", "2")
    for _ in range(3):
        begin(rows)
    drop = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    for calls in (3, 9, 15, 21):
        wait_for_calls(endpoint, calls)
        rows.of(drop)
    rows.until_complete()
    assert worker.poll() is None
    assert rows.of("SELECT count(*) FROM scene WHERE status = 'approved'") == [(9,)]


@pytest.mark.parametrize("races", [3, pytest.param(100, marks=[pytest.mark.soak, pytest.mark.timeout(600)])])
def test_of_two_workers_that_race_for_a_run_one_writes(
    terminal: Terminal, endpoint: EndpointServer, rows: Rows, races: int
) -> None:
    """Each run gets two jobs, so that both workers want it as soon as it is there."""
    for _ in range(2):
        terminal.start("worker", "--concurrency", "8")
    at_work(rows, 2)
    for _ in range(races):
        begin(rows, scenes=1, jobs=2)
    began_s = time.monotonic()
    rows.until_complete(timeout_s=RACING_S)
    started = rows.of("SELECT count(*) FROM run_event WHERE kind = 'run_started' GROUP BY run_id")
    assert started == [(1,)] * races
    assert rows.of("SELECT count(*) FROM revision WHERE number = 1 GROUP BY scene_id") == [(1,)] * races
    show("two workers race for each run", [{"races": races, "written twice": 0, "seconds": time.monotonic() - began_s}])
