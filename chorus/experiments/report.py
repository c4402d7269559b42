"""An experiment as one web page that needs nothing else: verdicts, charts, every figure, and the stories to read."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from statistics import fmean
from uuid import UUID

from chorus.domain.story import Manuscript
from chorus.experiments import drawing
from chorus.experiments.compare import Comparison, Verdict
from chorus.experiments.judging import judged_in_words, marks_in_words
from chorus.experiments.outcome import FRONTS, Outcome, RevisionGain, TrialOutcome, quality_of, scores_of
from chorus.export.prose_markup import safe
from chorus.metrics import MEASURES

_NOTHING_ELSE = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_FIRST = (Verdict.WORSE, Verdict.BETTER, Verdict.DIFFERENT, Verdict.SAME, Verdict.NOT_ENOUGH)
_METHOD = (
    "Stories of one premise are alike, so premises are what is counted: repeats are averaged, arms are paired by "
    "premise. Intervals are t intervals of the mean difference between premises, at 95 %. p is that of an exact "
    "sign-flip test, adjusted for several measures and arms after Holm: the primary measures among themselves, and "
    "among themselves all others, which are exploratory. A difference is told only if test and interval both say so, "
    "and if it is as large as so many premises can be relied on to show (detectable, with 80 % power). Effects are in "
    "standard deviations of premise differences (Hedges). Below six premises no test can tell anything, and the more "
    "is compared, the more premises it takes."
)


def to_report(outcome: Outcome, stories: Mapping[UUID, Manuscript]) -> str:
    """Set the report; ``stories`` by the id of the trial that wrote them."""
    primary = [each for each in outcome.comparisons if each.family == "primary"]
    rest = [each for each in outcome.comparisons if each.family != "primary"]
    done = sum(arm.complete for arm in outcome.arms)
    design = json.dumps(outcome.design.model_dump(mode="json"), indent=2, ensure_ascii=False)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_NOTHING_ELSE}">
<meta name="generator" content="Chorus">
<title>{safe(outcome.name)}</title>
<style>
{_style()}</style>
</head>
<body>
<header><h1 dir="auto">{safe(outcome.name)}</h1>
<p class="facts">{len(outcome.arms)} arms × {len(outcome.design.premises)} premises × {outcome.design.repeats} repeats ·
{done} of {len(outcome.trials)} stories complete · begun {outcome.created_at:%Y-%m-%d %H:%M} UTC ·
compared with “{safe(outcome.design.baseline)}”</p></header>
<main>
<section><h2>What may be said</h2>{_verdicts(primary)}{_intervals(primary)}</section>
<section><h2>The arms</h2>{_arms(outcome)}{_fronts(outcome)}</section>
<section><h2>Premise by premise</h2>{_pairs(outcome)}</section>
<section><h2>Every comparison</h2>{_comparisons([*primary, *rest])}<p class="facts">{_METHOD}</p></section>
<section><h2>The stories</h2>{_reader(outcome, stories)}</section>
<section><h2>The design</h2><pre>{safe(design)}</pre></section>
</main>
</body>
</html>
"""


def _verdicts(comparisons: Sequence[Comparison]) -> str:
    """What may be said of each primary measure, regressions first."""
    if not comparisons:
        return '<p class="facts">Nothing can be compared yet.</p>'
    items = "".join(
        f'<li class="{safe(each.verdict.name.lower())}"><b>{safe(MEASURES[each.measure].label)}, {safe(each.arm)}.</b> '
        f"{safe(each.words)}</li>"
        for each in sorted(comparisons, key=lambda each: _FIRST.index(each.verdict))
    )
    return f'<ul class="verdicts">{items}</ul>'


def _intervals(comparisons: Sequence[Comparison]) -> str:
    if not any(each.low is not None for each in comparisons):
        return ""
    told = "; ".join(f"{MEASURES[c.measure].label}, {c.arm}: {c.words}" for c in comparisons)
    return drawing.intervals(comparisons, f"Differences with their 95 % intervals. {told}")


def _arms(outcome: Outcome) -> str:
    measures = [*outcome.design.primary, "words", "tokens", "calls", "cost_usd", "active_s"]
    shown = [name for name in dict.fromkeys(measures) if any(name in arm.means for arm in outcome.arms)]
    head = "".join(f'<th scope="col" class="n">{safe(MEASURES[name].label)}</th>' for name in shown)
    rows = ""
    for arm in outcome.arms:
        changed = ", ".join(f"{name} = {value}" for name, value in arm.changed.items()) or "nothing"
        figures = "".join(f'<td class="n">{_figure(arm.means.get(name), name)}</td>' for name in shown)
        votes = safe(arm.ballot.words) if arm.ballot else "–"
        rows += (
            f'<tr><th scope="row" dir="auto">{safe(arm.name)}</th><td>{safe(changed)}</td>'
            f'<td class="n">{arm.complete}</td>{figures}<td class="n">{votes}</td></tr>'
        )
    return (
        '<div class="wide"><table><thead><tr><th scope="col">Arm</th><th scope="col">Set apart by</th>'
        f'<th scope="col" class="n">n</th>{head}<th scope="col" class="n">Votes won</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{_judged(outcome)}{_gains(outcome)}"
    )


