"""Changing what is written: edits and what follows from them, redoing scenes, history, forks, answers to questions."""

from chorus.editing.commands import Editing
from chorus.editing.fork import Fork
from chorus.editing.reviews import Answered, Decision, ReviewAnswer

__all__ = ["Answered", "Decision", "Editing", "Fork", "ReviewAnswer"]
