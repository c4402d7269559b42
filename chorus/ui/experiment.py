"""Experiments: what there is, what may be said of one, and two stories read blind."""

import random
from collections.abc import Mapping, Sequence
from uuid import UUID

import pandas as pd
import streamlit as st

from chorus.domain.experiment import PERSON, Choice, ExperimentCard, TrialStatus
from chorus.experiments.blind import next_pair
from chorus.experiments.compare import Comparison, Verdict
from chorus.experiments.judging import judged_in_words, marks_in_words
from chorus.experiments.outcome import ExperimentStatus, Outcome, RevisionGain, TrialOutcome
from chorus.metrics import MEASURES
from chorus.ui import address, reads
from chorus.ui.backend import backend
from chorus.ui.charts import INK, MARKERS, chart, plot
from chorus.ui.experiment_files import take_away
from chorus.ui.experiment_front import fronts
from chorus.ui.markup import chart_text, draw, label, paragraphs, safe
from chorus.ui.orders import give
from chorus.ui.places import href
from chorus.ui.states import empty
from chorus.ui.table_file import offer_table
from chorus.ui.visitor import may_edit
from chorus.ui.words import ago, count, number

_HOW = """name = "Cool or warm"
premises = ["A lantern burns without oil.", "The tide forgets to turn."]
repeats = 2

[settings]
scenes = 8
words = 500

[[arms]]
name = "cool"
temperature = 0.2

[[arms]]
name = "one answer"
method = "single_pass"
"""
LOOK_S = 4.0
_FIRST = (Verdict.WORSE, Verdict.BETTER, Verdict.DIFFERENT, Verdict.SAME, Verdict.NOT_ENOUGH)


def masthead() -> None:
    """Head the page with what it is for."""
    draw(
        '<header class="ch-masthead"><h1>Experiments</h1><p>Stories written under several settings, compared premise '
        "by premise. What cannot be told is not told.</p></header>"
    )


def choose(cards: Sequence[ExperimentCard]) -> UUID | None:
    """Offer the experiments; the URL keeps which. Raises NotFound."""
    if not cards:
        empty(
            "⚖",
            "No experiment was begun yet",
            "Begin one above, or write a file like this one: `chorus experiment run FILE`.",
        )
        st.code(_HOW, language=None)
        return None
    names = {
        card.id: f"{label(card.name)} · {card.complete} of {card.trials}, {ago(card.created_at)}" for card in cards
    }
    given = address.experiment_id()
    if given and given not in names:  # an older one, or none: then this raises NotFound
        names[given] = label(reads.outcome(given).name)
    options = list(names)
    chosen = st.selectbox(
        "Experiment", options, index=options.index(given) if given else 0, format_func=names.__getitem__
    )
    address.keep(experiment_id=chosen)
    return chosen


def show(outcome: Outcome) -> None:
    """Show what came of an experiment, and let two stories be read blind."""
    draw(_head(outcome))
    take_away(outcome.experiment_id, outcome.name)
    _course(outcome)
    told, arms, figures, blind, stories = st.tabs(["What may be said", "Arms", "Every figure", "Read blind", "Stories"])
    with told:
        _verdicts(outcome)
        _judgement(outcome)
    with arms:
        _arms(outcome)
    with figures:
        _figures(outcome.comparisons)
    with blind:
        _read_blind(outcome)
    with stories:
        _stories(outcome.trials)


def _head(outcome: Outcome) -> str:
    done = sum(arm.complete for arm in outcome.arms)
    failed = sum(arm.failed for arm in outcome.arms)
    cells = (
        ("Stories", f"{done} of {len(outcome.trials)}"),
        ("Failed", number(failed) if failed else "none"),
        ("Premises (n)", number(len(outcome.design.premises))),
        ("Repeats", number(outcome.design.repeats)),
        ("Compared with", outcome.design.baseline),
        ("Plans", "frozen" if outcome.design.freeze_plan else "each its own"),
    )
    items = "".join(f'<div><dt>{name}</dt><dd dir="auto">{safe(value)}</dd></div>' for name, value in cells)
    return f'<h2 class="ch-heading" dir="auto">{safe(outcome.name)}</h2><dl class="ch-figures">{items}</dl>'


