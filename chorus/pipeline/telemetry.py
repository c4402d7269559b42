"""Tells an OpenTelemetry collector of a run's calls when work on it ends, as far as it was not told before.

What was told is kept as an event of the run, so a call is told once, whichever process made it, and again only if the
collector did not answer. A collector that is away costs a run nothing but a line in the log.
"""

import asyncio
import json
import logging
import urllib.request
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

from chorus import __version__
from chorus.domain.llm_call import LLMCall, Outcome
from chorus.domain.run import Run, RunEvent
from chorus.metrics.otlp import trace_of
from chorus.metrics.otlp_histograms import metrics_of
from chorus.store import Database, Transaction

TOLD = "telemetry"
PATIENCE_S = 5.0
AT_ONCE = 500
_log = logging.getLogger(__name__)


class Collector:
    """An OTLP endpoint that takes JSON over HTTP; ``prose``: it is told what was said too."""

    def __init__(
        self, store: Database, endpoint: str, headers: Mapping[str, str] = MappingProxyType({}), *, prose: bool = False
    ) -> None:
        self._store = store
        self._endpoint = endpoint.rstrip("/")
        self._headers = headers
        self._prose = prose

    async def tell(self, run_id: UUID) -> None:
        """Tell of every call of a run that has ended and was not told of yet."""
        async with self._store.reading() as tx:
            run = await tx.runs.load(run_id)
        await self._tell(run, lambda tx: tx.calls.list_of_run(run_id))

    async def tell_of_judging(self, story_id: UUID) -> None:
        """Tell of a story's calls that no run made, a judge's, as a trace of their own; noted with its newest run."""
        async with self._store.reading() as tx:
            run = await tx.runs.find_latest(story_id)
        if run:
            await self._tell(run, lambda tx: tx.calls.list_without_run(story_id))

    async def _tell(self, run: Run, found: Callable[[Transaction], Awaitable[list[LLMCall]]]) -> None:
        try:
            while calls := await self._untold(run, found):
                await asyncio.to_thread(self._post, "traces", trace_of(calls, prose=self._prose))
                await asyncio.to_thread(self._post, "metrics", metrics_of(calls))
                await self._note(run, calls)
        except (OSError, ValueError) as error:
            _log.warning("the collector at OTEL_EXPORTER_OTLP_ENDPOINT was not told: %s", error)

    async def _untold(self, run: Run, found: Callable[[Transaction], Awaitable[list[LLMCall]]]) -> list[LLMCall]:
        async with self._store.reading() as tx:
            events = await tx.runs.list_events_about(run.story_id, TOLD)
            told = {call_id for event in events for call_id in event.data.get("calls", [])}
            calls = await found(tx)
        return [call for call in calls if call.outcome is not Outcome.IN_FLIGHT and str(call.id) not in told][:AT_ONCE]

    async def _note(self, run: Run, calls: list[LLMCall]) -> None:
        data = {"calls": [str(call.id) for call in calls]}
        message = f"The collector was told of {len(calls)} calls."
        event = RunEvent(run_id=run.id, story_id=run.story_id, kind=TOLD, message=message, data=data)
        async with self._store.transaction() as tx:
            await tx.runs.record(event)

    def _post(self, signal: str, document: dict[str, Any]) -> None:
        ours = {"Content-Type": "application/json", "User-Agent": f"chorus/{__version__}"}
        request = urllib.request.Request(  # noqa: S310 - the settings say where, and want http or https
            f"{self._endpoint}/v1/{signal}", json.dumps(document).encode(), {**self._headers, **ours}
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
            answer.read()
