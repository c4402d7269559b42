"""Asks until there is an answer or the decision is to stop: for embeddings and model lists, which no ledger keeps."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from chorus.domain.llm_call import Outcome
from chorus.llm.endpoint import Endpoint
from chorus.llm.failures import failure
from chorus.llm.resilience import Action, Patience, Situation, decide
from chorus.llm.wire import Reply


@dataclass(frozen=True, slots=True)
class Clockwork:
    """Time and chance, so that a test can hold both."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    dice: Callable[[], float] = random.random


async def persist[R: Reply](
    send: Callable[[float], Awaitable[R]],
    endpoint: Endpoint,
    purpose: str,
    patience: Patience,
    clockwork: Clockwork,
    *,
    proven: bool,
) -> R:
    """Send until it succeeds; ``send`` is told how many seconds it has.

    Raises:
        EndpointError: it did not succeed; ``purpose`` is named in the message, and ``outcome`` is that of the last try.

    """
    started_s, failures = clockwork.clock(), 0
    while True:
        elapsed_s = clockwork.clock() - started_s
        reply = await send(max(0.5, patience.deadline_s - elapsed_s))
        if reply.outcome is Outcome.OK:
            return reply
        failures += 1
        situation = Situation(
            outcome=reply.outcome,
            elapsed_s=clockwork.clock() - started_s,
            failures=failures,
            proven=proven,
            retry_after_s=reply.retry_after_s,
        )
        decision = decide(situation, patience, clockwork.dice)
        if decision.action is not Action.RETRY:
            given_up = failure(reply.outcome, endpoint, node=purpose, error=reply.error, tries=failures)
            given_up.outcome = reply.outcome
            raise given_up
        await clockwork.sleep(decision.wait_s)
