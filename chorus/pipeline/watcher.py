"""Who looks on while a run works: the command line's progress, or nobody."""

from typing import Protocol

from chorus.domain.run import RunEvent


class Watcher(Protocol):
    """Told of every event after it is stored, and of prose as it arrives; must return at once and never raise."""

    def event(self, event: RunEvent) -> None:
        """Hear what happened."""

    def prose(self, scene_number: int, piece: str) -> None:
        """Hear the next piece of the scene being drafted; an empty one means that it begins anew."""


class NobodyWatches:
    """A watcher that does nothing."""

    def event(self, event: RunEvent) -> None:
        """Do nothing."""

    def prose(self, scene_number: int, piece: str) -> None:
        """Do nothing."""


NOBODY = NobodyWatches()
