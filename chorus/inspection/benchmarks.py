"""The last result of the continuity benchmark: how well a model finds planted contradictions; a file at home."""

from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from chorus.domain.value import Value

FILE = "benchmarks/continuity.json"


class CategoryResult(Value):
    """What was planted in one category and found again."""

    category: str
    planted: int
    found: int


class ContinuityResult(Value):
    """How well a model checks: ``kept`` findings had true quotes, ``right`` of them quote what was planted.

    ``dropped`` findings quoted what is not in the text; ``alarms`` are clean scenes with a finding.
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
