"""The last result of the continuity benchmark, as the house shows it."""

from pathlib import Path

import pytest

from chorus.domain.value import now
from chorus.inspection import Condition
from chorus.inspection.benchmarks import ContinuityResult, inspect_checking, keep_continuity_result
from chorus.settings import load_config


async def test_the_last_result_is_shown_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHORUS_HOME", str(tmp_path))
    config = load_config()
    (part,) = await inspect_checking(config)
    assert part.condition is Condition.OFF
    result = ContinuityResult(
        model="a-model", measured_at=now(), planted=60, found=30, kept=40, right=20, dropped=9,
        clean=20, alarms=2, code_planted=40, code_found=40, code_alarms=0,
    )  # fmt: skip
    keep_continuity_result(tmp_path, result)
    (part,) = await inspect_checking(config)
    assert (part.condition, part.version) == (Condition.OK, "a-model")
    assert part.said.startswith(
        "30 of 60 planted contradictions found (recall 0.50), 20 of 40 findings right (precision"
    )
    assert part.figures == {"precision": 0.5, "recall": 0.5}
