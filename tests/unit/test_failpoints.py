from collections.abc import Iterator

import pytest

from chorus.failpoints import Failpoint, arm, disarm, reach


@pytest.fixture(autouse=True)
def harmless_afterwards() -> Iterator[None]:
    yield
    disarm()


def test_a_point_that_nobody_armed_is_passed() -> None:
    for point in Failpoint:
        reach(point)


def test_only_the_armed_point_acts_and_every_time() -> None:
    met: list[Failpoint] = []
    arm(Failpoint.IN_FLIGHT, lambda: met.append(Failpoint.IN_FLIGHT))
    for point in [*Failpoint, Failpoint.IN_FLIGHT]:
        reach(point)
    assert met == [Failpoint.IN_FLIGHT] * 2
