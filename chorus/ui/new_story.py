"""The form that begins a story: what it is to be, how it is to be written, and what that will take."""

import streamlit as st

from chorus.domain.estimate import Basis, Estimate, Range
from chorus.ui.backend import backend
from chorus.ui.markup import draw, safe
from chorus.ui.story_order import StoryOrder, fields
from chorus.ui.words import cost_of, number, roughly

SHORTEST_PREMISE = 12  # characters


def ask_for_story(*, expanded: bool) -> StoryOrder | None:
    """Show the form; the answer is None until it is sent and makes sense."""
    with st.expander("Begin a new story", expanded=expanded, icon=":material/edit:"):
        with st.form("new-story", border=False):
            order = fields()
            with st.container(horizontal=True):
                sent = st.form_submit_button("Write this story", type="primary", icon=":material/ink_pen:")
                look = st.form_submit_button("What will it take?", icon=":material/calculate:")
        if look:
            _estimate(order)
    if not sent:
        return None
    wrong = _what_is_wrong(order.premise)
    if wrong:
        st.warning(wrong, icon=":material/edit_note:")
        return None
    return order


def _estimate(order: StoryOrder) -> None:
    estimate = backend().run(lambda studio: studio.estimate(order.settings(studio)))
    draw(told(estimate))


def told(estimate: Estimate) -> str:
    """An estimate as figures: what half of the runs stay under, and what nine of ten do."""
    tokens = Range(
        p50=estimate.prompt_tokens.p50 + estimate.completion_tokens.p50,
        p90=estimate.prompt_tokens.p90 + estimate.completion_tokens.p90,
    )
    price = estimate.cost_usd
    cells = [
        ("Calls", number(estimate.llm_calls.p50), number(estimate.llm_calls.p90)),
        ("Tokens", number(tokens.p50), number(tokens.p90)),
        ("Cost", cost_of(price.p50) if price else "not known", cost_of(price.p90) if price else ""),
        ("Time", roughly(estimate.wall_s.p50), roughly(estimate.wall_s.p90)),
    ]
    items = "".join(
        f"<div><dt>{name}</dt><dd>{'about ' if most else ''}{safe(likely)}</dd>"
        f'<dd class="ch-most">{f"at most {safe(most)}" if most else ""}</dd></div>'
        for name, likely, most in cells
    )
    basis = (
        f"From {estimate.runs} earlier runs here; nine of ten stay under the second figure."
        if estimate.basis is Basis.HISTORY
        else "From the plan alone; it gets better with every finished run."
    )
    return f'<section role="status"><dl class="ch-figures">{items}</dl><p class="ch-facts">{basis}</p></section>'


def _what_is_wrong(premise: str) -> str | None:
    letters = sum(character.isalnum() for character in premise)
    if not letters:
        return "Please write a premise first: a sentence or two about who, where, and what goes wrong."
    if letters < SHORTEST_PREMISE:
        return "That premise is very short. Say who it is about and what they want or fear."
    return None
