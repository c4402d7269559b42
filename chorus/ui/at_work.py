"""What a run is doing at this moment: a sentence, the steps, and the prose of the scenes being drafted as it comes."""

from chorus.domain.run import Run, RunStatus, Stage
from chorus.domain.story import Scene
from chorus.domain.value import now
from chorus.domain.words import count_words
from chorus.ui.course import SceneAtWork, State, Step, next_in_line, scenes_at_work, steps_of
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
        scenes = "".join(_scene(scene, progress, run.settings.words) for scene in at_work)
        several = " ch-bench" if len(at_work) > 1 else ""
        body = f'<div class="ch-at-work{several}">{scenes}</div>' if scenes else "<h2>Every scene is written</h2>"
        return _panel([body, _next(run, progress)], _since(progress))
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


def _scene(at_work: SceneAtWork, progress: Progress, target: int) -> str:
    prose = _prose(progress, at_work.scene, target)
    return f'<section><h2 dir="auto">{safe(at_work.doing)}</h2>{_steps(at_work.steps)}{prose}</section>'


def _next(run: Run, progress: Progress) -> str:
    """Which scene begins when, where several are written side by side."""
    line = next_in_line(run, progress.scenes)
    if line is None:
        return ""
    scene, waits_for = line
    left = sum(each.number > scene.number for each in progress.scenes)
    more = f" {count(left, 'scene waits', 'scenes wait')} behind it." if left else ""
    return f'<p class="ch-facts">Scene {scene.number} begins when scene {waits_for.number} is done.{more}</p>'


def _steps(steps: list[Step] | tuple[Step, ...]) -> str:
    items = "".join(
        f'<li class="ch-step ch-step-{step.state}"><span aria-hidden="true">{MARKS[step.state][0]}</span> '
        f'{safe(step.name)}<span class="ch-spoken"> ({MARKS[step.state][1]})</span></li>'
        for step in steps
    )
    return f'<ol class="ch-steps">{items}</ol>'


def _prose(progress: Progress, scene: Scene, target: int) -> str:
    """The draft so far; its end stays in sight."""
    draft = next((draft for draft in progress.drafts if draft.scene_number == scene.number), None)
    if draft is None:
        return ""
    aim = scene.brief.target_words or target
    return (
        f'<div class="ch-draft-page" role="region" tabindex="0" aria-label="The draft of scene {scene.number}">'
        f"<div>{paragraphs(draft.text)}</div></div>"
        f'<p class="ch-facts">{count(count_words(draft.text), "word")} of about {number(aim)}</p>'
    )