def _course(outcome: Outcome) -> None:
    """Who writes it, and the buttons that begin and stop it."""
    if outcome.at_once or outcome.judge is not None:
        st.fragment(_look, run_every=LOOK_S, key="course")(outcome)
    if outcome.at_once:
        if may_edit() and st.button(
            "Stop", icon=":material/pause:", help="What is being written rests; nothing is lost."
        ):
            give(lambda studio: studio.stop_experiment(outcome.experiment_id))
            _anew()
    elif outcome.status is not ExperimentStatus.COMPLETE and may_edit():
        with st.container(horizontal=True, vertical_alignment="bottom"):
            at_once = st.number_input("Stories at once", 1, 16, 2, width=160)
            begun = any(trial.run_id for trial in outcome.trials)
            if st.button("Go on" if begun else "Write these stories", type="primary", icon=":material/play_arrow:"):
                give(lambda studio: studio.hand_over_experiment(outcome.experiment_id, at_once=at_once))
                _anew()


def _look(shown: Outcome) -> None:
    """Say what the workers are at, and draw the page anew when that changes."""
    if reads.outcome(shown.experiment_id) != shown:
        st.rerun()
    if not shown.at_once:
        return
    at_work = sum(trial.status is TrialStatus.RUNNING for trial in shown.trials)
    draw(
        f'<p class="ch-facts" role="status">The workers write {count(at_work, "story", "stories")} of it now, '
        f"at most {shown.at_once} at once. This page follows.</p>"
    )


def _anew() -> None:
    reads.outcome.clear()
    reads.experiments.clear()
    st.rerun()


def _verdicts(outcome: Outcome) -> None:
    """The primary measures in words, regressions first, and their intervals."""
    primary = [each for each in outcome.comparisons if each.family == "primary"]
    if not primary:
        draw('<p class="ch-facts">Nothing can be compared yet: no story is complete, or there is one arm.</p>')
        return
    if outcome.design.warning:
        draw(f'<p class="ch-facts">{safe(outcome.design.warning)}</p>')
    items = "".join(
        f'<li class="ch-verdict-{each.verdict.name.lower()}"><b dir="auto">{safe(MEASURES[each.measure].label)}, '
        f"{safe(each.arm)}.</b> {safe(each.words)}</li>"
        for each in sorted(primary, key=lambda each: _FIRST.index(each.verdict))
    )
    draw(f'<ul class="ch-verdicts">{items}</ul>')
    measured = [each for each in primary if each.low is not None]
    for measure in dict.fromkeys(each.measure for each in measured):
        _interval_chart(measure, outcome.design.baseline, [each for each in measured if each.measure == measure])


def _interval_chart(name: str, baseline: str, found: Sequence[Comparison]) -> None:
    measure = MEASURES[name]
    points = {
        "type": "scatter",
        "x": [each.difference for each in found],
        "y": [chart_text(each.arm) for each in found],
        "mode": "markers",
        "marker": {"size": 11, "symbol": MARKERS[1]},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [(each.high or 0) - (each.difference or 0) for each in found],
            "arrayminus": [(each.difference or 0) - (each.low or 0) for each in found],
        },
        "customdata": [each.premises for each in found],
        "hovertemplate": "%{y}: %{x:.4f}, n = %{customdata}<extra></extra>",
    }
    which = {"higher": "higher is better", "lower": "lower is better"}.get(measure.better.value, "neither is better")
    draw(
        f'<p class="ch-facts"><b>{safe(measure.label)}</b>: difference from “{safe(baseline)}” with its 95 % interval; '
        f"{which}.</p>"
    )
    ends = [0.0, *(end for each in found for end in (each.low, each.high) if end is not None)]
    room = 0.06 * (max(ends) - min(ends)) or 1.0
    nought = {"range": [min(ends) - room, max(ends) + room], "zeroline": True, "zerolinecolor": INK, "zerolinewidth": 1}
    margin = {"l": 8, "r": 16, "t": 8, "b": 36}
    shown = chart([points], 70 + 44 * len(found), across=nought, showlegend=False, margin=margin)
    told = "; ".join(f"{each.arm}: {each.words}" for each in found)
    plot(shown, f"Differences in {measure.label.lower()}. {told}", f"interval-{name}")


