"""An experiment is conducted to its end whatever kills it, pays for nothing twice, and can be taken away (bar 3)."""

import json
import re
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import KEY, Terminal, kill, wait_for_calls
from tests.acceptance.rows import Rows
from tests.acceptance.victim import Victims
from tests.endpoint import EndpointServer

pytestmark = pytest.mark.timeout(300)

DESIGN = """
name = "Cool or warm"
premises = ["A lantern burns without oil.", "The tide forgets to turn.", "A map shows tomorrow."]
repeats = 2
seed = 7

[settings]
scenes = 1
words = 60

[[arms]]
name = "cool"
temperature = 0.2

[[arms]]
name = "at once"
method = "single_pass"
"""
TRIALS = 2 * 3 * 2


def test_killed_twice_it_ends_with_every_trial_and_no_call_is_paid_again(
    terminal: Terminal, endpoint: EndpointServer, database_url: str, tmp_path: Path
) -> None:
    file, report = tmp_path / "design.toml", tmp_path / "report.html"
    file.write_text(DESIGN, encoding="utf-8")
    command = ("experiment", "run", str(file), "--at-once", "6", "--report", str(report), "--json")
    endpoint.latency_s = 0.02
    victims, said = Victims(), tmp_path / "said.json"
    ours = {"EMBEDDING_API_BASE": endpoint.base_url, "EMBEDDING_API_KEY": KEY, "EMBEDDING_MODEL": "vectors"}
    environment = {**terminal.environment, **ours}
    for calls in (8, 30):
        process = victims.start(command, environment, said)
        wait_for_calls(endpoint, calls)
        process.kill()
        process.join(30)
    process = victims.start(command, environment, said)
    process.join(120)
    assert process.exitcode == 0
    done = json.loads(said.read_text(encoding="utf-8"))
    assert done["status"] == "complete"
    assert len(done["trials"]) == TRIALS
    assert {trial["status"] for trial in done["trials"]} == {"complete"}

    rows = Rows(database_url)
    nothing_is_missing_or_paid_twice(rows, endpoint, most_lost=2 * endpoint.most_in_flight)
    opens_offline(report.read_text(encoding="utf-8"))


def test_handed_to_workers_of_whom_two_are_killed_it_ends_just_so(
    terminal: Terminal, endpoint: EndpointServer, database_url: str, tmp_path: Path
) -> None:
    file, rows = tmp_path / "design.toml", Rows(database_url)
    file.write_text(DESIGN, encoding="utf-8")
    handed_over = terminal.chorus("experiment", "run", str(file), "--at-once", "6", "--detach", "--json")
    assert (handed_over.code, handed_over.json["at_once"]) == (0, 6), handed_over.err
    endpoint.latency_s = 0.1
    worker = terminal.start("worker")
    for calls in (6, 25):
        wait_for_calls(endpoint, calls)
        kill(worker)
        worker = terminal.start("worker")
    rows.wait("SELECT at_once FROM experiment", lambda found: found == [(None,)], timeout_s=120)
    assert "Traceback" not in kill(worker, signal.SIGTERM).err
    nothing_is_missing_or_paid_twice(rows, endpoint, most_lost=2 * endpoint.most_in_flight)


def nothing_is_missing_or_paid_twice(rows: Rows, endpoint: EndpointServer, most_lost: int) -> None:
    """Every trial has a story of its own, and nothing was asked again that had been answered.

    What was served is, question by question, what stands in the ledger: answered, or in flight when its process died.
    """
    assert rows.of("SELECT count(*) FROM trial WHERE status = 'complete'") == [(TRIALS,)]
    assert rows.of("SELECT count(*) FROM run WHERE status = 'complete'") == [(TRIALS,)]
    assert rows.of("SELECT count(DISTINCT story_id) FROM trial") == [(TRIALS,)]
    recorded = rows.of(
        "SELECT count(*), count(DISTINCT (story_id, node_path, prompt_hash, model, settings_hash, take))"
        " FROM llm_call WHERE outcome = 'ok'"
    )
    assert recorded[0][0] == recorded[0][1]
    served = Counter(question(call.body) for call in endpoint.calls if call.outcome == "ok" and "messages" in call.body)
    kept = rows.of("SELECT request, outcome::text FROM llm_call")
    assert {outcome for _, outcome in kept} <= {"ok", "cancelled"}
    assert sum(outcome == "cancelled" for _, outcome in kept) <= most_lost
    written = Counter(question(body) for body, _ in kept)
    assert served.total() >= recorded[0][0]
    assert {asked: times - written[asked] for asked, times in served.items() if times > written[asked]} == {}
    again = rows.of(
        "SELECT count(*) FROM llm_call one JOIN llm_call again"
        " USING (story_id, node_path, prompt_hash, model, settings_hash, take)"
        " WHERE one.outcome = 'ok' AND again.started_at > one.ended_at"
    )
    assert again == [(0,)]
    takes = rows.of("SELECT DISTINCT trial.repeat - call.take FROM trial JOIN llm_call call USING (story_id)")
    assert takes == [(1,)]


def question(body: dict[str, Any]) -> str:
    """What a request asks, without how it wants to be answered."""
    return json.dumps([body["model"], body["temperature"], body["messages"]], sort_keys=True)


def opens_offline(page: str) -> None:
    assert "default-src 'none'" in page
    assert re.findall(r"(?:https?:)?//[\w.]+|<(?:script|link|img|iframe)\b|@import|url\(", page) == []
    assert page.count("<article") == TRIALS
    assert page.count("<svg") >= 3
    assert "Not enough stories to tell" in page
