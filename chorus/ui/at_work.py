"""What a run is doing at this moment: a sentence, the steps, and the prose of the scene being drafted as it comes."""

from chorus.domain.run import Run, RunStatus, Stage
from chorus.domain.story import count_words
from chorus.domain.value import now
from chorus.ui.course import SceneAtWork, State, Step, scenes_at_work, steps_of
from chorus.ui.markup import draw, paragraphs, safe, worded
from chorus.ui.reads import Progress, Staff
from chorus.ui.standstill import what_stands_still
from chorus.ui.words import STAGES, count, duration, number

WORTH_SAYING_S = 10
MARKS = {State.DONE: ("✓", "done"), State.NOW: ("●", "now"), State.NEXT: ("○", "to come")}


def show_work(progress: Progress, staff: Staff) -> None:
    """Say and show what goes on now; nothing in a run that is over."""
    run = progress.run
    if run is None or run.status.is_over:
        return
    told = what_stands_still(run, staff, asked=bool(progress.questions))
    if told:
        reason = f'<p dir="auto">{worded(run.error)}</p>' if run.error else ""
        asked = "".join(f'<p class="ch-question" dir="auto">{safe(item.question)}</p>' for item in progress.questions)
        draw(
            f'<section class="ch-note ch-note-{told.css}" role="status"><h2>{safe(told.title)}</h2>{reason}{asked}'
            f"<p>{told.text}</p></section>"
        )
    elif run.status is RunStatus.RUNNING:
        draw(_at_work(run, progress))


def _at_work(run: Run, progress: Progress) -> str:
    if run.requested:
        wish = "Coming to a halt" if run.requested is RunStatus.PAUSED else "Being cancelled"
        return _panel([f"<h2>{wish}…</h2>", "<p>What is written so far is kept.</p>"])
    if run.stage is Stage.SCENES:
        at_work = scenes_at_work(progress.scenes, progress.events)
        parts = [_scene(scene) for scene in at_work] or ["<h2>Every scene is written</h2>"]
        return _panel([*parts, _prose(progress, run.settings.words, of_several=len(at_work) > 1)], _since(progress))
    doing = STAGES[run.stage][1]
    steps = steps_of(run, progress.events, progress.scenes, len(progress.chapters))
    return _panel([f"<h2>{safe(doing[0].upper() + doing[1:])}</h2>", _steps(steps)], _since(progress))


def _panel(parts: list[str], since: str = "") -> str:
    label = f'<p class="ch-work-label">Now{since}</p>'
    return f'<section class="ch-work" aria-label="What runs now">{label}{"".join(parts)}</section>'


def _since(progress: Progress) -> str:
    """For how long, once that is worth saying."""
    if not progress.events:
        return ""
    passed_s = (now() - progress.events[0].created_at).total_seconds()
    return f", for {duration(passed_s)}" if passed_s >= WORTH_SAYING_S else ""


def _scene(at_work: SceneAtWork) -> str:
    return f'<h2 dir="auto">{safe(at_work.doing)}</h2>{_steps(at_work.steps)}'


def _steps(steps: list[Step] | tuple[Step, ...]) -> str:
    items = "".join(
        f'<li class="ch-step ch-step-{step.state}"><span aria-hidden="true">{MARKS[step.state][0]}</span> '
        f'{safe(step.name)}<span class="ch-spoken"> ({MARKS[step.state][1]})</span></li>'
        for step in steps
    )
    return f'<ol class="ch-steps">{items}</ol>'


def _prose(progress: Progress, target: int, *, of_several: bool) -> str:
    """The draft so far; its end stays in sight."""
    draft = progress.draft
    if draft is None:
        return ""
    scene = next((scene for scene in progress.scenes if scene.number == draft.scene_number), None)
    aim = (scene.brief.target_words if scene else 0) or target
    whose = f"Scene {draft.scene_number}: " if of_several else ""
    return (
        f'<div class="ch-draft-page" role="region" tabindex="0" aria-label="The draft of scene {draft.scene_number}">'
        f"<div>{paragraphs(draft.text)}</div></div>"
        f'<p class="ch-facts">{whose}{count(count_words(draft.text), "word")} of about {number(aim)}</p>'
    )
