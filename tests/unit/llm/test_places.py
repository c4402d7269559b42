"""Places in flight: first come, first served, and nobody is held up by somebody else's endpoint."""

import asyncio

import pytest

from chorus.llm.places import Places


async def test_places_are_given_in_the_order_of_asking() -> None:
    places, order = Places(1), []

    async def visit(name: str) -> None:
        await places.enter("here")
        order.append(name)
        await asyncio.sleep(0)
        places.leave("here")

    await asyncio.gather(*(visit(name) for name in "abcde"))
    assert order == list("abcde")


async def test_a_busy_endpoint_holds_up_only_its_own_calls() -> None:
    places = Places(3)
    places.pace_of("slow").level = 1
    await places.enter("slow")
    waiting = asyncio.create_task(places.enter("slow"))
    await asyncio.sleep(0)
    await asyncio.wait_for(places.enter("fast"), 1)
    assert not waiting.done()
    places.leave("slow")
    await asyncio.wait_for(waiting, 1)


async def test_who_goes_away_takes_no_place_along() -> None:
    places = Places(1)
    await places.enter("here")
    gone = [asyncio.create_task(places.enter("here")) for _ in range(3)]
    last = asyncio.create_task(places.enter("here"))
    await asyncio.sleep(0)
    places.leave("here")
    for task in gone:
        task.cancel()
    await asyncio.gather(*gone, return_exceptions=True)
    await asyncio.wait_for(last, 1)
    places.leave("here")
    await asyncio.wait_for(places.enter("here"), 1)


async def test_a_place_that_came_together_with_the_cancellation_is_given_back() -> None:
    places = Places(1)
    await places.enter("here")
    task = asyncio.create_task(places.enter("here"))
    await asyncio.sleep(0)
    places.leave("here")  # its place is given
    task.cancel()  # and it never hears of it
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(places.enter("here"), 1)
