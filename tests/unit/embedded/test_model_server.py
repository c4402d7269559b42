"""What can be said of the embedded model without running it."""

import os
from pathlib import Path

import pytest

from chorus.embedded.model_server import EmbeddedModel, _last_words
from tests.timing import quickest_s

LOADING = "0.00.000.443 I srv          init: initializing ...\n"


def test_its_name_is_known_without_any_file(tmp_path: Path) -> None:
    assert EmbeddedModel(tmp_path).name == "qwen2.5-coder-1.5b-instruct"
    assert EmbeddedModel(tmp_path, tmp_path / "My Model.gguf").name == "My Model"


def test_looking_makes_nothing_and_takes_no_time(tmp_path: Path) -> None:
    status = EmbeddedModel(tmp_path / "home").status()
    assert quickest_s(EmbeddedModel(tmp_path / "home").status) < 1
    assert (status.running, status.pid, status.weights, status.weights_bytes) == (False, None, None, None)
    assert not EmbeddedModel(tmp_path / "home").stop()
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("record", ["", "{", "[]", '{"pid": 1}', '{"pid": 1, "born": 0.0, "port": 9}'])
def test_a_record_that_says_nothing_of_a_living_server_is_ignored(tmp_path: Path, record: str) -> None:
    model = EmbeddedModel(tmp_path)
    model._record.parent.mkdir()
    model._record.write_text(record)
    assert not model.status().running
    assert not model.stop()


def test_a_file_replaced_by_another_is_another(tmp_path: Path) -> None:
    gguf = tmp_path / "a.gguf"
    gguf.write_bytes(b"GGUF one")
    before = EmbeddedModel(tmp_path, gguf)._record
    assert EmbeddedModel(tmp_path, gguf)._record == before
    os.utime(gguf, (1, 1))
    assert EmbeddedModel(tmp_path, gguf)._record != before


@pytest.mark.parametrize(
    ("log", "words"),
    [
        (
            f"{LOADING}0.1 E llama: data is corrupted.\n0.2 E srv: failed\nRuntimeError: no\n",
            "llama: data is corrupted",
        ),
        (f"{LOADING}0.1 E old trouble\n{LOADING}0.1 E new trouble\n", "new trouble"),
        ("Traceback\nImportError: libgomp.so.1: cannot open\n", "ImportError: libgomp.so.1: cannot open"),
        (f"{LOADING}0.1 I loading\n", "it was killed (by hand, or for want of memory)"),
        (None, "it left no log"),
    ],
)
def test_why_a_server_is_gone_is_read_from_its_log(tmp_path: Path, log: str | None, words: str) -> None:
    path = tmp_path / "model.log"
    if log is not None:
        path.write_text(log)
    assert _last_words(path) == words
