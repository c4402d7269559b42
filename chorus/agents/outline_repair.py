"""Mending an outline by code: what has one right answer is put right, and said; the rest is left to a person."""

import itertools
from collections.abc import Callable, Iterator, Sequence

from chorus.agents.arc import moments_of, turn_of
from chorus.agents.likeness import alike, gist_of
from chorus.agents.outline import beats_for, linked
from chorus.agents.outline_lint import LintKind, LintProblem, lint_outline
from chorus.domain.story import Outline, Scene, SceneBrief

_CONTRACTS = frozenset({LintKind.CONTRACT, LintKind.READS, LintKind.WRITES})


def repair_outline(outline: Outline, cast: Sequence[str], *, first: int = 1) -> tuple[Outline, list[LintProblem]]:
    """Mend what code can mend; return the outline and, for each problem that is gone, what was done in ``words``.

    Only scenes from ``first`` on are mended. The same outline is always mended in the same way, and what is mended
    once stays as it is.
    """
    before = [problem for problem in lint_outline(outline, cast) if problem.scenes[-1] >= first]
    scenes = list(outline.scenes)
    done: list[LintProblem] = []
    for problem in before:
        index = problem.scenes[-1] - 1
        if mend := _MENDING.get(problem.kind):
            scenes[index], said = mend(scenes, index, cast)
            done.append(problem.model_copy(update={"words": said}))
    if done or any(problem.kind in _CONTRACTS for problem in before):
        scenes[first - 1 :] = linked(scenes[first - 1 :], scenes[: first - 1])
    mended = outline.model_copy(update={"scenes": tuple(scenes)})
    left = {(problem.kind, problem.scenes[-1]) for problem in lint_outline(mended, cast)} if done else set()
    return mended, [problem for problem in done if (problem.kind, problem.scenes[-1]) not in left]


type Mended = tuple[Scene, str]


def _new_event(scenes: Sequence[Scene], index: int, cast: Sequence[str]) -> Mended:
    scene = scenes[index]
    others = [gist_of(other.brief.purpose, cast) for other in scenes if other is not scene]
    lead = scene.brief.cast[0] if scene.brief.cast else (cast[0] if cast else "the hero")
    events = _turns(scene.number, len(scenes), lead)
    event = next(turn for turn in events if not any(alike(gist_of(turn, cast), other) for other in others))
    beats = scene.brief.beats or moments_of(scene.number, len(scenes), lead)
    changed = _changed(scene, purpose=event, beats=beats, exit="")
    return changed, f"Scene {scene.number} got an event of its own: {event}"


def _turns(number: int, count: int, lead: str) -> Iterator[str]:
    """Events to fall back on, without end: those of this stretch of the story, then the last one once more, counted."""
    for place in range(number, number + count + 1):
        yield turn_of(place, max(count, place), lead)
    last = turn_of(number, max(count, number), lead)
    for again in itertools.count(count + 1):
        yield f"{last[:-1]}, once more ({again})."


def _known_people(scenes: Sequence[Scene], index: int, cast: Sequence[str]) -> Mended:
    scene = scenes[index]
    known = tuple(name for name in scene.brief.cast if name in cast) or tuple(cast[:1])
    said = f"Scene {scene.number} has only people of the cast now: {', '.join(known) or 'nobody'}."
    return _changed(scene, cast=known), said


def _no_payoff(scenes: Sequence[Scene], index: int, _cast: Sequence[str]) -> Mended:
    scene = scenes[index]
    opened = {thread.casefold() for earlier in scenes[:index] for thread in earlier.brief.plants}
    kept = tuple(thread for thread in scene.brief.payoffs if thread.casefold() in opened)
    return _changed(scene, payoffs=kept), f"Scene {scene.number} answers only what was opened before it."


def _more_beats(scenes: Sequence[Scene], index: int, cast: Sequence[str]) -> Mended:
    scene = scenes[index]
    lead = scene.brief.cast[0] if scene.brief.cast else (cast[0] if cast else "the hero")
    spare = [beat for beat in moments_of(scene.number, len(scenes), lead) if beat not in scene.brief.beats]
    beats = (*scene.brief.beats, *spare)[: max(beats_for(scene.brief.target_words), len(scene.brief.beats))]
    return _changed(scene, beats=beats), f"Scene {scene.number} got beats enough for its words."


def _fewer_beats(scenes: Sequence[Scene], index: int, _cast: Sequence[str]) -> Mended:
    scene = scenes[index]
    return _changed(scene, beats=scene.brief.beats[:2]), f"Scene {scene.number} keeps the beats that fit its words."


def _changed(scene: Scene, **fields: object) -> Scene:
    brief = SceneBrief.model_validate({**dict(scene.brief), **fields})
    return scene.model_copy(update={"brief": brief})


_MENDING: dict[LintKind, Callable[[Sequence[Scene], int, Sequence[str]], Mended]] = {
    LintKind.REPEATED_EVENT: _new_event,
    LintKind.NO_EVENT: _new_event,
    LintKind.UNKNOWN_CAST: _known_people,
    LintKind.NO_CAST: _known_people,
    LintKind.UNPLANTED: _no_payoff,
    LintKind.THIN: _more_beats,
    LintKind.CROWDED: _fewer_beats,
}
"""What is left out here (time, place, threads left open) has no one right answer."""
