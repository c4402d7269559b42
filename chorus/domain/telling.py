"""What a run tells of itself, in plain words: the same ones in the terminal and in the dashboard."""

from chorus.domain.run import RunEvent


def told(event: RunEvent) -> str:
    """Say what happened, on one line."""
    tell = _TOLD.get(event.kind)
    return tell(event) if tell else event.message


def _finding(event: RunEvent) -> str:
    where = f" in scene {event.scene_number}" if event.scene_number else ""
    what = "fault" if "check" in event.data else "contradiction"
    return f"A {event.data.get('severity', 'possible')} {what}{where}: {event.message}"


def _dropped(event: RunEvent) -> str:
    dropped = int(event.data.get("dropped", 1))
    many = f"{dropped} supposed contradictions were" if dropped > 1 else "A supposed contradiction was"
    return f"{many} dropped: what it quotes is not in the text."


def _doubt(event: RunEvent) -> str:
    return f"Doubtful in the outline: {event.message}"


_TOLD = {"finding": _finding, "finding_dropped": _dropped, "outline_doubt": _doubt}
