"""Every measure by name: what it means, in which unit, and which way is better."""

from enum import StrEnum

from chorus.domain.experiment import RESPECTS
from chorus.domain.value import Value


class Better(StrEnum):
    """Which way a measure is better, if it is any."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"

    @property
    def sign(self) -> int:
        """What makes a difference a gain: 1, -1, or 0 where there is no better."""
        return {"higher": 1, "lower": -1}.get(self, 0)


class Measure(Value):
    """One measure of a story."""

    name: str
    label: str
    meaning: str
    better: Better = Better.NEITHER
    unit: str = ""
    digits: int = 3


_ALL = (
    Measure(
        name="length_error",
        label="Length error",
        meaning="How far a scene's length is from what was asked, on average, as a share of it.",
        better=Better.LOWER,
    ),
    Measure(
        name="length_within_15",
        label="Scenes of the right length",
        meaning="The share of scenes within 15 % of the length that was asked.",
        better=Better.HIGHER,
    ),
    Measure(
        name="mattr",
        label="Lexical diversity",
        meaning="The share of different words in a window of 100 words (MATTR).",
        better=Better.HIGHER,
    ),
    Measure(
        name="repetition_within",
        label="Repetition within scenes",
        meaning="The share of runs of four words that the same scene has used before.",
        better=Better.LOWER,
    ),
    Measure(
        name="repetition_across",
        label="Repetition across scenes",
        meaning="The share of runs of four words that an earlier scene has used.",
        better=Better.LOWER,
    ),
    Measure(name="dialogue_share", label="Dialogue", meaning="The share of words that somebody says."),
    Measure(name="sentence_words", label="Words of a sentence", meaning="On average.", unit="words", digits=1),
    Measure(
        name="sentence_rhythm",
        label="Sentence rhythm",
        meaning="How much neighbouring sentences differ in length, as a share of the average.",
    ),
    Measure(
        name="sentence_variety",
        label="Sentence variety",
        meaning="How widely the lengths of sentences are spread, as a share of the average.",
    ),
    Measure(
        name="name_consistency",
        label="Name consistency",
        meaning="The share of names that are spelt as the cast has them.",
        better=Better.HIGHER,
    ),
    Measure(
        name="findings_per_10k",
        label="Findings",
        meaning="What code found in the texts, settled or not, for each 10,000 words.",
        better=Better.LOWER,
        unit="per 10,000 words",
        digits=1,
    ),
    Measure(
        name="judged",
        label="The judge's mark",
        meaning="From 1 to 5, over plot, characters, coherence, prose and ending; given by a model, if one was asked.",
        better=Better.HIGHER,
        digits=2,
    ),
    *(
        Measure(
            name=f"judged_{respect}",
            label=f"The judge's mark: {respect}",
            meaning="From 1 to 5; given by a model, if one was asked.",
            better=Better.HIGHER,
            digits=2,
        )
        for respect in RESPECTS
    ),
    Measure(
        name="diversity_lost",
        label="Diversity lost",
        meaning="Lexical diversity of the first third of the scenes less that of the last.",
        better=Better.LOWER,
    ),
    Measure(
        name="length_error_gained",
        label="Length error gained",
        meaning="Length error of the last third of the scenes less that of the first.",
        better=Better.LOWER,
    ),
    Measure(
        name="repetition_gained",
        label="Repetition gained",
        meaning="Repetition within scenes of the last third less that of the first.",
        better=Better.LOWER,
    ),
    Measure(name="words", label="Words", meaning="Of the whole story.", unit="words", digits=0),
    Measure(
        name="tokens",
        label="Tokens",
        meaning="Of all prompts and answers.",
        better=Better.LOWER,
        unit="tokens",
        digits=0,
    ),
    Measure(name="calls", label="Calls", meaning="To models.", better=Better.LOWER, unit="calls", digits=0),
    Measure(name="cost_usd", label="Cost", meaning="Of all calls.", better=Better.LOWER, unit="USD", digits=4),
    Measure(
        name="active_s", label="Time", meaning="Worked on the story.", better=Better.LOWER, unit="seconds", digits=1
    ),
)

MEASURES: dict[str, Measure] = {measure.name: measure for measure in _ALL}
