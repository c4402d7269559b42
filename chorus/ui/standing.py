"""How a story stands, found by code: what is planted and not paid off, everybody's way, lengths, findings left."""

from collections.abc import Iterator, Sequence

from chorus.domain.report import ArcReport, StoryReport, ThreadReport
from chorus.ui.markup import safe
from chorus.ui.words import count, number


def standing(report: StoryReport) -> str:
    """The report, folded away under its one line."""
    parts = "".join(part for part in _parts(report) if part)
    return f'<details class="dk-out"><summary>How it stands: {safe(report.words)}</summary>{parts}</details>'


def _parts(report: StoryReport) -> Iterator[str]:
    yield _table("Planned questions", ("Question", "Opened", "Answered"), [_thread(each) for each in report.threads])
    asked = [(question, f"scene {scene}") for scene, question in report.questions]
    yield _table("Left open by the texts", ("Question", "Opened"), asked)
    yield _table("People", ("Name", "Scenes", "Wanted first", "In the end"), [_arc(each) for each in report.arcs])
    off = [(f"Scene {n.scene}", f"{number(n.words)} of {number(n.target)}") for n in report.lengths if not n.is_met]
    yield _table("Far from their length", ("Scene", "Words"), off)
    left = [(category, number(found)) for category, found in report.findings.items()]
    yield _table("Open findings", ("About", "How many"), left)


def _thread(thread: ThreadReport) -> tuple[str, str, str]:
    opened = f"scene {thread.opened}" if thread.opened else "nowhere"
    answered = f"scene {thread.answered}" if thread.answered else "nowhere"
    return thread.question, opened, answered if thread.is_whole or not thread.answered else f"{answered}, too early"


def _arc(arc: ArcReport) -> tuple[str, str, str, str]:
    scenes = count(len(arc.scenes), "scene")
    where = f"{scenes}, {arc.scenes[0]} to {arc.scenes[-1]}" if len(arc.scenes) > 1 else scenes
    ended = "; ".join(part for part in (arc.last_condition, arc.last_goal and f"wants: {arc.last_goal}") if part)
    return arc.name, where, arc.first_goal, ended if arc.alive else "dead"


def _table(title: str, names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A small table under its title; nothing if there is nothing to tell."""
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    body = "".join(f"<tr>{_cells(names, row)}</tr>" for row in rows)
    return (
        f'<table class="ch-table"><caption>{safe(title)}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _cells(names: Sequence[str], row: Sequence[str]) -> str:
    return "".join(
        f'<td data-label="{name}"><span dir="auto">{safe(cell) or "–"}</span></td>'
        for name, cell in zip(names, row, strict=True)
    )
