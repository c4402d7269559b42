"""The course of a run: which stages and steps are done, which go on now, which wait. Decided here, drawn by nobody."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import pairwise

from chorus.domain.run import Continuity, ReviewMode, Run, RunEvent, RunStatus, Stage
from chorus.domain.story import Scene, SceneStatus
from chorus.domain.value import Value

SCENES_SHOWN = 8  # of those at work side by side
_MARKS = ("scene_committed", "outline_ready", "run_started")


class State(StrEnum):
    """How far a step is."""

    DONE = "done"
    NOW = "now"
    NEXT = "next"


class Step(Value):
    """One step, by its name."""

    name: str
    state: State


class SceneAtWork(Value):
    """A scene between its brief and its approval, with the step that goes on now."""

    scene: Scene
    doing: str
    steps: tuple[Step, ...]


def stages_of(run: Run) -> list[tuple[Stage, State]]:
    """All stages; in a run that is complete every one is done."""
    at = list(Stage).index(run.stage)
    ended = run.status is RunStatus.COMPLETE
    return [(stage, State.DONE if ended else _state(place, at)) for place, stage in enumerate(Stage)]


def steps_of(run: Run, events: Sequence[RunEvent], scenes: Sequence[Scene], chapters: int) -> list[Step]:
    """The steps of the stage that a run is in, for the stages that do one thing after the other."""
    happened = {event.kind for event in events}
    match run.stage:
        case Stage.CONCEPT:
            return _steps(("Candidate concepts", False), ("The best of them", "concept_selected" in happened))
        case Stage.WORLD:
            named, world, cast = (kind in happened for kind in ("cast_named", "world_ready", "cast_ready"))
            side_by_side = [_step("The world", world, now=named), _step("The cast’s profiles", cast, now=named)]
            return [_step("Names", named, now=True), *side_by_side, _step("First memories", False, now=world and cast)]
        case Stage.OUTLINE:
            asked = [("Your approval", False)] if run.settings.review is ReviewMode.OUTLINE else []
            return _steps(("The plan of all scenes", bool(scenes)), ("A second look at it", bool(scenes)), *asked)
        case Stage.INTEGRATION:
            ready = sum(event.kind == "chapter_ready" for event in events)
            joined = f"Chapters: {min(ready, chapters)} of {chapters}"
            return _steps((joined, ready >= chapters), ("A look at the whole", "story_validated" in happened))
        case _:
            return []


def scenes_at_work(scenes: Iterable[Scene], events: Sequence[RunEvent]) -> list[SceneAtWork]:
    """The scenes that somebody works on, in story order; between two scenes, the next one."""
    waiting = [scene for scene in scenes if scene.status is not SceneStatus.APPROVED]
    begun = [scene for scene in waiting if scene.status in (SceneStatus.DRAFTING, SceneStatus.IN_REVIEW)]
    shown = (begun or waiting[:1])[:SCENES_SHOWN]
    return [_at_work(scene, events, its_turn=scene.number == waiting[0].number) for scene in shown]


def next_in_line(run: Run, scenes: Sequence[Scene]) -> tuple[Scene, Scene] | None:
    """The scene that begins next, and the one it waits for; None where scenes are not written side by side."""
    if run.settings.continuity is not Continuity.PARALLEL:
        return None
    waiting = [scene for scene in scenes if scene.status is not SceneStatus.APPROVED]
    if len(waiting) <= run.settings.concurrency:
        return None
    return waiting[run.settings.concurrency], waiting[0]


def _at_work(scene: Scene, events: Sequence[RunEvent], *, its_turn: bool) -> SceneAtWork:
    """Tell from what happened to a scene since it was begun, the newest first, what is done with it."""
    happened: list[RunEvent] = []
    for event in events:
        if event.scene_number == scene.number:
            happened.append(event)
            if event.kind == "scene_started":
                break
    name = f"scene {scene.number}, “{scene.title}”" if scene.title else f"scene {scene.number}"
    revised = sum(event.kind == "revision" for event in happened) > 1
    to_revise = bool(happened) and happened[0].kind == "finding" and happened[0].data.get("severity") == "major"
    checked, loop = "Check and digest", ["Revise"] if revised else []
    last = "Approve" if its_turn else "Wait for its turn"
    names = ["Recall", "Draft", *loop, checked, last]
    if scene.status is SceneStatus.QUEUED:
        doing, at = f"Recalling what {name} needs to know", "Recall"
    elif scene.status is SceneStatus.DRAFTING:
        doing, at = f"Writing {name}", "Draft"
    elif to_revise:
        doing, at = f"Revising {name}: a reader would notice a contradiction", "Revise"
        names = ["Recall", "Draft", checked, "Revise", last]
    elif happened and happened[0].kind == "look_again":
        doing, at = f"Checking {name} once more, now that what comes before it is known", checked
    else:
        doing, at = f"Checking {name} against what came before, and noting what it adds", checked
    now_at = names.index(at)
    return SceneAtWork(
        scene=scene,
        doing=doing,
        steps=tuple(Step(name=step, state=_state(place, now_at)) for place, step in enumerate(names)),
    )


def _steps(*steps: tuple[str, bool]) -> list[Step]:
    """Steps that come one after the other, each with whether it is done."""
    at = next((place for place, (_, done) in enumerate(steps) if not done), len(steps))
    return [Step(name=name, state=_state(place, at)) for place, (name, _) in enumerate(steps)]


def _step(name: str, done: bool, *, now: bool) -> Step:
    return Step(name=name, state=State.DONE if done else State.NOW if now else State.NEXT)


def _state(place: int, at: int) -> State:
    return State.DONE if place < at else State.NOW if place == at else State.NEXT


def left_s(events: Sequence[RunEvent], scenes: Sequence[Scene], waited_s: float) -> float | None:
    """How long the scenes still to write may take, at the pace of the last ones; None before one is written.

    ``events`` come newest first; ``waited_s``: seconds since the last scene was finished.
    """
    marks = [event for event in events if event.kind in _MARKS]
    took = [
        (end.created_at - begin.created_at).total_seconds()
        for end, begin in pairwise(marks)
        if end.kind == "scene_committed"
    ]
    left = sum(scene.status is not SceneStatus.APPROVED for scene in scenes)
    if not took or not left:
        return None
    pace = sum(took) / len(took)
    return pace * left - min(waited_s, pace)
