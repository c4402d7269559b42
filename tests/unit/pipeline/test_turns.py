"""The window: who may begin, and who may be committed."""

import asyncio

from chorus.pipeline.turns import Turns


async def test_turns_come_in_story_order_whoever_is_ready_first() -> None:
    turns, order = Turns([1, 2, 3, 4]), list[int]()

    async def take(number: int) -> None:
        await turns.until(number - 1)
        order.append(number)
        turns.pass_on(number)

    async with asyncio.TaskGroup() as group:
        for number in (4, 2, 3, 1):
            group.create_task(take(number))
    assert order == [1, 2, 3, 4]


async def test_what_is_not_waiting_holds_nobody_up() -> None:
    await Turns([7]).until(6)
    await Turns().until(100)
