"""The one event loop of the app's process, on a thread of its own, and the one studio that lives on it.

Streamlit runs every script in a new thread, and an async client made on one loop dies with it ("Event loop is
closed"). So no page owns a loop: it hands a question to this one and waits for the answer.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import streamlit as st

from chorus.errors import ConfigError, DatabaseUnavailable
from chorus.studio import Studio, open_studio
from chorus.ui.rest import set_aside
from chorus.ui.visitor import as_allowed, role_here

OPENING_TIMEOUT_S = 120.0  # the first start of the embedded Postgres sets its files up
ANSWER_TIMEOUT_S = 20.0
TRY_AGAIN = "retry"
"""Key of the button by which a person tries again."""


class Backend:
    """A thread with an event loop, and a studio that is opened when it is first needed."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._opening = asyncio.Lock()
        self._studio: Studio | None = None
        self._was_open = False
        self._closing = asyncio.Event()
        self._host: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="chorus-studio", daemon=True)
        self._thread.start()

    def run[T](self, ask: Callable[[Studio], Awaitable[T]], timeout_s: float = ANSWER_TIMEOUT_S) -> T:
        """Ask the studio something and wait for the answer.

        Raises:
            DatabaseUnavailable: nobody answers; the next question opens the studio anew. A database that somebody has
                stopped is left alone until a person tries again.
            NotAllowed: a viewer asks for a change.
            ChorusError: whatever the studio says.
        """
        role = role_here()
        studio = self._wait(self._open(asked=bool(st.session_state.get(TRY_AGAIN))), OPENING_TIMEOUT_S)
        try:
            return self._wait(_answer(ask, as_allowed(studio, role)), timeout_s)
        except (DatabaseUnavailable, ConfigError):
            self._wait(self._let_go(studio), timeout_s)
            raise

    @property
    def is_open(self) -> bool:
        """Whether the studio is open, so that an answer comes at once."""
        return self._studio is not None

    def begin[T](self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Let something go on behind the pages; it needs no studio, and may be asked later whether it is done."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def start[T](self, ask: Callable[[Studio], Awaitable[T]]) -> Future[T]:
        """Let the studio do something behind the pages, however long it takes."""
        role = role_here()

        async def work() -> T:
            return await ask(as_allowed(await self._open(), role))

        return self.begin(work())

    def close(self) -> None:
        """Close the studio, end the loop and its thread."""
        self._wait(self._let_go(self._studio), ANSWER_TIMEOUT_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(ANSWER_TIMEOUT_S)
        self._loop.close()

    def _wait[T](self, work: Coroutine[Any, Any, T], timeout_s: float) -> T:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(timeout_s)
        except TimeoutError as error:
            future.cancel()
            raise DatabaseUnavailable(f"There was no answer within {timeout_s:.0f} s.") from error

    async def _open(self, *, asked: bool = False) -> Studio:
        async with self._opening:
            if self._studio is None:
                opened: asyncio.Future[Studio] = self._loop.create_future()
                self._closing = asyncio.Event()
                self._host = self._loop.create_task(
                    _keep_open(opened, self._closing, again=self._was_open and not asked)
                )
                self._studio = await opened
                self._was_open = True
                set_aside()
            return self._studio

    async def _let_go(self, studio: Studio | None) -> None:
        """Close ``studio``, unless another question has already replaced it."""
        async with self._opening:
            if studio is None or studio is not self._studio:
                return
            self._studio = None
            self._closing.set()
            if self._host:
                await asyncio.wait([self._host], timeout=5)


async def _keep_open(opened: asyncio.Future[Studio], closing: asyncio.Event, *, again: bool) -> None:
    """Enter and leave the studio in one task, as async context managers want it."""
    try:
        async with open_studio(again=again) as studio:
            if opened.cancelled():
                return
            opened.set_result(studio)
            await closing.wait()
    except Exception as error:
        if opened.done():
            raise
        opened.set_exception(error)


async def _answer[T](ask: Callable[[Studio], Awaitable[T]], studio: Studio) -> T:
    return await ask(studio)


@st.cache_resource(show_spinner="Opening the studio…", on_release=lambda released: released.close())
def backend() -> Backend:
    """The backend of this process; every session shares it."""
    return Backend()


def waking() -> AbstractContextManager[None]:
    """Say so while the studio is opened; afterwards nothing."""
    return nullcontext() if backend().is_open else st.spinner("Opening the studio…")
