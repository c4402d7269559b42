"""The form that begins an experiment: premises, arms, and what they have in common; the workers write it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import streamlit as st

from chorus.domain.nodes import IN_ONE_ANSWER, PLANNING, WRITING
from chorus.domain.run import LONGEST_EXTRA, Continuity, Method
from chorus.errors import InvalidInput
from chorus.experiments.design import PRIMARY, Design, design_of
from chorus.experiments.statistics import fewest_premises
from chorus.studio import LONGEST_PREMISE, Studio
from chorus.ui.backend import backend
from chorus.ui.markup import draw
from chorus.ui.new_story import told
from chorus.ui.orders import give, refused
from chorus.ui.words import count

MOST_ARMS = 6
MOST_STORIES = 200
"""Stories of an experiment that is begun here; a file may say more."""
_CONTINUITY = {"One after another": Continuity.SERIAL, "Side by side": Continuity.PARALLEL}
_METHOD = {"The whole crew": Method.CREW, "One answer": Method.SINGLE}
_RECALL: dict[str, dict[str, float] | None] = {
    "By words and meaning": None,
    "By meaning alone": {"vector": 1.0, "lexical": 0.0},
    "By words alone": {"vector": 0.0, "lexical": 1.0},
}
_SUGGESTED = ("cool", "warm")


def ask_for_experiment(*, expanded: bool) -> UUID | None:
    """Show the form; the answer is the experiment that was begun, None while there is none."""
    with st.expander("Begin a new experiment", expanded=expanded, icon=":material/science:"):
        arms = st.number_input(
            "Arms",
            2,
            MOST_ARMS,
            2,
            key="new-arms",
            help="Settings to compare. The first is what others are compared with.",
        )
        with st.form("new-experiment", border=False):
            wanted = _fields(arms)
            at_once = st.number_input("Stories at once", 1, 16, 2, help="How many the workers write side by side.")
            with st.container(horizontal=True):
                sent = st.form_submit_button("Write these stories", type="primary", icon=":material/ink_pen:")
                look = st.form_submit_button("What will it take?", icon=":material/calculate:")
        design = _design(wanted) if sent or look else None
        if design and look:
            draw(f'<p class="ch-facts">{count(design.trials, "story", "stories")} in all. {design.warning or ""}</p>')
            draw(told(backend().run(lambda studio: studio.estimate_experiment(design, at_once=at_once))))
    return give(_begin(design, at_once)) if design and sent else None


def _begin(design: Design, at_once: int) -> Callable[[Studio], Any]:
    async def begin(studio: Studio) -> UUID:
        experiment = await studio.begin_experiment(design)
        await studio.hand_over_experiment(experiment.id, at_once=at_once)
        return experiment.id

    return begin


def _design(wanted: dict[str, Any]) -> Design | None:
    """The design as the form says it; None if it is none, and why is told."""
    try:
        design = design_of(wanted)
    except InvalidInput as wrong:
        refused(str(wrong))
        return None
    if design.trials > MOST_STORIES:
        refused(
            f"That are {design.trials:,} stories; here {MOST_STORIES} is the most. `chorus experiment run` takes more."
        )
        return None
    return design


def _fields(arms: int) -> dict[str, Any]:
    name = st.text_input("Name", max_chars=200, placeholder="Cool or warm")
    premises = st.text_area(
        "Premises, one a line",
        max_chars=10 * LONGEST_PREMISE,
        height=110,
        placeholder="A lantern burns without oil.\nThe tide forgets to turn.",
        help=f"From {fewest_premises((arms - 1) * len(PRIMARY))} on, a difference can be told from chance.",
    )
    scenes, words, repeats, seed = st.columns(4)
    common = {
        "scenes": scenes.number_input("Scenes", 1, 100, 4),
        "words": words.number_input("Words per scene", 50, 5000, 250, 50),
    }
    repeat = repeats.number_input("Repeats", 1, 20, 1, help="How often each arm writes each premise.")
    order = seed.number_input("Seed", 0, 2**31, 0, help="Shuffles the order in which stories are written.")
    frozen = st.checkbox("All arms write to the same plan", help="Then they differ only in what is studied.")
    told_arms = [_arm(number) for number in range(1, arms + 1)]
    budget = st.number_input("Budget in tokens (optional)", 0, 10**12, None, 10_000, help="For all stories together.")
    return {
        "name": name.strip(),
        "premises": [line.strip() for line in premises.splitlines() if line.strip()],
        "settings": common,
        "repeats": repeat,
        "seed": order,
        "freeze_plan": frozen,
        "arms": told_arms,
        "budget_tokens": budget or None,
    }


def _arm(number: int) -> dict[str, Any]:
    """The fields of one arm; what is left alone stays as it is configured."""
    suggested = _SUGGESTED[number - 1] if number <= len(_SUGGESTED) else f"arm {number}"
    draw(f'<h3 class="ch-subheading">Arm {number}</h3>')
    left, right = st.columns(2, gap="large")
    with left:
        name = st.text_input("Its name", suggested, max_chars=80, key=f"arm-name-{number}")
        model = st.text_input("Model", max_chars=200, placeholder="as configured", key=f"arm-model-{number}")
        temperature = st.number_input(
            "Temperature", 0.0, 2.0, None, 0.1, placeholder="as configured", key=f"arm-heat-{number}"
        )
    with right:
        method = st.selectbox("Written by", list(_METHOD), key=f"arm-method-{number}")
        continuity = st.selectbox("Scenes", list(_CONTINUITY), key=f"arm-continuity-{number}")
        revisions = st.number_input(
            "Revisions at most", 0, 2, None, placeholder="as configured", key=f"arm-revisions-{number}"
        )
        recalled = st.selectbox("What is recalled", list(_RECALL), key=f"arm-recall-{number}")
    step, extra = _prompts(number)
    chosen = {
        "model": model.strip() or None,
        "temperature": temperature,
        "method": None if _METHOD[method] is Method.CREW else _METHOD[method].value,
        "continuity": None if _CONTINUITY[continuity] is Continuity.SERIAL else _CONTINUITY[continuity].value,
        "most_revisions": revisions,
        "weights": _RECALL[recalled],
        "prompts": {step: extra} if extra else None,
    }
    return {"name": name.strip(), "settings": {key: value for key, value in chosen.items() if value is not None}}


def _prompts(number: int) -> tuple[str, str]:
    """Which step is told something in addition, and what."""
    left, right = st.columns([1, 2], gap="large")
    step = left.selectbox(
        "A prompt that says more",
        (*WRITING, IN_ONE_ANSWER, *PLANNING),
        format_func=lambda node: node.replace("_", " ").capitalize(),
        key=f"arm-step-{number}",
        help="A file can say it of several steps.",
    )
    extra = right.text_area(
        "What it says in addition",
        max_chars=LONGEST_EXTRA,
        height=68,
        placeholder="nothing",
        key=f"arm-extra-{number}",
    )
    return step, extra.strip()