def _gains(outcome: Outcome) -> str:
    """What each revision settles, and what that takes."""
    rows = "".join(f'<tr><th scope="row" dir="auto">{safe(gain.arm)}</th>{_gain(gain)}</tr>' for gain in outcome.gains)
    if not rows:
        return ""
    names = ("Revision", "Scenes (n)", "Findings before", "Findings after", "Tokens", "Tokens a finding settled")
    head = "".join(f'<th scope="col" class="n">{name}</th>' for name in names)
    return (
        '<h3>What a revision gains</h3><div class="wide"><table><thead><tr><th scope="col">Arm</th>'
        f"{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _gain(gain: RevisionGain) -> str:
    each = "–" if gain.tokens_each is None else f"{gain.tokens_each:,.0f}"
    cells = (f"{gain.k}", f"{gain.scenes}", f"{gain.before:.2f}", f"{gain.after:.2f}", f"{gain.tokens:,.0f}", each)
    return "".join(f'<td class="n">{cell}</td>' for cell in cells)


def _judged(outcome: Outcome) -> str:
    told = [marks_in_words(outcome.marked, outcome.marked_by), *map(judged_in_words, outcome.judged)]
    return "".join(f'<p class="facts" dir="auto">{safe(said)}</p>' for said in told if said)


def _fronts(outcome: Outcome) -> str:
    quality = quality_of(outcome.design, outcome.arms)
    if quality is None:
        return ""
    drawn = ""
    for cost, field in FRONTS.items():
        if not any(cost in arm.means for arm in outcome.arms):
            continue
        filled = {arm.name: bool(getattr(arm, field)) for arm in outcome.arms}
        best = ", ".join(name for name, is_on in filled.items() if is_on)
        alt = f"{MEASURES[quality].label} against {MEASURES[cost].label.lower()}; nobody beats in both: {best}."
        drawn += f"<h3>{safe(MEASURES[quality].label)} against {safe(MEASURES[cost].label.lower())}</h3>"
        drawn += drawing.front(outcome.arms, quality, cost, filled, alt)
    return drawn + '<p class="facts">Filled: no other arm is at least as good in both.</p>'


def _pairs(outcome: Outcome) -> str:
    scores = scores_of(outcome.design, outcome.trials)
    drawn = ""
    for name in outcome.design.primary:
        means = {
            arm: {premise: fmean(values) for premise, values in of_arm.get(name, {}).items()}
            for arm, of_arm in scores.items()
        }
        if any(means.values()):
            measure = MEASURES[name]
            alt = f"{measure.label} of every premise in every arm; the table below has the means and differences."
            drawn += f'<h3>{safe(measure.label)}</h3><p class="facts">{safe(measure.meaning)}</p>'
            drawn += drawing.pairs(measure, [arm.name for arm in outcome.arms], means, alt)
    return drawn or '<p class="facts">No story is complete yet.</p>'


def _comparisons(comparisons: Sequence[Comparison]) -> str:
    head = (
        "Measure",
        "Arm",
        "Mean",
        "Compared with",
        "Difference",
        "95 % interval",
        "p",
        "Effect",
        "Wins",
        "Detectable",
        "n",
    )
    rows = ""
    for each in comparisons:
        name = each.measure
        interval = "–" if each.low is None else f"{_figure(each.low, name, '+')} to {_figure(each.high, name, '+')}"
        cells = (
            _figure(each.mean, name),
            _figure(each.other_mean, name),
            _figure(each.difference, name, "+"),
            interval,
            "–" if each.p_adjusted is None else f"{each.p_adjusted:.3f}",
            "–" if each.effect is None else f"{each.effect:+.2f}",
            "–" if each.wins is None else f"{each.wins:.0%}",
            _figure(each.detectable, name),
            str(each.premises),
        )
        figures = "".join(f'<td class="n">{cell}</td>' for cell in cells)
        rows += (
            f'<tr><th scope="row">{safe(MEASURES[name].label)}{"" if each.family == "primary" else " (exploratory)"}'
            f'</th><td dir="auto">{safe(each.arm)}</td>{figures}<td>{safe(each.verdict.value)}</td></tr>'
        )
    columns = "".join(f'<th scope="col"{"" if n < 2 else " class=n"}>{title}</th>' for n, title in enumerate(head))
    return (
        f'<div class="wide"><table><thead><tr>{columns}<th scope="col">Verdict</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _reader(outcome: Outcome, stories: Mapping[UUID, Manuscript]) -> str:
    """Every premise, and side by side what each arm made of it."""
    made = ""
    for number, premise in enumerate(outcome.design.premises, 1):
        trials = [trial for trial in outcome.trials if trial.premise_number == number and trial.trial_id in stories]
        told = "".join(_story(trial, stories[trial.trial_id]) for trial in trials)
        made += f'<h3>Premise {number}</h3><p dir="auto">{safe(premise)}</p><div class="shelf">{told}</div>'
    return made


def _story(trial: TrialOutcome, manuscript: Manuscript) -> str:
    scenes = "".join(
        f'<h4 dir="auto">{safe(scene.title)}</h4>'
        + "".join(f'<p dir="auto">{safe(part)}</p>' for part in scene.text.split("\n\n") if part.strip())
        for chapter in manuscript.chapters
        for scene in chapter.scenes
        if scene.text
    )
    return (
        f'<details><summary>{safe(trial.arm)}, repeat {trial.repeat}: <b dir="auto">{safe(manuscript.title)}</b>, '
        f'{manuscript.words:,} words</summary><article class="story">{scenes}</article></details>'
    )


def _figure(value: float | None, measure: str, sign: str = "") -> str:
    return "–" if value is None else f"{value:{sign},.{MEASURES[measure].digits}f}"


@cache
def _style() -> str:
    return Path(__file__).with_name("report.css").read_text(encoding="utf-8")
