"""Who may ask now: every attempt passes through here once, before it is sent.

Today it bounds the calls in flight. Token buckets, adaptive limits, the circuit breaker and budgets belong behind the
same door.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from chorus.llm.wire import ChatRequest


class Admission(Protocol):
    """Lets attempts through."""

    def enter(self, request: ChatRequest) -> AbstractAsyncContextManager[None]:
        """Wait until the attempt may be sent; leaving the context gives the place back."""


class InFlightLimit:
    """At most ``most`` attempts at once."""

    def __init__(self, most: int) -> None:
        """Open ``most`` places."""
        self._places = asyncio.Semaphore(most)

    @asynccontextmanager
    async def enter(self, request: ChatRequest) -> AsyncIterator[None]:  # noqa: ARG002 - all count alike here
        """Wait for a place."""
        async with self._places:
            yield
