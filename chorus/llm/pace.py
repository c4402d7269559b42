"""How many calls an endpoint takes at once, found out by asking: down when it says too much, up again by one. Pure.

Additive increase with a memory: below a level that was too much it climbs a step for each round of answers; that level
itself is tried again only now and then, and less often each time it is still too much. As long as no level has been too
much, the steps are a quarter of what is borne.
Source: D. Chiu, R. Jain, "Analysis of the increase and decrease algorithms", Computer Networks 17, 1989.
"""

from dataclasses import dataclass

DECREASE = 0.75
FIRST_LEVEL = 8
_ROUNDS_BEFORE_A_TRY = 10
_MOST_ANSWERS = 40
_RAREST = 8


@dataclass(frozen=True, slots=True)
class Departure:
    """How things stood when a call was sent."""

    level: int
    """Calls in flight, this one included."""
    epoch: int


class Pace:
    """The level that one endpoint is known to bear, from 1 to ``most``."""

    def __init__(self, most: int) -> None:
        """Begin with what nearly everybody bears."""
        self.most = most
        self.level = min(most, FIRST_LEVEL)
        self._too_much: int | None = None
        self._good = 0
        self._is_trial = False
        self._before = self.level
        self._rarity = 1
        self._epoch = 0

    def departure(self, level: int) -> Departure:
        """Note that a call goes out as the ``level``-th in flight."""
        return Departure(level, self._epoch)

    def went_well(self, sent: Departure) -> None:
        """Take an answer into account."""
        if sent.epoch < self._epoch or self.level >= self.most or sent.level < self.level:
            return
        self._good += 1
        if self._is_trial and self._good >= self.level:
            self._settle()
        if not self._is_trial and self._good >= self._answers_before_a_step():
            self._step()

    def was_too_much(self, sent: Departure) -> None:
        """Take a refusal for too many calls into account; those that were sent before the last one tell nothing new."""
        if sent.epoch < self._epoch or sent.level == 1:
            return  # a single call cannot be one of too many
        self._epoch += 1
        self._rarity = min(_RAREST, self._rarity * 2) if self._is_trial else 1
        self.level, self._too_much = self._lower(sent.level)
        self._good, self._is_trial = 0, False

    def _lower(self, level: int) -> tuple[int, int]:
        """What may be borne, and what is not, after a refusal at a level."""
        if (
            level < self.level and not self._is_trial
        ):  # the endpoint was not busy with us: no more than this for now, and no less yet
            return level, level + 1
        if self._is_trial:
            return self._before, self._before + 1
        return max(1, int(level * DECREASE)), self.level

    def _answers_before_a_step(self) -> int:
        at_the_edge = self._too_much is not None and self.level + 1 >= self._too_much
        return min(_MOST_ANSWERS, self.level * _ROUNDS_BEFORE_A_TRY) * self._rarity if at_the_edge else self.level

    def _step(self) -> None:
        """Try a little more; in bolder steps as long as nothing has ever been too much."""
        self._before = self.level
        bold = self.level // 4 if self._too_much is None else 0
        self.level = min(self.most, self.level + max(1, bold))
        self._good, self._is_trial = 0, True

    def _settle(self) -> None:
        """The level that was tried is borne."""
        self._is_trial = False
        self._good = self.level  # its answers count towards the next step
        if self._too_much is not None and self.level >= self._too_much:
            self._too_much, self._rarity = None, 1
