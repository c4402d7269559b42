"""Calls summed up, told apart by whatever is wanted: out of days that are added up, out of the ledger, or both."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Integer, Row, Select, Text, cast, func, select

from chorus.domain.llm_call import Outcome
from chorus.domain.sketch import BINS, GROWTH, Counts, counts_of, no_counts, percentile
from chorus.store import tables as t

WHAT = ("agent", "node", "model", "prompt_version", "outcome")
_call, _day, _run = t.llm_call.c, t.call_day.c, t.call_day_of_run.c
_ok = _call.outcome == Outcome.OK
_timed = (_ok, _call.latency_ms.is_not(None))
SUMS: dict[str, ColumnElement[Any]] = {
    "calls": func.count(),
    **{
        name: func.sum(_call[name])
        for name in ("prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens")
    },
    "cost_usd": func.sum(_call.cost_usd),
    "unpriced": func.count().filter(_call.cost_usd.is_(None), _call.prompt_tokens + _call.completion_tokens > 0),
    "timed_tokens": func.sum(_call.completion_tokens).filter(*_timed),
    "timed_ms": func.sum(_call.latency_ms).filter(*_timed),
}
"""What is summed up of calls; a day that is added up has a column for each."""
SKETCHES = ("latency", "ttft")

type Keys = tuple[Hashable, ...]


def bins_of(name: str) -> ColumnElement[Any]:
    """The bin of every time that was measured."""
    took_ms = _call[f"{name}_ms"]
    place = func.floor(func.ln(func.greatest(took_ms, 1)) / func.ln(cast(GROWTH, took_ms.type)))
    which = cast(func.least(place, BINS - 1), Integer)
    return func.array_agg(which).filter(took_ms.is_not(None)).label(name)


@dataclass
class Tally:
    """What calls add up to."""

    calls: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    cost_usd: Decimal | None = None
    unpriced: int = 0
    timed_tokens: int = 0
    timed_ms: float = 0.0
    latency: Counts = field(default_factory=no_counts)
    ttft: Counts = field(default_factory=no_counts)

    def merge(self, other: "Tally") -> None:
        """Add what other calls add up to."""
        for name in ("failed", *SUMS, *SKETCHES):
            mine, theirs = getattr(self, name), getattr(other, name)
            if theirs is not None:
                setattr(self, name, theirs if mine is None else mine + theirs)

    @property
    def tokens(self) -> int:
        """Of prompts and answers."""
        return self.prompt_tokens + self.completion_tokens

    def add(self, row: Mapping[str, Any]) -> None:
        """Add a row of sums; an array of a sketch is bins, a text is a vector of counts."""
        for name in ("failed", *SUMS):
            if row[name] is not None:
                kind = float if name == "timed_ms" else Decimal if name == "cost_usd" else int
                setattr(self, name, (getattr(self, name) or 0) + kind(row[name]))
        self.add_times(row)

    def add_times(self, row: Mapping[str, Any]) -> None:
        """Add what a row has of sketches."""
        for name in SKETCHES:
            if row.get(name):
                setattr(self, name, getattr(self, name) + _counts(row[name]))

    def figures(self) -> dict[str, Any]:
        """The same as figures that are shown; None where there is nothing to divide by."""
        return {
            **{name: getattr(self, name) for name in ("calls", "failed", *list(SUMS)[1:5], "unpriced")},
            "cost_usd": None if self.cost_usd is None else float(self.cost_usd),
            "latency_p50_ms": percentile(self.latency, 0.5),
            "latency_p95_ms": percentile(self.latency, 0.95),
            "latency_p99_ms": percentile(self.latency, 0.99),
            "ttft_p50_ms": percentile(self.ttft, 0.5),
            "ttft_p95_ms": percentile(self.ttft, 0.95),
            "ttft_p99_ms": percentile(self.ttft, 0.99),
            "tokens_per_s": 1000 * self.timed_tokens / self.timed_ms if self.timed_ms else None,
        }


def of_calls(keys: Sequence[Any]) -> Select[Any]:
    """Sums of the ledger's own rows."""
    sums = [column.label(name) for name, column in SUMS.items()]
    failed = func.count().filter(~_ok).label("failed")
    named = _named(keys)
    return select(*named, *sums, failed, *map(bins_of, SKETCHES)).group_by(*named)


def of_days(keys: Sequence[Any]) -> Select[Any]:
    """The same sums of days that are added up."""
    sums = [func.sum(_day[name]).label(name) for name in SUMS]
    failed = func.coalesce(func.sum(_day.calls).filter(_day.outcome != Outcome.OK), 0).label("failed")
    counted = [cast(func.sum(_day[name]), Text).label(name) for name in SKETCHES]
    named = _named(keys)
    return select(*named, *sums, failed, *counted).group_by(*named)


def of_runs(key: Any) -> Select[Any]:
    """The same sums of runs by days, without their sketches: their bins come by ``times_of_runs``."""
    sums = [func.sum(_run[name]).label(name) for name in SUMS]
    failed = func.coalesce(func.sum(_run.calls).filter(_run.outcome != Outcome.OK), 0).label("failed")
    return select(key.label("key_0"), *sums, failed).group_by(key)


def times_of_runs(key: Any) -> Select[Any]:
    """All bins of both sketches of runs by days."""
    columns = [_run[name] for name in SKETCHES]
    bins = func.unnest(*columns).table_valued(*SKETCHES, joins_implicitly=True).render_derived().c
    gathered = [func.array_agg(bins[name]).filter(bins[name].is_not(None)).label(name) for name in SKETCHES]
    return select(key.label("key_0"), *gathered).group_by(key)


def add_up(tallies: dict[Keys, Tally], rows: Iterable[Row[Any]], keys: int) -> None:
    """Add rows, told apart by their first ``keys`` columns; a group of no calls is none."""
    for row in rows:
        if row.calls:
            tallies.setdefault(tuple(row[:keys]), Tally()).add(row._asdict())


def folded(tallies: Mapping[Keys, Tally], key: Callable[[Keys], Keys]) -> dict[Keys, Tally]:
    """Add up those that have one key in common."""
    coarse: dict[Keys, Tally] = {}
    for keys, tally in tallies.items():
        coarse.setdefault(key(keys), Tally()).merge(tally)
    return coarse


def add_times(tallies: dict[Keys, Tally], rows: Iterable[Row[Any]]) -> None:
    """Add bins to the groups that their first column names."""
    for row in rows:
        tallies[row[:1]].add_times(row._asdict())


def _named(keys: Sequence[Any]) -> list[Any]:
    return [key.label(f"key_{number}") for number, key in enumerate(keys)]


def _counts(told: Any) -> Counts:
    return np.fromstring(told[1:-1], sep=",") if isinstance(told, str) else counts_of(told)
