"""What a story remembers: made of its text, found again by similarity, told to prompts within a budget."""

from chorus.memory.backlog import Backlog
from chorus.memory.context import assemble
from chorus.memory.embedder import Embedder
from chorus.memory.english import forms_of
from chorus.memory.recall import Recall
from chorus.memory.remember import memories_of_lore, memories_of_scene, remember_scene, tell_state

__all__ = [
    "Backlog",
    "Embedder",
    "Recall",
    "assemble",
    "forms_of",
    "memories_of_lore",
    "memories_of_scene",
    "remember_scene",
    "tell_state",
]
