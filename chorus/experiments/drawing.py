"""Charts of a report as SVG, drawn with the page's own type and colours; each says in words what it shows."""

from collections.abc import Mapping, Sequence
from html import escape

from chorus.experiments.compare import Comparison, Verdict
from chorus.experiments.outcome import ArmOutcome
from chorus.metrics import MEASURES, Measure

ROW = 34
WIDTH = 760
_LABELS = 250
_FIGURES = 170
_MARKS = {Verdict.BETTER: "better", Verdict.WORSE: "worse", Verdict.DIFFERENT: "different"}


def intervals(comparisons: Sequence[Comparison], alt: str) -> str:
    """Each difference with its interval, every row in its own measure; gains to the right."""
    shown = [each for each in comparisons if each.low is not None and each.high is not None]
    rows = "".join(_interval(each, place) for place, each in enumerate(shown))
    middle = _LABELS + (WIDTH - _LABELS - _FIGURES) / 2
    height = ROW * len(shown) + 30
    axis = f'<line class="axis" x1="{middle}" x2="{middle}" y1="4" y2="{height - 24}"/>'
    ends = (
        f'<text class="soft" x="{_LABELS}" y="{height - 6}">worse, or less</text>'
        f'<text class="soft" x="{WIDTH - _FIGURES}" y="{height - 6}" text-anchor="end">better, or more</text>'
    )
    return _svg(height, alt, axis + rows + ends)


def _interval(found: Comparison, place: int) -> str:
    measure = MEASURES[found.measure]
    low, high, mean = found.low or 0.0, found.high or 0.0, found.difference or 0.0
    sign = measure.better.sign or 1
    half = (WIDTH - _LABELS - _FIGURES) / 2
    reach = max(abs(low), abs(high)) or 1.0
    y = ROW * place + ROW / 2 + 2

    def x(value: float) -> float:
        return round(_LABELS + half + sign * value / reach * half * 0.96, 1)

    digits = f"+.{measure.digits}f"
    return (
        f'<g class="{_MARKS.get(found.verdict, "unsure")}">'
        f'<text x="0" y="{y + 4}">{_short(measure.label, 22)}, {_short(found.arm, 16)}</text>'
        f'<line class="bar" x1="{x(low)}" x2="{x(high)}" y1="{y}" y2="{y}"/>'
        f'<path class="dot" d="M{x(mean)} {y - 6}l6 6-6 6-6-6z"/>'
        f'<text x="{WIDTH}" y="{y + 4}" text-anchor="end">{mean:{digits}} [{low:{digits}}, {high:{digits}}]</text></g>'
    )


def pairs(measure: Measure, arms: Sequence[str], scores: Mapping[str, Mapping[int, float]], alt: str) -> str:
    """The mean of every premise in every arm; a line joins those of one premise."""
    height, left, right = 240, 70, 40
    values = [value for of_arm in scores.values() for value in of_arm.values()]
    low, high = min(values), max(values)
    room = (high - low) or abs(high) or 1.0

    def y(value: float) -> float:
        return round(24 + (height - 74) * (1 - (value - low) / room), 1)

    step = (WIDTH - left - right) / max(1, len(arms) - 1) if len(arms) > 1 else 0
    across = {arm: round(left + 40 + place * (step - 80 / max(1, len(arms) - 1)), 1) for place, arm in enumerate(arms)}
    premises = sorted({premise for of_arm in scores.values() for premise in of_arm})
    drawn = []
    for premise in premises:
        points = [(across[arm], y(scores[arm][premise])) for arm in arms if premise in scores.get(arm, {})]
        drawn.append(f'<polyline class="pair" points="{" ".join(f"{a},{b}" for a, b in points)}"/>')
        drawn += [
            f'<circle class="dot" cx="{a}" cy="{b}" r="4"><title>Premise {premise}</title></circle>' for a, b in points
        ]
    scale = "".join(
        f'<text class="soft" x="{left - 8}" y="{y(value) + 4}" text-anchor="end">{value:.{measure.digits}f}</text>'
        f'<line class="grid" x1="{left}" x2="{WIDTH - right}" y1="{y(value)}" y2="{y(value)}"/>'
        for value in dict.fromkeys((low, high))
    )
    names = "".join(
        f'<text x="{across[arm]}" y="{height - 16}" text-anchor="middle">{_short(arm, 22)}</text>' for arm in arms
    )
    return _svg(height, alt, scale + "".join(drawn) + names)


def front(arms: Sequence[ArmOutcome], quality: str, cost: str, on_front: Mapping[str, bool], alt: str) -> str:
    """Quality against cost, one mark for each arm; those that nobody beats in both are filled."""
    there = [arm for arm in arms if quality in arm.means and cost in arm.means]
    height, left, right = 280, 80, 150
    xs, ys = [arm.means[cost] for arm in there], [arm.means[quality] for arm in there]

    def place(value: float, values: Sequence[float], begin: float, end: float) -> float:
        low, high = min(values), max(values)
        return round(begin + (end - begin) * (0.5 if high == low else (value - low) / (high - low)), 1)

    drawn = []
    for arm in there:
        x = place(arm.means[cost], xs, left + 20, WIDTH - right)
        y = place(arm.means[quality], ys, height - 60, 30)
        kind = "dot" if on_front[arm.name] else "hollow"
        drawn.append(
            f'<circle class="{kind}" cx="{x}" cy="{y}" r="6"/>'
            f'<text x="{x + 12}" y="{y + 4}">{_short(arm.name, 18)}</text>'
        )
    good, price = MEASURES[quality], MEASURES[cost]
    bottom, end = height - 40, WIDTH - right + 40
    axes = (
        f'<line class="axis" x1="{left}" x2="{end}" y1="{bottom}" y2="{bottom}"/>'
        f'<line class="axis" x1="{left}" x2="{left}" y1="20" y2="{bottom}"/>'
    )
    axes += _note(left, bottom + 18, f"{min(xs):,.{price.digits}f}", "start")
    axes += _note(end, bottom + 18, f"{max(xs):,.{price.digits}f}", "end")
    axes += _note((end + left) / 2, bottom + 34, price.label, "middle")
    axes += _note(left - 6, bottom - 16, f"{min(ys):.{good.digits}f}", "end")
    axes += _note(left - 6, 34, f"{max(ys):.{good.digits}f}", "end")
    axes += _note(left, 12, f"{good.label} ({good.better.value} is better)", "start")
    return _svg(height, alt, axes + "".join(drawn))


def _note(x: float, y: float, said: str, anchor: str) -> str:
    return f'<text class="soft" x="{x}" y="{y}" text-anchor="{anchor}">{escape(said)}</text>'


def _short(text: str, length: int) -> str:
    return escape(text if len(text) <= length else text[: length - 1] + "…")


def _svg(height: float, alt: str, content: str) -> str:
    return (
        f'<div class="chart"><svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(alt)}" '
        f'width="{WIDTH}" height="{height}">{content}</svg></div>'
    )
