"""What many tasks want written goes together, and each hears how its own fared."""

import asyncio

import pytest

from chorus.errors import DatabaseUnavailable
from chorus.store.together import MOST_AT_ONCE, Together


class Writer:
    """Writes numbers, slowly; refuses those below zero."""

    def __init__(self, error: Exception | None = None) -> None:
        self.written: list[list[int]] = []
        self.tries = 0
        self._error = error

    async def __call__(self, numbers: list[int]) -> None:
        self.tries += 1
        await asyncio.sleep(0.001)
        if self._error:
            raise self._error
        if any(number < 0 for number in numbers):
            raise ValueError(f"{numbers} cannot be written")
        self.written.append(numbers)


async def test_one_alone_waits_for_nobody() -> None:
    write = Writer()
    await Together(write).add(1)
    assert write.written == [[1]]


async def test_what_comes_meanwhile_goes_with_the_next() -> None:
    write = Writer()
    together = Together(write)
    await asyncio.gather(*(together.add(number) for number in range(5)))
    assert write.written == [[0, 1, 2, 3, 4]]
    first = asyncio.create_task(together.add(5))
    await asyncio.sleep(0.0005)  # on its way
    await asyncio.gather(first, together.add(6), together.add(7))
    assert write.written[1:] == [[5], [6, 7]]


async def test_not_more_than_so_many_at_once() -> None:
    write = Writer()
    together = Together(write)
    await asyncio.gather(*(together.add(number) for number in range(2 * MOST_AT_ONCE + 1)))
    assert [len(numbers) for numbers in write.written] == [MOST_AT_ONCE, MOST_AT_ONCE, 1]


async def test_one_that_cannot_be_written_does_not_take_the_others_with_it() -> None:
    write = Writer()
    together = Together(write)
    ends = await asyncio.gather(*(together.add(number) for number in (1, -2, 3)), return_exceptions=True)
    assert ends[0] is None
    assert isinstance(ends[1], ValueError)
    assert ends[2] is None
    assert write.written == [[1], [3]]


async def test_a_database_that_is_away_is_asked_once() -> None:
    write = Writer(DatabaseUnavailable("It is away."))
    together = Together(write)
    ends = await asyncio.gather(*(together.add(number) for number in range(3)), return_exceptions=True)
    assert all(isinstance(end, DatabaseUnavailable) for end in ends)
    assert write.tries == 1


async def test_who_gives_up_does_not_hold_the_others_up() -> None:
    write = Writer()
    together = Together(write)
    gone, stays = asyncio.create_task(together.add(1)), asyncio.create_task(together.add(2))
    await asyncio.sleep(0)
    gone.cancel()
    await stays
    with pytest.raises(asyncio.CancelledError):
        await gone
    await together.add(3)
    assert write.written == [[1, 2], [3]]
