"""How many threads the embedded model may use."""

from pathlib import Path

import pytest

pytest.importorskip("xllamacpp")

from chorus.embedded.model_process import _cores_granted, cores, threads


@pytest.mark.parametrize(("available", "expected"), [(1, (1, 1)), (2, (1, 2)), (4, (3, 4)), (64, (8, 16))])
def test_writing_leaves_a_core_to_the_rest(available: int, expected: tuple[int, int]) -> None:
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
