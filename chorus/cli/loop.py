"""One event loop for one command, and what Ctrl-C and SIGTERM do to it: stop in order, at the second time at once."""

import asyncio
import os
import signal
from collections.abc import Coroutine
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(Exception):
    """The command was asked to stop; ``exit_code`` is 130 after Ctrl-C and 143 after SIGTERM."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


def run[T](work: Coroutine[Any, Any, T]) -> T:
    """Run ``work`` to its end.

    Raises:
        Interrupted: a signal came; the work was cancelled and has put its things in order.
    """
    loop = asyncio.new_event_loop()
    task = loop.create_task(work)
    caught: list[int] = []
    for number in _SIGNALS:
        loop.add_signal_handler(number, _stop, task, caught, number)
    try:
        return loop.run_until_complete(task)
    except BaseException:
        if caught:
            raise Interrupted(caught[0]) from None
        raise
    finally:
        _close(loop, wait_for_threads=not caught)


def _stop(task: asyncio.Task[Any], caught: list[int], number: int) -> None:
    if caught:
        os._exit(128 + number)
    caught.append(number)
    task.cancel()


def _close(loop: asyncio.AbstractEventLoop, *, wait_for_threads: bool) -> None:
    """End what the work left running; a download in a thread is not waited for when somebody wants to go."""
    loop.run_until_complete(_cancel(asyncio.all_tasks(loop)))
    loop.run_until_complete(loop.shutdown_asyncgens())
    if wait_for_threads:
        loop.run_until_complete(loop.shutdown_default_executor())
    for number in _SIGNALS:
        loop.remove_signal_handler(number)
    loop.close()


async def _cancel(tasks: set[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
