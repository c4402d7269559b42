"""An experiment to take away: its trials as CSV, JSON lines or Parquet, its calls as OTLP in JSON, or the report."""

import io
import json
from collections.abc import Sequence
from typing import Any, Literal

from chorus.domain.llm_call import LLMCall
from chorus.experiments.outcome import Outcome
from chorus.export.spreadsheet import csv_of
from chorus.metrics import MEASURES
from chorus.metrics.otlp import trace_of

Format = Literal["html", "csv", "jsonl", "parquet", "otlp"]
SUFFIXES: dict[Format, str] = {
    "html": ".html",
    "csv": ".csv",
    "jsonl": ".jsonl",
    "parquet": ".parquet",
    "otlp": ".otlp.json",
}

MEDIA_TYPES: dict[Format, str] = {
    "html": "text/html; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl",
    "parquet": "application/vnd.apache.parquet",
    "otlp": "application/json",
}


def rows_of(outcome: Outcome) -> list[dict[str, Any]]:
    """One row for each trial: where it belongs, how it ended, and every measure."""
    return [
        {
            "experiment_id": str(outcome.experiment_id),
            "trial_id": str(trial.trial_id),
            "arm": trial.arm,
            "premise_number": trial.premise_number,
            "premise": outcome.design.premises[trial.premise_number - 1],
            "repeat": trial.repeat,
            "status": trial.status.value,
            "story_id": str(trial.story_id) if trial.story_id else None,
            "run_id": str(trial.run_id) if trial.run_id else None,
            "title": trial.title,
            **{name: trial.measures.get(name) for name in MEASURES},
        }
        for trial in outcome.trials
    ]


def to_table(outcome: Outcome, to: Literal["csv", "jsonl", "parquet"]) -> bytes:
    """The trials as a table; Parquet and CSV have the same columns whatever was measured."""
    rows = rows_of(outcome)
    if to == "jsonl":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    if to == "csv":
        return csv_of(list(rows[0]) if rows else [], rows)
    import pandas as pd  # takes a second

    frame = pd.DataFrame(rows).astype(dict.fromkeys(MEASURES, "float64"))
    buffer = io.BytesIO()
    frame.to_parquet(buffer, engine="pyarrow", index=False)
    return buffer.getvalue()


def to_otlp(calls: Sequence[LLMCall], *, prose: bool = False) -> bytes:
    """Calls as one OTLP traces document; ``prose``: with what was said."""
    return json.dumps(trace_of(calls, prose=prose)).encode()
