"""Changing what is written: edits and what follows from them, redoing scenes, history, forks, answers to questions."""

from chorus.editing.commands import Editing
from chorus.editing.fork import Fork
from chorus.editing.outline_change import OutlineChange
from chorus.editing.planning import OutlineEdited, PlannedOutline, Planning
from chorus.editing.reviews import Answered, Decision, ReviewAnswer, ReviewContext

__all__ = [
    "Answered",
    "Decision",
    "Editing",
    "Fork",
    "OutlineChange",
    "OutlineEdited",
    "PlannedOutline",
    "Planning",
    "ReviewAnswer",
    "ReviewContext",
]
