"""How many threads the embedded model may use."""

from pathlib import Path

import pytest

pytest.importorskip("xllamacpp")

from chorus.embedded.model_process import _cores_granted, cores, threads


@pytest.mark.parametrize(("available", "expected"), [(1, 1), (2, 2), (4, 4), (64, 8)])
def test_every_core_is_used_up_to_what_is_of_use(available: int, expected: int) -> None:
    assert threads(available) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("200000 100000", 2), ("50000 100000", 1), ("350000 100000", 3), ("max 100000", 1 << 20)]
)
def test_the_quota_of_a_container_counts(tmp_path: Path, text: str, expected: int) -> None:
    limit = tmp_path / "cpu.max"
    limit.write_text(text + "\n")
    assert min(_cores_granted(limit), 1 << 20) == expected


def test_there_is_at_least_one() -> None:
    assert cores() >= 1
