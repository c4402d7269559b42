"""What was found at which rank, as a table with intervals and a plot. Whole tales are drawn anew, not questions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chorus.store import Floats

MEASURES = ("hit@1", "hit@5", "hit@10", "MRR@10")
DRAWS = 2_000
SEED = 20
_HEIGHT, _LEFT, _WIDE, _GAP = 26, 150, 520, 34


@dataclass(frozen=True)
class Report:
    """Per way of searching: (tales, measures) sums over a tale's questions, and (tales,) how many those are."""

    sums: dict[str, Floats]
    asked: Floats

    @classmethod
    def of(cls, ranks: Mapping[str, Sequence[Sequence[int]]]) -> "Report":
        """Take ranks by way, tale and question; 0 is not among the ten."""
        return cls(
            {name: np.array([_sums(tale) for tale in tales]) for name, tales in ranks.items()},
            np.array([float(len(tale)) for tale in next(iter(ranks.values()))]),
        )

    def means(self, name: str) -> Floats:
        """The four measures."""
        means: Floats = self.sums[name].sum(axis=0) / self.asked.sum()
        return means

    def interval(self, name: str, against: str | None = None) -> Floats:
        """(2, measures): 95 % of draws lie between; of the difference to another way, paired by tale."""
        random = np.random.default_rng(SEED)
        drawn = random.integers(len(self.asked), size=(DRAWS, len(self.asked)))
        sums = self.sums[name] - (self.sums[against] if against else 0)
        means = sums[drawn].sum(axis=1) / self.asked[drawn].sum(axis=1)[:, None]
        return np.percentile(means, [2.5, 97.5], axis=0)

    def markdown(self) -> str:
        """The table, and what the last way gains over the first."""
        first, *_, last = self.sums
        rows = [f"| {len(self.asked)} tales, {self.asked.sum():,.0f} questions | {' | '.join(MEASURES)} |"]
        rows.append("| --- " * (len(MEASURES) + 1) + "|")
        rows += [_row(name, self.means(name), self.interval(name), "") for name in self.sums]
        gain = self.means(last) - self.means(first)
        rows.append(_row(f"{last} − {first}", gain, self.interval(last, first), "+"))
        return "\n".join(rows)

    def write(self, folder: Path) -> None:
        """Write ``retrieval.md`` and ``retrieval.svg``."""
        folder.mkdir(parents=True, exist_ok=True)
        told = (
            "# How well memory is searched\n\n"
            "Written by `python -m benchmarks.memory quality`, on the validation split of FairytaleQA. Every question\n"
            "is asked of all tales at once; a scene that answers it is to be among the first ten. In brackets: where\n"
            "95 % of draws of whole tales lie.\n\n"
            f"{self.markdown()}\n\n![The same as a plot](retrieval.svg)\n\n"
            "How fast it is: [latency.md](latency.md).\n"
        )
        (folder / "retrieval.md").write_text(told, encoding="utf-8")
        (folder / "retrieval.svg").write_text(self.svg(), encoding="utf-8")

    def svg(self) -> str:
        """Each measure of each way as a dot on its interval."""
        parts: list[str] = []
        low, high = 0.3, 1.0

        def x(value: float) -> float:
            return _LEFT + (value - low) / (high - low) * _WIDE

        y = 10.0
        for column, measure in enumerate(MEASURES):
            parts.append(f'<text x="8" y="{y + 14:.0f}" font-weight="bold">{measure}</text>')
            y += 8
            for name in self.sums:
                y += _HEIGHT * 0.7
                mean, (start, end) = self.means(name)[column], self.interval(name)[:, column]
                parts.append(
                    f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{name}</text>'
                    f'<line x1="{x(start):.1f}" x2="{x(end):.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'
                    f'<circle cx="{x(mean):.1f}" cy="{y:.1f}" r="4"/>'
                    f'<text x="{x(end) + 8:.1f}" y="{y + 4:.1f}">{mean:.3f}</text>'
                )
            y += _GAP * 0.6
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDE + 70} {y:.0f}" '
            'font-family="system-ui, sans-serif" font-size="12" fill="#4a4e69" stroke-width="2">'
            f'<rect width="100%" height="100%" fill="#fff"/><g stroke-linecap="round">'
            + "".join(parts).replace("<line", '<line stroke="#9a8c98"').replace("<circle", '<circle stroke="none"')
            + "</g></svg>\n"
        )


def _sums(ranks: Sequence[int]) -> list[float]:
    hits = [float(sum(0 < rank <= most for rank in ranks)) for most in (1, 5, 10)]
    return [*hits, sum(1 / rank for rank in ranks if rank)]


def _row(name: str, means: Floats, interval: Floats, sign: str) -> str:
    cells = [
        f"{mean:{sign}.3f} [{low:{sign}.3f}, {high:{sign}.3f}]"
        for mean, low, high in zip(means, *interval, strict=True)
    ]
    return f"| {name} | {' | '.join(cells)} |"
