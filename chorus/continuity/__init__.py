"""What code can say of a scene's text before anybody is asked: pure functions, each fault with its evidence."""

from chorus.continuity.echoes import Echoes
from chorus.continuity.look import look_over
from chorus.continuity.subject import Dead, Fault, Subject

__all__ = ["Dead", "Echoes", "Fault", "Subject", "look_over"]
