"""The last result of the continuity benchmark: how well a model finds planted contradictions; a file at home."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from chorus.domain.value import Value
from chorus.inspection.report import Area, Condition, Part
from chorus.settings import ChorusConfig

FILE = "benchmarks/continuity.json"


class CategoryResult(Value):
    """What was planted in one category and found again."""

    category: str
    planted: int
    found: int


class ContinuityResult(Value):
    """How well a model checks: ``kept`` findings had true quotes, ``right`` of them quote what was planted.

    ``dropped`` findings quoted what is not in the text or only said it again; ``alarms`` are clean scenes with one.
    """

    model: str
    measured_at: datetime
    planted: int
    found: int
    kept: int
    right: int
    dropped: int
    clean: int
    alarms: int
    code_planted: int
    code_found: int
    code_alarms: int
    categories: tuple[CategoryResult, ...] = ()

    @property
    def recall(self) -> float:
        """The share of planted contradictions that were found."""
        return self.found / self.planted if self.planted else 0.0

    @property
    def precision(self) -> float:
        """The share of kept findings that were right."""
        return self.right / self.kept if self.kept else 0.0


def find_continuity_result(home: Path) -> ContinuityResult | None:
    """Read the last result; None if there is none that can be read."""
    try:
        return ContinuityResult.model_validate_json((home / FILE).read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return None


def keep_continuity_result(home: Path, result: ContinuityResult) -> Path:
    """Write a result in place of the last one."""
    path = home / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(result.model_dump_json(indent=2), encoding="utf-8")
    return path


async def inspect_checking(config: ChorusConfig) -> Sequence[Part]:
    """Say how well contradictions were found when that was measured last."""
    found = await asyncio.to_thread(find_continuity_result, config.system.home)
    return [_measured(found) if found else _part(Condition.OFF, "never measured: python -m benchmarks.continuity")]


def _measured(result: ContinuityResult) -> Part:
    said = (
        f"{result.found} of {result.planted} planted contradictions found (recall {result.recall:.2f}), "
        f"{result.right} of {result.kept} findings right (precision {result.precision:.2f}), "
        f"{result.dropped} dropped as without evidence, {result.alarms} of {result.clean} clean scenes with a finding; "
        f"code found {result.code_found} of {result.code_planted} planted faults, "
        f"with {result.code_alarms} false alarms; measured {result.measured_at:%d %B %Y}"
    )
    part = _part(Condition.OK, said)
    figures: dict[str, int | float | str | None] = {"precision": result.precision, "recall": result.recall}
    return part.model_copy(update={"version": result.model, "figures": figures})


def _part(condition: Condition, said: str) -> Part:
    return Part(area=Area.MODELS, name="checking", title="Checking for contradictions", condition=condition, said=said)
