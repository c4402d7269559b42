"""Killed or interrupted at any time, a run goes on where it stood, and no recorded answer is bought again."""

import signal
import time
from collections import Counter

import pytest

from tests.acceptance.conftest import Said, Terminal, body_of, kill, wait_for_calls
from tests.endpoint import EndpointServer

pytestmark = pytest.mark.timeout(300)
WRITE = ("write", "A lantern burns without oil.", "--scenes", "5", "--words", "80", "--json")
RECORDING_S = 0.3
"""An answer may have left the endpoint this long before the kill and still not be on its way into the ledger."""


@pytest.mark.parametrize(
    "calls", [12, *(pytest.param(n, marks=pytest.mark.soak) for n in (1, 3, 6, 9, 14, 16, 18, 20, 21))]
)
def test_a_killed_write_is_resumed_and_nothing_is_bought_twice(
    terminal: Terminal, endpoint: EndpointServer, calls: int
) -> None:
    endpoint.latency_s = 0.2
    process = terminal.start(*WRITE)
    wait_for_calls(endpoint, calls)
    killed_at = time.time()
    kill(process)
    (before,) = terminal.chorus("runs", "--json").json
    asked_before = len(endpoint.calls)

    began = time.monotonic()
    resumed = terminal.chorus("resume", before["run_id"], "--json")
    assert resumed.code == 0, resumed.err
    assert time.monotonic() - began < 60
    assert resumed.json["run_id"] == before["run_id"]
    assert resumed.json["story_id"] == before["story_id"]
    assert (resumed.json["status"], resumed.json["scenes"]) == ("complete", 5)

    recorded = Counter(
        body_of(call)
        for call in endpoint.calls[:asked_before]
        if call.outcome == "ok" and call.ended_s is not None and call.ended_s < killed_at - RECORDING_S
    )
    again = Counter(body_of(call) for call in endpoint.calls[asked_before:])
    assert not recorded & again
    assert not [body for body, times in again.items() if times > 1]
    assert terminal.chorus("resume", before["run_id"], "--json").json == resumed.json


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), pytest.param(signal.SIGINT, 130, marks=pytest.mark.soak)]
)
def test_an_interrupted_write_says_how_to_go_on(
    terminal: Terminal, endpoint: EndpointServer, number: signal.Signals, code: int
) -> None:
    endpoint.latency_s = 0.2
    process = terminal.start(*WRITE)
    wait_for_calls(endpoint, 9)
    said = kill(process, number)
    assert said.code == code
    assert said.out == ""
    assert "Traceback" not in said.err
    (run,) = terminal.chorus("runs", "--json").json
    assert run["status"] == "paused"
    assert f"chorus resume {run['run_id']}" in said.err
    assert terminal.chorus("resume", run["run_id"][:8], "--json").json["status"] == "complete"


def test_a_run_that_waits_for_a_person_says_so(terminal: Terminal) -> None:
    paused = terminal.chorus(*WRITE, "--review", "outline")
    assert (paused.code, paused.json["status"], paused.json["scenes"]) == (3, "paused", 0)
    done: Said = terminal.chorus("resume", paused.json["run_id"], "--json")
    assert (done.code, done.json["status"]) == (0, "complete")
