"""How a level is found: against a simulated endpoint that bears so many calls at once and refuses more."""

import heapq
from dataclasses import dataclass, field

import pytest

from chorus.llm.pace import FIRST_LEVEL, Departure, Pace


@dataclass
class Simulation:
    """Endless demand; every good answer takes a second, every refusal a hundredth."""

    pace: Pace
    now_s: float = 0.0
    good: int = 0
    refused: int = 0
    in_flight: int = 0
    served: int = 0
    endings: list[tuple[float, int, bool, Departure]] = field(default_factory=list)

    def run(self, seconds: float, bears: int) -> "Simulation":
        end_s = self.now_s + seconds
        while self.now_s < end_s:
            while self.in_flight < self.pace.level:
                self._send(bears)
            self.now_s, _, is_good, sent = heapq.heappop(self.endings)
            self._end(is_good, sent)
        return self

    def _send(self, bears: int) -> None:
        self.in_flight += 1
        is_good = self.served < bears
        self.served += is_good
        number = self.good + self.refused + self.in_flight
        ends_s = self.now_s + (1.0 + number % 7 / 100 if is_good else 0.01)
        heapq.heappush(self.endings, (ends_s, number, is_good, self.pace.departure(self.in_flight)))

    def _end(self, is_good: bool, sent: Departure) -> None:
        self.in_flight -= 1
        if is_good:
            self.served -= 1
            self.good += 1
            self.pace.went_well(sent)
        else:
            self.refused += 1
            self.pace.was_too_much(sent)


@pytest.mark.parametrize("most", [8, 16, 64])
def test_an_unknown_limit_is_found_and_kept_to_also_when_it_is_halved(most: int) -> None:
    simulation = Simulation(Pace(most)).run(60, bears=8).run(60, bears=4)
    assert simulation.good >= 0.85 * (60 * 8 + 60 * 4)
    assert simulation.refused <= 0.05 * (simulation.good + simulation.refused)


def test_a_limit_that_is_raised_is_found_too() -> None:
    simulation = Simulation(Pace(32)).run(60, bears=4).run(240, bears=16)
    assert simulation.pace.level >= 14


def test_an_endpoint_without_a_limit_gets_all_that_is_allowed() -> None:
    pace = Pace(32)
    assert pace.level == FIRST_LEVEL
    assert Simulation(pace).run(40, bears=1000).pace.level == 32


def test_news_about_calls_from_before_a_step_down_is_no_news() -> None:
    pace = Pace(8)
    sent = [pace.departure(level) for level in range(1, 9)]
    for each in sent[4:]:
        pace.was_too_much(each)
    assert pace.level == 5


def test_a_single_call_was_not_one_too_many() -> None:
    pace = Pace(8)
    pace.was_too_much(pace.departure(1))
    assert pace.level == 8
