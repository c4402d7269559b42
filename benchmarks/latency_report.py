"""How long searches take by the number of memories, as a table and a plot."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

WAYS = ("in a story, p50", "in a story, p95", "all stories, p50", "all stories, p95")
_COLOURS = ("#9a8c98", "#4a4e69", "#e0a458", "#c1666b")
_LEFT, _TOP, _WIDE, _HIGH = 60, 16, 520, 240


@dataclass(frozen=True)
class LatencyRow:
    """Searches among so many memories, in milliseconds, and what the index finds of the ten nearest."""

    memories: int
    built_s: float
    ways_ms: tuple[float, float, float, float]
    recall: float


def markdown(rows: Sequence[LatencyRow]) -> str:
    """The table."""
    head = ["memories", *(f"{way} ms" for way in WAYS), "recall@10 of the index", "made in s"]
    lines = [f"| {' | '.join(head)} |", "| ---: " * len(head) + "|"]
    for row in rows:
        figures = [f"{row.memories:,}", *(f"{ms:.0f}" for ms in row.ways_ms), f"{row.recall:.3f}", f"{row.built_s:.0f}"]
        lines.append(f"| {' | '.join(figures)} |")
    return "\n".join(lines)


def write(rows: Sequence[LatencyRow], folder: Path, load: float) -> None:
    """Write ``latency.md`` and ``latency.svg``; ``load``: how many processes wanted a core meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    told = (
        "# How fast memory is searched\n\n"
        "Written by `python -m benchmarks.memory latency`, over made-up stories of 1,000 memories and one of 5,000.\n"
        "Words and vectors are searched together, for ten hits, one question after the other, in one process; the\n"
        f"question's vector is at hand. Measured on two cores on which {load:.0f} processes wanted to work.\n\n"
        f"{markdown(rows)}\n\n![The same as a plot](latency.svg)\n\n"
        "A million memories are measured by `./run soak tests/integration/memory/test_scale.py`.\n"
    )
    (folder / "latency.md").write_text(told, encoding="utf-8")
    (folder / "latency.svg").write_text(svg(rows), encoding="utf-8")


def svg(rows: Sequence[LatencyRow]) -> str:
    """A line for each way; memories on a scale of powers of ten."""
    low, high = math.log10(rows[0].memories), math.log10(rows[-1].memories)
    most = max(max(row.ways_ms) for row in rows) * 1.1

    def x(memories: int) -> float:
        return _LEFT + (math.log10(memories) - low) / ((high - low) or 1.0) * _WIDE

    def y(ms: float) -> float:
        return _TOP + _HIGH * (1 - ms / most)

    parts = [
        f'<line x1="{_LEFT}" x2="{_LEFT + _WIDE}" y1="{y(0):.0f}" y2="{y(0):.0f}" stroke="#9a8c98"/>',
        *(_text(_LEFT - 8, y(ms) + 4, "end", f"{ms:.0f} ms") for ms in (0.0, most / 2, most)),
        *(_text(x(row.memories), y(0) + 18, "middle", f"{row.memories:,}") for row in rows),
    ]
    for place, (way, colour) in enumerate(zip(WAYS, _COLOURS, strict=True)):
        points = " ".join(f"{x(row.memories):.1f},{y(row.ways_ms[place]):.1f}" for row in rows)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        last = y(rows[-1].ways_ms[place])
        parts.append(f'<text x="{_LEFT + _WIDE + 8}" y="{last + 4:.0f}" fill="{colour}">{way}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDE + 130} {_TOP + _HIGH + 30}" '
        'font-family="system-ui, sans-serif" font-size="12" fill="#4a4e69">'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def _text(x: float, y: float, anchor: str, told: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{told}</text>'
