"""What a run will take, before it is begun: by its plan, corrected by how earlier runs turned out."""

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from math import ceil

from chorus.domain.run import Continuity, Method, RunSettings
from chorus.domain.story import Outline
from chorus.domain.value import Value
from chorus.settings import AgentName

LEAST_RUNS = 3
"""Earlier runs from which on they say more than the plan alone."""
_LIKELY, _HIGH = 0.5, 0.9
_DOUBT = 1.6
"""How much more than planned one run in ten may take, as long as nothing is known."""
_TOKENS_PER_WORD = 1.4
_SHORT_BOOK = 12
"""Scenes that are planned in one question; more are planned by a spine of chapters first."""


class Basis(StrEnum):
    """What an estimate rests on."""

    PLAN = "plan"
    HISTORY = "history"


class Pace(Value):
    """How fast a model reads (0: at once) and writes, in tokens a second, and how long a call takes besides.

    ``is_alone``: it answers one question at a time, however many are asked.
    """

    writes_per_s: float = 50.0
    reads_per_s: float = 0.0
    call_s: float = 1.0
    is_alone: bool = False


ENDPOINT = Pace()
EMBEDDED = Pace(writes_per_s=35.0, reads_per_s=150.0, call_s=0.0, is_alone=True)
"""As measured on two cores, a part of each prompt being known already."""


class Range(Value):
    """The median, and what nine of ten runs stay under."""

    p50: float
    p90: float


class Estimate(Value):
    """What a run will take; ``cost_usd`` is None if the price is not known, ``runs`` how many earlier runs it uses."""

    basis: Basis
    runs: int
    llm_calls: Range
    prompt_tokens: Range
    completion_tokens: Range
    cost_usd: Range | None
    wall_s: Range


class Totals(Value):
    """What a run took, or was planned to take."""

    llm_calls: float
    prompt_tokens: float
    completion_tokens: float
    wall_s: float


class Precedent(Value):
    """An earlier run: what it was asked to do and what it took."""

    settings: RunSettings
    took: Totals


class Part(Value):
    """What a run does of a story that is there already: the scenes it writes, how many of them it plans first."""

    scenes: tuple[int, ...]
    planned: int = 0


def part_of(settings: RunSettings, outline: Outline) -> Part | None:
    """What such a run will do of a story with this outline; None: all of it, from the premise on."""
    if settings.redo:
        return Part(scenes=settings.redo.scenes)
    if not outline.scenes:
        return None
    there = len(outline.scenes)
    new = range(there + 1, settings.scenes + 1)
    return Part(scenes=(*(s.number for s in outline.scenes if s.revision_id is None), *new), planned=len(new))


def plan_totals(settings: RunSettings, pace: Pace = ENDPOINT, part: Part | None = None) -> Totals:
    """Count what a run without a single fault or revision takes: four questions and the outline's, three a scene.

    ``part``: it does only this.
    """
    numbers = _numbers(settings, part)
    scenes, words = len(numbers), settings.words * _TOKENS_PER_WORD
    if settings.method is Method.SINGLE:
        whole = scenes * words
        return Totals(
            llm_calls=1, prompt_tokens=600, completion_tokens=whole, wall_s=_wall_s(pace, 1, 600, whole, whole)
        )
    is_short = scenes <= _SHORT_BOOK
    chapters = max(1, round(scenes / (3 if is_short else 4)))
    setup = 5 if is_short else 4 + ceil(chapters / 24) + ceil(scenes / _SHORT_BOOK)
    made = 1500
    if part:
        setup, made = ceil(part.planned / _SHORT_BOOK), 100 * part.planned
    told = [_told(settings, number) for number in numbers]
    prompt = setup * 600 + 200 * scenes + sum(2 * context + 900 + 2 * words for context in told) + 300 * chapters
    completion_of_a_scene = 120 + words + 300
    completion = made + completion_of_a_scene * scenes + 80 * chapters
    calls = setup + 3 * scenes + chapters
    rounds = ceil(scenes / settings.concurrency) if settings.continuity is Continuity.PARALLEL else scenes
    # world beside cast, check beside digest, chapters side by side
    one_after_another = (setup if part else 4 if is_short else 5) + 2 * rounds + 1
    awaited = made + completion_of_a_scene * rounds + 80 * chapters
    return Totals(
        llm_calls=calls,
        prompt_tokens=prompt,
        completion_tokens=completion,
        wall_s=_wall_s(pace, one_after_another, prompt, completion, awaited),
    )


def _numbers(settings: RunSettings, part: Part | None) -> Sequence[int]:
    return part.scenes if part else range(1, settings.scenes + 1)


