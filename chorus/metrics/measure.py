"""All measures of one story that are read out of its text; what it cost is added by who knows."""

from collections.abc import Callable, Sequence
from statistics import fmean

from chorus.domain.value import Value
from chorus.domain.words import count_words
from chorus.metrics.names import name_consistency
from chorus.metrics.prose import (
    dialogue_share,
    mattr,
    repetition_across,
    repetition_within,
    sentence_length,
    sentence_rhythm,
    sentence_variety,
)
from chorus.metrics.tokens import folded_words

TOLERANCE = 0.15
FEWEST_SCENES = 3
"""Fewer scenes have no first and last third."""


class MeasuredScene(Value):
    """A scene as the measures see it."""

    text: str
    target_words: int = 0


class MeasuredStory(Value):
    """A story as the measures see it: its scenes in order, the names and aliases of its cast, code's findings in it."""

    scenes: tuple[MeasuredScene, ...]
    cast: tuple[str, ...] = ()
    findings: int | None = None


def measure_story(story: MeasuredStory) -> dict[str, float | None]:
    """Measure a story; None where there is too little of it, or nothing to compare with."""
    text = "\n\n".join(scene.text for scene in story.scenes)
    folded = [folded_words(scene.text) for scene in story.scenes]
    every = [word for words in folded for word in words]
    words = sum(count_words(scene.text) for scene in story.scenes)
    errors = length_errors(story.scenes)
    return {
        "length_error": _mean(errors),
        "length_within_15": _mean([float(error <= TOLERANCE) for error in errors if error is not None]),
        "mattr": mattr(every),
        "repetition_within": _mean([repetition_within(words) for words in folded]),
        "repetition_across": repetition_across(folded),
        "dialogue_share": dialogue_share(text),
        "sentence_words": sentence_length(text),
        "sentence_rhythm": sentence_rhythm(text),
        "sentence_variety": sentence_variety(text),
        "name_consistency": name_consistency((scene.text for scene in story.scenes), story.cast),
        "findings_per_10k": 10_000 * story.findings / words if words and story.findings is not None else None,
        "diversity_lost": _minus(*_first_and_last(folded, lambda part: mattr([w for words in part for w in words]))),
        "length_error_gained": _minus(*reversed(_first_and_last(errors, _mean))),
        "repetition_gained": _minus(*reversed(_first_and_last([repetition_within(w) for w in folded], _mean))),
        "words": float(words),
    }


def length_errors(scenes: Sequence[MeasuredScene]) -> list[float | None]:
    """How far each scene is from its target, as a share of it; None for those without one."""
    return [abs(count_words(scene.text) / scene.target_words - 1) if scene.target_words else None for scene in scenes]


def _first_and_last[T](
    scenes: Sequence[T], of: Callable[[Sequence[T]], float | None]
) -> tuple[float | None, float | None]:
    """A measure of the first third of the scenes and of the last."""
    third = len(scenes) // 3
    if len(scenes) < FEWEST_SCENES:
        return None, None
    return of(scenes[:third]), of(scenes[-third:])


def _mean(values: Sequence[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return fmean(there) if there else None


def _minus(left: float | None, right: float | None) -> float | None:
    return None if left is None or right is None else left - right
