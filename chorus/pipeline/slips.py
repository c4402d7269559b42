"""Failures that a story does not wait for, counted: three of one kind in a row are no chance any more."""

MOST_ALIKE = 3


class Slips:
    """How often in a row each node has failed in the same way."""

    def __init__(self) -> None:
        self._in_a_row: dict[str, tuple[str, int]] = {}

    def went_well(self, node: str) -> None:
        """Forget the failures of a node."""
        self._in_a_row.pop(node, None)

    def note(self, node: str, outcome: str) -> bool:
        """Count a failure; whether it is one too many of its kind."""
        before, times = self._in_a_row.get(node, (outcome, 0))
        times = times + 1 if before == outcome else 1
        self._in_a_row[node] = outcome, times
        return times >= MOST_ALIKE
