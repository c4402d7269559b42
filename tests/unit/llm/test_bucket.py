"""A bucket turns away a flood and says for how long."""

from chorus.domain.rate import Rate
from chorus.llm import LoneProcess
from chorus.llm.bucket import Bucket


async def test_a_flood_is_turned_away_and_told_when_to_come_back() -> None:
    now_s = [100.0]
    bucket = Bucket(LoneProcess(lambda: now_s[0]), "api 192.0.2.7", Rate(10, 10.0))
    assert await bucket.refused_for_s() == 0
    wait_s = await bucket.refused_for_s()
    assert 0.9 < wait_s < 1.2
    now_s[0] += wait_s
    assert await bucket.refused_for_s() == 0


async def test_names_have_limits_of_their_own() -> None:
    fleet, rate = LoneProcess(lambda: 100.0), Rate(1, 10.0)
    assert await Bucket(fleet, "a", rate).refused_for_s() == 0
    assert await Bucket(fleet, "b", rate).refused_for_s() == 0
    assert await Bucket(fleet, "a", rate).refused_for_s() > 0


async def test_a_turn_that_is_waited_for_comes() -> None:
    bucket = Bucket(LoneProcess(), "jobs", Rate(100, 1.0))
    for _ in range(5):
        await bucket.wait()
