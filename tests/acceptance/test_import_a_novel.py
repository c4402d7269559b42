"""A manuscript of 100,000 words is imported by a real process that is killed twice on the way."""

import itertools
import json
import time
from pathlib import Path

import psycopg
import pytest

from chorus.domain.words import count_words
from tests.acceptance.conftest import Terminal, kill
from tests.conftest import data_file
from tests.figures import show

pytestmark = pytest.mark.soak
WORDS = 100_000
MOST_S = 300


def novel() -> str:
    """Tales one after another, each a chapter."""
    parts, words = ["# A Hundred Thousand Words"], 0
    for number in itertools.count():
        lines = data_file("fairytaleqa_train.jsonl").read_text(encoding="utf-8").splitlines()
        tale = json.loads(lines[number])
        parts.append(f"## {tale['story']}")
        for section in tale["sections"]:
            parts.append(f"### {section['section']}\n\n{section['text']}")
            words += count_words(section["text"])
        if words >= WORDS:
            return "\n\n".join([*parts, "### The end\n\nA quagga sneezed."])
    raise AssertionError


class Counted:
    """What the database holds of it."""

    def __init__(self, url: str) -> None:
        self._url = url

    def wait_for(self, embedded: int) -> None:
        deadline = time.monotonic() + MOST_S
        while self.figures()[1] < embedded:
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def figures(self) -> tuple[int, int, int, int]:
        """(memories, those with a vector, those that differ, stories)."""
        query = (
            "SELECT count(*), count(embedding), count(DISTINCT (scene_id, kind, span_start)), "
            "count(DISTINCT story_id) FROM memory"
        )
        with psycopg.connect(self._url) as connection:
            (row,) = connection.execute(query).fetchall()
            return row


@pytest.mark.timeout(1200)
def test_a_novel_is_imported_through_two_kills(terminal: Terminal, database_url: str, tmp_path: Path) -> None:
    file, counted = tmp_path / "novel.md", Counted(database_url)
    file.write_text(novel(), encoding="utf-8")
    began = time.monotonic()
    first = terminal.start("import", str(file))
    counted.wait_for(1)
    by_words_s = time.monotonic() - began
    found = terminal.chorus("search", "quaggas", "--k", "1", "--json")  # while the import goes on
    assert "quagga" in found.json[0]["text"]
    assert "Remembering" in kill(first).err
    kept = counted.figures()
    second = terminal.start("import", str(file))
    counted.wait_for(kept[1] + 500)
    kill(second)
    last = terminal.chorus("import", str(file), "--json", timeout_s=MOST_S)
    wall_s = time.monotonic() - began
    memories, embedded, different, stories = counted.figures()
    show(
        "Importing a novel, killed twice",
        [
            {
                "words": last.json["words"],
                "scenes": last.json["scenes"],
                "memories": memories,
                "first vectors s": by_words_s,
                "all s": wall_s,
                "memories/s": memories / wall_s,
            }
        ],
    )
    assert memories == embedded == different
    assert stories == 1
    assert last.json["words"] >= WORDS
    assert wall_s < MOST_S
