"""The form that begins a story: what it is to be, how it is to be written, and what that will take."""

from typing import Any
from uuid import UUID

import streamlit as st

from chorus.domain.estimate import Basis, Estimate, Range
from chorus.domain.run import Continuity, ReviewMode, RunSettings
from chorus.domain.value import Value
from chorus.studio import Studio
from chorus.ui.backend import backend
from chorus.ui.markup import draw, safe
from chorus.ui.places import href
from chorus.ui.words import AGENTS, cost_of, number, roughly

SHORTEST_PREMISE = 12  # characters
LONGEST_PREMISE = 4000
_EXAMPLE = "A lighthouse keeper finds that the light has begun to answer the ships in a voice of its own."
_LANGUAGES = (
    "English",
    "German",
    "French",
    "Spanish",
    "Italian",
    "Portuguese",
    "Dutch",
    "Polish",
    "Russian",
    "Japanese",
)
_CONTINUITY = {
    "One scene after another": Continuity.SERIAL,
    "Scenes side by side": Continuity.PARALLEL,
}
_REVIEW = {
    "Do not ask me": ReviewMode.NONE,
    "Ask me about the outline": ReviewMode.OUTLINE,
    "Ask me about every scene": ReviewMode.SCENES,
}


class StoryOrder(Value):
    """What a person asked to have written."""

    premise: str
    title: str | None
    language: str
    style: str
    chosen: dict[str, Any]

    def settings(self, studio: Studio) -> RunSettings:
        """The settings of the run: what was chosen over what is configured."""
        return studio.default_settings(**self.chosen)

    async def place(self, studio: Studio) -> UUID:
        """Start the run and hand it to the workers."""
        run = await studio.start_run(
            self.premise,
            title=self.title,
            language=self.language,
            style=self.style,
            settings=self.settings(studio),
            dispatch=True,
        )
        return run.story_id


def ask_for_story(*, expanded: bool) -> StoryOrder | None:
    """Show the form; the answer is None until it is sent and makes sense."""
    with st.expander("Begin a new story", expanded=expanded, icon=":material/edit:"):
        with st.form("new-story", border=False):
            order = _fields()
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


def _fields() -> StoryOrder:
    premise = st.text_area("Premise", placeholder=_EXAMPLE, max_chars=LONGEST_PREMISE, height=120)
    title_column, scenes_column, words_column = st.columns([2, 1, 1])
    title = title_column.text_input("Title (optional)", max_chars=200, placeholder="Chorus finds one")
    scenes = scenes_column.number_input("Scenes", 1, 500, 6, help="How many scenes the outline will have.")
    words = words_column.number_input("Words per scene", 50, 5000, 250, 50, help="A target for each scene.")
    with st.expander("Language, style, budget and more", icon=":material/tune:"):
        left, right = st.columns(2, gap="large")
        with left:
            language = st.selectbox("Language", _LANGUAGES, accept_new_options=True, key="new-language")
            style = st.text_area(
                "Style (optional)", max_chars=1000, height=100, placeholder="Close third person, dry, no adverbs."
            )
            review = st.selectbox("Questions to you", list(_REVIEW), key="new-review")
        with right:
            continuity = st.selectbox(
                "How scenes are written",
                list(_CONTINUITY),
                key="new-continuity",
                help="Side by side is quicker; each scene then sees a little less of those just before it.",
            )
            temperature = st.number_input("Temperature", 0.0, 2.0, None, 0.1, placeholder="as configured")
            tokens = st.number_input("Budget in tokens", 1, None, None, 10_000, placeholder="none")
            dollars = st.number_input("Budget in dollars", 0.01, None, None, 1.0, placeholder="none")
        _models()
    chosen = {
        "scenes": scenes,
        "words": words,
        "continuity": _CONTINUITY[continuity],
        "review": _REVIEW[review],
        "temperature": temperature,
        "budget_tokens": tokens,
        "budget_usd": dollars,
    }
    return StoryOrder(
        premise=premise.strip(),
        title=title.strip() or None,
        language=(language or "English").strip()[:60],
        style=style.strip(),
        chosen={name: value for name, value in chosen.items() if value is not None},
    )


def _models() -> None:
    """Which models will write; they are chosen where Chorus is configured."""
    agents = backend().run(_list_models)
    told = ", ".join(f"{name}: <b>{safe(model)}</b>" for name, model in agents.items())
    draw(f'<p class="ch-facts">{told}. <a href="{href("system")}">Connect others</a></p>')


async def _list_models(studio: Studio) -> dict[str, str]:
    config = studio.config
    otherwise = "the model that comes with Chorus" if config.uses_embedded_model else "the endpoint’s own model"
    return {word: getattr(config.agents, f"{name}_model") or otherwise for name, word in AGENTS.items()}


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
        f"<div><dt>{name}</dt><dd>about {safe(likely)}</dd>"
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