def _arms(outcome: Outcome) -> None:
    rows = [
        {
            "Arm": arm.name,
            "Set apart by": ", ".join(f"{name} = {value}" for name, value in arm.changed.items()) or "nothing",
            "Stories": arm.complete,
            "Votes won": arm.ballot.words if arm.ballot else "",
            **{MEASURES[name].label: value for name, value in arm.means.items()},
        }
        for arm in outcome.arms
    ]
    _table(rows, "Every arm, what sets it apart, and its means.", "arms")
    if rows_of_fronts := fronts(outcome):
        _table(rows_of_fronts, "Quality of every arm, what it takes, and whether another beats it in both.", "fronts")
    if outcome.gains:
        draw('<h3 class="ch-subheading">What a revision gains</h3>')
        _table([_gain(gain) for gain in outcome.gains], "What each revision of a scene settles, and takes.", "gains")


def _judgement(outcome: Outcome) -> None:
    """What a model says of the stories, and a way to ask one."""
    draw('<h3 class="ch-subheading">A model as judge</h3>')
    if outcome.marked_by:
        draw(f'<p class="ch-facts" dir="auto">{safe(marks_in_words(outcome.marked, outcome.marked_by))}</p>')
    for each in outcome.judged:
        draw(f'<p class="ch-facts" dir="auto">{safe(judged_in_words(each))}</p>')
    if outcome.judge_error:
        draw(f'<p class="ch-facts ch-bad" role="alert" dir="auto">It did not end: {safe(outcome.judge_error)}</p>')
    if outcome.judge is not None:
        draw('<p class="ch-facts" role="status">The workers let it be judged now. This page follows.</p>')
        return
    if not outcome.judged:
        draw(
            '<p class="ch-facts">It marks every story and reads pairs of them blind, each in both orders; how often it '
            "agrees with itself is told with what it prefers.</p>"
        )
    if not may_edit() or not any(arm.complete for arm in outcome.arms):
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        model = st.text_input("Model", placeholder="the editor's", max_chars=200, width=260, key="judge-model")
        most = st.number_input(
            "Tokens at most",
            1,
            10**12,
            None,
            10_000,
            placeholder="as its stories",
            width=180,
            key="judge-tokens",
            help="Of all judging of it. Left alone: as said before, or once more what its stories may use.",
        )
        if st.button("Let it judge" if not outcome.judged else "Judge what is new", icon=":material/balance:"):
            give(lambda studio: studio.ask_judge(outcome.experiment_id, model, most_tokens=most))
            _anew()


def _gain(gain: RevisionGain) -> dict[str, object]:
    return {
        "Arm": gain.arm,
        "Revision": gain.k,
        "Scenes (n)": gain.scenes,
        "Findings before": round(gain.before, 2),
        "Findings after": round(gain.after, 2),
        "Tokens": round(gain.tokens),
        "Tokens a finding settled": None if gain.tokens_each is None else round(gain.tokens_each),
    }


def _figures(comparisons: Sequence[Comparison]) -> None:
    rows = [
        {
            "Measure": MEASURES[each.measure].label,
            "Arm": each.arm,
            "Family": each.family,
            "Mean": each.mean,
            "Compared with": each.other_mean,
            "Difference": each.difference,
            "Low": each.low,
            "High": each.high,
            "p (Holm)": each.p_adjusted,
            "Effect": each.effect,
            "Wins": each.wins,
            "Detectable": each.detectable,
            "Premises (n)": each.premises,
            "Verdict": each.verdict.value,
        }
        for each in comparisons
    ]
    _table(rows, "Every measure of every arm against the arm it is compared with.", "comparisons")


