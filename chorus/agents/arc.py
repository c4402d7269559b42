"""The shape of a story by code: what a scene does where it stands, and what happens there if nothing was planned."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """A stretch of a story: where on the way it starts, what scenes there do, and event and beats to fall back on."""

    start: float
    task: str
    event: str
    beats: tuple[str, str]


STAGES = (
    Stage(
        0.0,
        "shows what is wrong and why it cannot wait",
        "{lead} finds out what is wrong and cannot look away.",
        ("{lead} notices what others have missed", "something is said that cannot be taken back"),
    ),
    Stage(
        0.2,
        "lets the protagonist try something that fails",
        "{lead} tries the first way out, and it fails.",
        ("{lead} makes a plan and acts on it", "the plan costs more than it brings"),
    ),
    Stage(
        0.4,
        "reveals something that changes everything",
        "{lead} learns something that changes everything.",
        ("{lead} asks the question nobody wants to hear", "the answer turns what was known around"),
    ),
    Stage(
        0.6,
        "sets a person or a force against the protagonist",
        "Somebody {lead} trusted turns away.",
        ("two who belonged together quarrel", "{lead} is left alone with it"),
    ),
    Stage(
        0.75,
        "leaves the protagonist one hard decision",
        "{lead} has nothing left but a hard choice, and makes it.",
        ("{lead} weighs what will be lost", "the choice is made, and somebody sees it"),
    ),
    Stage(
        0.95,
        "brings the story to its end",
        "{lead} brings it to an end and lives with it.",
        ("{lead} faces what it was all about", "a last look shows what has changed"),
    ),
)


def stage_of(number: int, count: int) -> Stage:
    """The stretch in which scene ``number`` of ``count`` stands; chapters are counted in the same way."""
    way = (number - 1) / (count - 1) if count > 1 else 1.0
    return next(stage for stage in reversed(STAGES) if way >= stage.start)


def arc_of(number: int, count: int) -> str:
    """What scene ``number`` of ``count`` is for."""
    return stage_of(number, count).task


def turn_of(number: int, count: int, lead: str) -> str:
    """Something to happen where nothing was planned; no two scenes of a story get the same."""
    stage = stage_of(number, count)
    turn = stage.event.format(lead=lead)
    before = sum(stage_of(other, count) is stage for other in range(1, number))
    return f"{turn[:-1]}, once more ({before + 1})." if before else turn


def moments_of(number: int, count: int, lead: str) -> tuple[str, ...]:
    """Beats to fall back on in scene ``number`` of ``count``."""
    return tuple(beat.format(lead=lead) for beat in stage_of(number, count).beats)
