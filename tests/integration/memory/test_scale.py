"""A million memories over a thousand stories: ``./run soak``, or with ``CHORUS_MILLION`` a folder that has them."""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.scale import K, Row, build, measure, server, small_server
from tests.figures import show

MILLION = 1_000_000
HOURS = 4


@pytest.fixture
def home() -> Iterator[Path]:
    if given := os.environ.get("CHORUS_MILLION"):
        yield Path(given)
        return
    with tempfile.TemporaryDirectory(prefix="chorus-million-", ignore_cleanup_errors=True) as made:
        yield Path(made)


@pytest.mark.soak
@pytest.mark.timeout(HOURS * 3600)
def test_a_million_memories(home: Path) -> None:
    with server(home) as url, small_server() as small_url:
        took = build(home, url, MILLION)
        rows = {str(row["what"]): row for row in asyncio.run(measure(url, small_url))}
    show("Making a million memories, seconds", [took])
    show("Searching a million memories", list(rows.values()))
    assert _number(rows["inside a story, hybrid"], "recall@10") == 1.0
    assert _number(rows["inside a story, hybrid"], "p95 ms") <= 60
    assert _number(rows["inside a story, beside the small database"], "times as slow") <= 1.3
    assert _number(rows["across, vector leg"], "recall@10") >= 0.95
    assert _number(rows["across, vector leg"], "p95 ms") <= 40
    assert _number(rows["across, hybrid"], "p95 ms") <= 250
    assert _number(rows["across, hybrid, scenes"], "p95 ms") <= 250
    for row in rows.values():
        if row["exactly k"]:
            hits, _, asked = str(row["exactly k"]).partition(" of ")
            assert hits == asked, f"{row['what']}: not always {K} hits"


def _number(row: Row, name: str) -> float:
    return float(str(row[name]))