def _read_blind(outcome: Outcome) -> None:
    """Two stories of one premise, whose arms are told only after the vote."""
    read = _read_before(outcome.experiment_id)
    turn = f"{outcome.experiment_id}-{len(read)}"
    seed = st.session_state.setdefault(f"blind-{turn}", random.SystemRandom().randrange(2**32))
    pair = next_pair(outcome.trials, read, seed)
    if pair is None:
        draw('<p class="ch-facts">Two arms need a complete story of the same premise first.</p>')
        return
    draw(f'<p class="ch-prose" dir="auto">{safe(outcome.design.premises[pair[0].premise_number - 1])}</p>')
    columns = st.columns(2, gap="large")
    for column, trial, name in zip(columns, pair, ("First", "Second"), strict=True):
        with column:
            draw(f'<h3 class="ch-subheading">{name}</h3>{_prose(trial)}')
    if not may_edit():
        draw('<p class="ch-facts">Votes are for editors; you may read along.</p>')
        return
    with st.container(horizontal=True, horizontal_alignment="center"):
        for choice, said in (
            (Choice.FIRST, "The first is better"),
            (Choice.NEITHER, "Neither"),
            (Choice.SECOND, "The second is better"),
        ):
            if st.button(said, key=f"vote-{choice}-{turn}"):
                ids = (pair[0].trial_id, pair[1].trial_id)
                _vote(outcome.experiment_id, ids, choice)
                told = f"First: {pair[0].arm}. Second: {pair[1].arm}."
                st.session_state["blind-told"] = told
                reads.outcome.clear()
                st.rerun()
    if "blind-told" in st.session_state:
        draw(f'<p class="ch-facts" role="status">Your last vote is kept. {safe(st.session_state["blind-told"])}</p>')
    draw(f'<p class="ch-facts">{count(len(read), "vote")} so far.</p>')


def _vote(experiment_id: UUID, ids: tuple[UUID, UUID], choice: Choice) -> None:
    backend().run(lambda studio: studio.vote(experiment_id, *ids, choice))


def _read_before(experiment_id: UUID) -> list[frozenset[UUID]]:
    votes = backend().run(lambda studio: studio.list_votes(experiment_id))
    return [frozenset((vote.first_id, vote.second_id)) for vote in votes if vote.judge == PERSON]


def _prose(trial: TrialOutcome) -> str:
    """A story as it is read blind: no title, no arm."""
    if trial.story_id is None:
        return ""
    scenes = [scene for chapter in reads.manuscript(trial.story_id).chapters for scene in chapter.scenes]
    return "<hr>".join(paragraphs(scene.text) for scene in scenes if scene.text)


def _stories(trials: Sequence[TrialOutcome]) -> None:
    rows = [
        {
            "Premise": trial.premise_number,
            "Arm": trial.arm,
            "Repeat": trial.repeat,
            "State": trial.status.value,
            "Title": trial.title,
            "Words": trial.measures.get("words"),
            "The judge's mark": trial.measures.get("judged"),
            "The judge says": trial.judge_said,
            "What went wrong": trial.error,
            "Read": f"/{href('read', story_id=trial.story_id)}" if trial.status is TrialStatus.COMPLETE else None,
            "Trace": f"/{href('trace', run_id=trial.run_id)}" if trial.run_id else None,
        }
        for trial in trials
    ]
    _table(rows, "Every trial.", "trials")


def _table(rows: Sequence[Mapping[str, object]], alt: str, name: str) -> None:
    frame = pd.DataFrame(rows)
    links = {
        each: st.column_config.LinkColumn(each, display_text="open") for each in ("Read", "Trace") if each in frame
    }
    st.dataframe(frame, hide_index=True, alt=alt, column_config=links)
    offer_table(frame, name)