def _told(settings: RunSettings, number: int) -> int:
    """The tokens that are told of a scene: the more, the more there is before it."""
    return min(settings.context_tokens, 410 + 90 * number)


def shares(settings: RunSettings, part: Part | None = None) -> dict[AgentName, tuple[float, float]]:
    """Each agent's part of the prompt and of the completion tokens that are planned: their models may cost differently.

    The generator drafts, the editor checks, digests and sums up, the architect plans.
    """
    if settings.method is Method.SINGLE:
        return {"scene_generator": (1.0, 1.0)}
    numbers = _numbers(settings, part)
    scenes, words = len(numbers), settings.words * _TOKENS_PER_WORD
    whole = plan_totals(settings, part=part)
    told = sum(_told(settings, number) for number in numbers)
    drafted = (told + 300 * scenes) / whole.prompt_tokens, words * scenes / whole.completion_tokens
    read_of_all = told + (600 + 2 * words) * scenes
    read = read_of_all / whole.prompt_tokens, 420 * scenes / whole.completion_tokens
    planned = max(0.0, 1 - drafted[0] - read[0]), max(0.0, 1 - drafted[1] - read[1])
    return {"scene_generator": drafted, "continuity_editor": read, "story_architect": planned}


def _wall_s(pace: Pace, rounds: int, prompt: float, completion: float, awaited: float) -> float:
    """The time of so many calls one after another; a model that is alone writes all of it, not what is awaited only."""
    read = prompt / pace.reads_per_s if pace.reads_per_s else 0.0
    return rounds * pace.call_s + read + (completion if pace.is_alone else awaited) / pace.writes_per_s


def estimate(
    settings: RunSettings,
    precedents: Sequence[Precedent],
    usd_per_token: tuple[Decimal, Decimal] | None,
    pace: Pace = ENDPOINT,
    part: Part | None = None,
) -> Estimate:
    """Estimate a run; ``usd_per_token``: of the prompt and of the completion, None if unknown."""
    planned = plan_totals(settings, pace, part)
    enough = len(precedents) >= LEAST_RUNS and settings.method is Method.CREW  # as all the earlier ones are

    def spread(figure: str) -> Range:
        plan: float = getattr(planned, figure)
        if not enough:
            return Range(p50=round(plan, 1), p90=round(plan * _DOUBT, 1))
        ratios = sorted(getattr(p.took, figure) / getattr(plan_totals(p.settings, pace), figure) for p in precedents)
        return Range(p50=round(plan * _quantile(ratios, _LIKELY), 1), p90=round(plan * _quantile(ratios, _HIGH), 1))

    prompt, completion = spread("prompt_tokens"), spread("completion_tokens")
    return Estimate(
        basis=Basis.HISTORY if enough else Basis.PLAN,
        runs=len(precedents) if enough else 0,
        llm_calls=spread("llm_calls"),
        prompt_tokens=prompt,
        completion_tokens=completion,
        cost_usd=_cost(prompt, completion, usd_per_token),
        wall_s=spread("wall_s"),
    )


def in_all(parts: Sequence[tuple[Estimate, int]], at_once: int = 1) -> Estimate:
    """What several kinds of runs take together, each so often; what nine of ten stay under is then rarely reached."""

    def total(ranges: Sequence[Range]) -> Range:
        often = [(found, times) for found, (_, times) in zip(ranges, parts, strict=True)]
        return Range(p50=sum(r.p50 * times for r, times in often), p90=sum(r.p90 * times for r, times in often))

    each = [part for part, _ in parts]
    wall = total([part.wall_s for part in each])
    prices = [part.cost_usd for part in each if part.cost_usd]
    return Estimate(
        basis=Basis.HISTORY if any(part.basis is Basis.HISTORY for part in each) else Basis.PLAN,
        runs=max(part.runs for part in each),
        llm_calls=total([part.llm_calls for part in each]),
        prompt_tokens=total([part.prompt_tokens for part in each]),
        completion_tokens=total([part.completion_tokens for part in each]),
        cost_usd=total(prices) if len(prices) == len(each) else None,
        wall_s=Range(p50=wall.p50 / at_once, p90=wall.p90 / at_once),
    )


def _cost(prompt: Range, completion: Range, usd_per_token: tuple[Decimal, Decimal] | None) -> Range | None:
    if usd_per_token is None:
        return None
    reading, writing = map(float, usd_per_token)
    return Range(
        p50=round(prompt.p50 * reading + completion.p50 * writing, 6),
        p90=round(prompt.p90 * reading + completion.p90 * writing, 6),
    )


def _quantile(ordered: Sequence[float], share: float) -> float:
    """The quantile by linear interpolation between neighbours."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
