"""The fields of a new story: what it is to be, how it is to sound, and how it is to be written."""

from typing import Any
from uuid import UUID

import streamlit as st

from chorus.domain.run import Continuity, ReviewMode, RunSettings
from chorus.domain.value import Value
from chorus.studio import LONGEST_POINT, LONGEST_PREMISE, LONGEST_STYLE, LONGEST_STYLE_SAMPLE, MOST_POINTS, Studio
from chorus.ui.backend import backend
from chorus.ui.markup import draw
from chorus.ui.places import href
from chorus.ui.words import AGENTS, count

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
_CONCEPT = {"The crew takes the best": "score", "I choose": "ask"}


class StoryOrder(Value):
    """What a person asked to have written."""

    premise: str
    title: str | None
    language: str
    style: str
    style_sample: str
    avoid: tuple[str, ...]
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
            style_sample=self.style_sample,
            avoid=self.avoid,
            settings=self.settings(studio),
            dispatch=True,
        )
        return run.story_id


type Chosen = dict[str, Any]


def fields() -> StoryOrder:
    """Show the fields of a new story, and return what they say."""
    premise = st.text_area("Premise", placeholder=_EXAMPLE, max_chars=LONGEST_PREMISE, height=120)
    title_column, scenes_column, words_column = st.columns([2, 1, 1])
    title = title_column.text_input("Title (optional)", max_chars=200, placeholder="Chorus finds one")
    scenes = scenes_column.number_input("Scenes", 1, 500, 6, help="How many scenes the outline will have.")
    words = words_column.number_input("Words per scene", 50, 5000, 250, 50, help="A target for each scene.")
    with st.expander("Language and voice", icon=":material/record_voice_over:"):
        language, style, sample, avoid = _voice()
    chosen: Chosen = {"scenes": scenes, "words": words}
    with st.expander("How it is written, and what you are asked", icon=":material/tune:"):
        chosen |= _ways()
    with st.expander("Models and budget", icon=":material/savings:"):
        chosen |= _means()
    return StoryOrder(
        premise=premise.strip(),
        title=title.strip() or None,
        language=(language or "English").strip()[:60],
        style=style.strip(),
        style_sample=sample.strip(),
        avoid=tuple(point.strip() for point in avoid.splitlines() if point.strip()),
        chosen={name: value for name, value in chosen.items() if value not in (None, {})},
    )


def _voice() -> tuple[str | None, str, str, str]:
    left, right = st.columns(2, gap="large")
    with left:
        language = st.selectbox("Language", _LANGUAGES, accept_new_options=True, key="new-language")
        style = st.text_area(
            "Style (optional)", max_chars=LONGEST_STYLE, height=90, placeholder="Close third person, dry, no adverbs."
        )
        avoid = st.text_area(
            "Keep away from (optional)",
            max_chars=MOST_POINTS * LONGEST_POINT,
            height=90,
            placeholder="one a line: prophecies, amnesia, it was all a dream",
            help=f"At most {count(MOST_POINTS, 'point')}; every agent is told.",
        )
    with right:
        sample = st.text_area(
            "A sample of the voice (optional)",
            max_chars=LONGEST_STYLE_SAMPLE,
            height=270,
            placeholder="A page of your own that sounds as this story should. Its words are not copied.",
        )
    return language, style, sample, avoid


def _ways() -> Chosen:
    left, right = st.columns(2, gap="large")
    with left:
        review = st.selectbox("Questions to you", list(_REVIEW), key="new-review")
        concepts = st.number_input("Concepts that are worked out", 1, 5, 2)
        choice = st.selectbox("Which one is followed", list(_CONCEPT), key="new-concept")
    with right:
        continuity = st.selectbox(
            "How scenes are written",
            list(_CONTINUITY),
            key="new-continuity",
            help="Side by side, 24 scenes take about a third of the time if the endpoint bears eight calls at once. "
            "Each scene then knows the plan of those just before it, not their words; some are checked once more.",
        )
        at_once = st.number_input("Scenes at once, where side by side", 1, 64, None, placeholder="as configured")
        temperature = st.number_input("Temperature", 0.0, 2.0, None, 0.1, placeholder="as configured")
    return {
        "review": _REVIEW[review],
        "concepts": concepts,
        "choose_concept": _CONCEPT[choice],
        "continuity": _CONTINUITY[continuity],
        "concurrency": at_once,
        "temperature": temperature,
    }


def _means() -> Chosen:
    usual = backend().run(_list_models)
    models = {}
    for column, (agent, name) in zip(st.columns(len(AGENTS), gap="medium"), AGENTS.items(), strict=True):
        given = column.text_input(name, max_chars=200, placeholder=usual[agent], key=f"new-model-{agent}")
        if given.strip():
            models[agent] = given.strip()
    page = f'<a href="{href("system")}">Connect another endpoint</a>'
    draw(f'<p class="ch-facts">Which model each agent asks for, by the name its endpoint knows it by. {page}</p>')
    left, right = st.columns(2, gap="large")
    tokens = left.number_input("Budget in tokens", 1, None, None, 10_000, placeholder="none")
    dollars = right.number_input("Budget in dollars", 0.01, None, None, 1.0, placeholder="none")
    draw('<p class="ch-facts">The run pauses and asks you before it would use more than that.</p>')
    return {"models": models, "budget_tokens": tokens, "budget_usd": dollars}


async def _list_models(studio: Studio) -> dict[str, str]:
    config = studio.config
    otherwise = "the model that comes with Chorus" if config.uses_embedded_model else "the endpoint’s own model"
    return {name: getattr(config.agents, f"{name}_model") or otherwise for name in AGENTS}
