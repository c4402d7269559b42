"""``doctor``: how every part is, and what to do about it."""

from typing import TYPE_CHECKING

from chorus.cli.loop import run
from chorus.cli.terminal import counted, print_json, show_table, shown, table, tell
from chorus.inspection import Area, Condition, Part, Report, inspect

if TYPE_CHECKING:
    from rich.text import Text

_MARKS = {
    Condition.OK: ("●", "green"),
    Condition.WARNING: ("▲", "yellow"),
    Condition.PROBLEM: ("✗", "bold red"),
    Condition.OFF: ("○", "dim"),
}


def doctor(*, as_json: bool) -> int:
    """Inspect everything and tell it; 1 if something is a problem."""
    report = run(inspect())
    if as_json:
        print_json({"well": report.is_well, **report.model_dump(mode="json")})
    else:
        _tell(report)
    return 0 if report.is_well else 1


def _tell(report: Report) -> None:
    from rich.text import Text

    rows = table("", "part", "version", "state", folded=("version", "state"))
    rows.show_header = False
    for area in Area:
        parts = [part for part in report.parts if part.area is area]
        if parts:
            rows.add_row()
            rows.add_row("", Text(area.value.capitalize(), style="bold"))
        for part in parts:
            mark, style = _MARKS[part.condition]
            rows.add_row(
                Text(mark, style=style), part.title, Text(shown(part.version or ""), style="dim"), _state(part)
            )
    show_table(rows)
    tell()
    tell(*_verdict(report))


def _state(part: Part) -> "Text":
    """What is said of a part, where it is, and what to do, one below the other."""
    from rich.text import Text

    _, style = _MARKS[part.condition]
    text = Text(shown(part.said), style="" if part.condition is Condition.OK else style)
    if part.location:
        text.append(f"\n{shown(part.location)}", style="dim")
    for line in (part.remedy or "").splitlines():
        text.append(f"\n→ {shown(line)}", style="dim" if part.condition in (Condition.OK, Condition.OFF) else "")
    return text


def _verdict(report: Report) -> tuple[str, str]:
    problems, warnings = (len(report.which_are(each)) for each in (Condition.PROBLEM, Condition.WARNING))
    if problems:
        return f"{counted(problems, 'problem')}, {counted(warnings, 'warning')}: each arrow (→) says what to do.", "red"
    if warnings:
        return f"Chorus can work, with {counted(warnings, 'warning')}.", "yellow"
    return "All is well.", "green"
